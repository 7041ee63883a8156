#!/usr/bin/env python3
"""bench/requests.py: requests to AWS per step, counted at the laptop platform's wire, and the builder's own.

Calls of the sweeper, which go on whatever happens, are left out. Counts do not depend on the machine."""

import argparse
import collections
import os
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from place import Place, a_place  # noqa: E402
from laptop.api import fetch  # noqa: E402
from laptop.build import build_binaries  # noqa: E402
from laptop.counting_proxy import CountingProxy  # noqa: E402
from laptop.platform import claim_code  # noqa: E402
from laptop.say import Stop, say, step  # noqa: E402

PAGE = "<!doctype html><title>{n}</title>" + "<p>some words that repeat</p>" * 60
ACCOUNT = {"email": "owner@example.com", "password": "a password for a bench"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--no-build", action="store_true", help="measure the binaries that are there")
    options = parser.parse_args()
    try:
        if not options.no_build:
            build_binaries()
        measure(options.files)
    except Stop as stop:
        say(str(stop))
        return 1
    return 0


def measure(files: int) -> None:
    proxy = CountingProxy()
    with tempfile.TemporaryDirectory(prefix="requests-") as folder:
        source = pathlib.Path(folder) / "source"
        (source / "pages").mkdir(parents=True)
        for n in range(files - 1):
            (source / "pages" / f"{n}.html").write_text(PAGE.replace("{n}", str(n)))
        (source / "index.html").write_text("<!doctype html><title>home</title>")
        with a_place(proxy.image(pathlib.Path(folder))) as place:
            proxy.target = place.port
            Steps(place, proxy, source, files).run()
    print(f"\nload average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


class Steps:
    """The steps of a site's life, one after the other."""

    def __init__(self, place: Place, proxy: CountingProxy, source: pathlib.Path, files: int):
        self.place, self.proxy, self.source, self.files = place, proxy, source, files
        self.found: list[dict] | None = None

    def run(self) -> None:
        place, api = self.place, self.place.api
        place.settled()
        self.head()
        with self.step("claim"):
            api.post("/auth/claim", {"code": claim_code(place.state), **ACCOUNT})
        with self.step("sign in"):
            api.token = api.post("/auth/sessions", ACCOUNT)["token"]
        repository = place.repository(self.source, "bench-pages")
        with self.step("create a project"):
            project = api.post("/projects", {"slug": "bench-pages", "repository": place.git.url(repository.bare.name), "branch": "main"})
        with self.step("read a project"):
            api.get(f"/projects/{project['id']}")
        first = self.deploy(project, f"deploy {self.files} files, the first time")
        for changed in (0, 1, 10):
            for n in range(changed):
                (repository.working_copy / "pages" / f"{n}.html").write_text(PAGE.replace("{n}", f"{n}, one of {changed}"))
            repository.commit(f"{changed} changed")
            self.deploy(project, f"deploy again, {changed} changed", changed)
        with self.step("read a log"):
            api.get(f"/projects/{project['id']}/deployments/{first}/log")
        # In this order, since what is rolled back is pinned, and rolled back no further.
        with self.step("roll back"):
            api.post(f"/projects/{project['id']}/rollback")
        with self.step("promote"):
            api.post(f"/projects/{project['id']}/deployments/{first}/promote")
        host = f"{project['slug']}.localhost:{place.port}"
        for what, path in (("a page, the first request of a deployment", "/pages/7"), ("a page, the manifest known", "/pages/8"), ("a page that is not there", "/nothing")):
            with self.step(what):
                fetch(place.port, host, path)
        _, headers, _ = fetch(place.port, host, "/pages/8")
        place.settled()
        with self.step("a page that the browser has (304)"):
            status, _, _ = fetch(place.port, host, "/pages/8", {"if-none-match": headers["etag"]})
            if status != 304:
                raise Stop(f"answered {status} instead of 304")
        place.settled()

    def deploy(self, project: dict, what: str, changed: int | None = None) -> str:
        """A deployment without anybody looking, so that nobody's polling is counted."""
        self.proxy.taken()
        with self.step(what):
            deployment = self.place.api.post(f"/projects/{project['id']}/deployments")["id"]
            # The build begins a moment after the trigger's own calls, and its task ends a moment after the build's.
            self.found = self.place.settled(8)
        state = self.place.api.get(f"/projects/{project['id']}/deployments/{deployment}")
        if state["status"] != "ready":
            raise Stop(f"the deployment is {state['status']}: {state.get('failure')}")
        self.place.settled()
        counted = collections.Counter(name for _, name, _ in self.proxy.taken())
        puts = sum(call["action"] == "PutObject" and "/blobs/" in call["resource"] for call in self.found)
        without_log = sum(counted.values()) - counted["log"] + puts
        k = self.files if changed is None else changed
        print(f"|  | builder, to API and S3 | {', '.join(f'{n} {name}' for name, n in sorted(counted.items()))}, {puts} PUT: {without_log} besides the log; the budget k + 3 + ⌈k/500⌉ is {k + 3 + -(-k // 500)} | |")
        return deployment

    def step(self, what: str) -> "Counted":
        return Counted(self, what)

    def head(self) -> None:
        print("| step | by | requests to AWS | kB sent |\n|---|---|---|---|")


class Counted:
    """Prints what was called within."""

    def __init__(self, steps: Steps, what: str):
        self.steps, self.what = steps, what

    def __enter__(self):
        self.steps.found = None
        return self

    def __exit__(self, kind, *_):
        if kind:
            return
        found = self.steps.found if self.steps.found is not None else self.steps.place.settled()
        by = collections.defaultdict(collections.Counter)
        sent = collections.Counter()
        for call in found:
            who = (call["function"] or "-").removesuffix("Function")
            if call["action"] == "PutObject" and "/blobs/" in call["resource"]:
                who = "builder, with an address signed by Uploads"
            by[who][f"{call['service']}:{call['action']}"] += 1
            sent[who] += call["request_bytes"]
        what = self.what
        if not found:
            print(f"| {what} | | none | |")
        for who in sorted(by):
            print(f"| {what} | {who} | {', '.join(f'{n} {action}' for action, n in sorted(by[who].items()))} | {sent[who] / 1e3:.1f} |")
            what = ""
        total = collections.Counter(call["service"] for call in found)
        if len(by) > 1:
            print(f"|  | **all** | {', '.join(f'{n} {service}' for service, n in sorted(total.items()))} | {sum(sent.values()) / 1e3:.1f} |")
        sys.stdout.flush()


sys.exit(main())
