#!/usr/bin/env python3
"""bench/share.py: what Slipway itself adds to a build.

Each round deploys a repository with a project of its own, from the trigger's answer to the first 200 of the live site
through the edge, and takes off what the builder logs for clone, install and build. Before or after it, in turn, the same
commit is built bare: git clone && npm ci && npm run build, with an empty npm cache, as the builder has it.

Wall time depends on who else is working on the machine; the order of magnitude of each part does not."""

import argparse
import datetime
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from place import Place, a_place  # noqa: E402
from laptop.account import sign_in  # noqa: E402
from laptop.api import fetch  # noqa: E402
from laptop.build import build_binaries  # noqa: E402
from laptop.paths import EXAMPLES  # noqa: E402
from laptop.say import Stop, say, wait_for  # noqa: E402

PARTS = ["trigger", "start", "clone", "install", "build", "between", "upload", "commit to live", "live"]
MEANING = {
    "trigger": "the trigger's own call, before it is accepted",
    "start": "accepted → the builder fetches",
    "clone": "clone, as logged",
    "install": "install, as logged",
    "build": "build, as logged",
    "between": "between those stages",
    "upload": "hash, compress, upload, as logged",
    "commit to live": "log stored, commit, edge, first 200",
    "live": "accepted → live",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--example", default="vite-react")
    parser.add_argument("--no-build", action="store_true", help="measure the binaries that are there")
    options = parser.parse_args()
    try:
        if not options.no_build:
            build_binaries()
        with a_place() as place:
            sign_in(place.api, place.state)
            measure(place, options)
    except Stop as stop:
        say(str(stop))
        return 1
    return 0


def measure(place: Place, options: argparse.Namespace) -> None:
    repository = place.repository(EXAMPLES / options.example, options.example)
    url = place.git.url(repository.bare.name)
    ours, bare, loads = [], [], [os.getloadavg()[0]]
    # The first round warms what stays warm (file cache, function processes) and is not counted.
    for round in range(options.rounds + 1):
        pair = [lambda: deploy(place, url, f"share-{round}"), lambda: build_bare(url)]
        order = (0, 1) if round % 2 == 0 else (1, 0)
        results = {which: pair[which]() for which in order}
        loads.append(os.getloadavg()[0])
        say(f"  round {round}: Slipway {results[0]['live']:.2f} s, bare {results[1]['seconds']:.2f} s, load {loads[-1]:.1f}")
        if round:
            ours.append(results[0])
            bare.append(results[1])
    report(ours, bare, loads)


def deploy(place: Place, url: str, slug: str) -> dict:
    project = place.api.post("/projects", {"slug": slug, "repository": url, "branch": "main"})
    place.settled(1.0)
    host = f"{slug}.localhost:{place.port}"
    asked = time.time()
    deployment = place.api.post(f"/projects/{project['id']}/deployments")["id"]
    accepted = time.time()
    wait_for(f"http://{host}/ to answer 200", lambda: fetch(place.port, host, "/")[0] == 200, 300, every=0.02)
    live = time.time()
    place.settled(1.0)
    return {"trigger": accepted - asked, **parts(place, project["id"], deployment, accepted, live)}


def parts(place: Place, project: str, deployment: str, accepted: float, live: float) -> dict:
    """Where the time went, by the log's own lines. A stage's end has a time in milliseconds; its length is rounded to tenths
    of a second, so a stage begins where the line says that its first command does."""
    lines, start = [], 0
    while True:
        log = place.api.get(f"/projects/{project}/deployments/{deployment}/log?from={start}")
        lines += log["lines"]
        start = log["next"]
        if log["retry_after_ms"] is None:
            break
    begun, ended = {}, {}
    for line in lines:
        if line["stream"] == "slipway":
            at = datetime.datetime.fromisoformat(line["at"]).timestamp()
            begun.setdefault(line["stage"], at)
            if re.fullmatch(rf"{line['stage']}: [\d.]+ s", line["text"]):
                ended[line["stage"]] = at
    length = {stage: ended[stage] - begun[stage] for stage in ("clone", "install", "build")}
    return {
        "start": begun["clone"] - accepted,
        **length,
        "between": begun["install"] - ended["clone"] + begun["build"] - ended["install"],
        "upload": ended["upload"] - ended["build"],
        "commit to live": live - ended["upload"],
        "live": live - accepted,
        "own": live - accepted - sum(length.values()),
    }


def build_bare(url: str) -> dict:
    with tempfile.TemporaryDirectory(prefix="bare-") as folder:
        environment = {**os.environ, "npm_config_cache": f"{folder}/npm-cache", "CI": "true"}
        started = time.time()
        # With times between the commands, which cost nothing.
        script = f"git clone --quiet {url} app && cd app && date +%s.%N && npm ci --no-audit --no-fund >&2 && date +%s.%N && npm run build >&2 && date +%s.%N"
        with open(f"{folder}/output", "w+b") as output:
            # In a session of its own, as a build task is: where the kernel shares the machine out among sessions, only then do
            # both get the same part of a busy one.
            process = subprocess.Popen(["sh", "-c", script], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=output, start_new_session=True)
            times = [float(line) for line in process.stdout.read().split()]
            if process.wait() != 0:
                output.seek(0)
                raise Stop(f"the bare build failed:\n{output.read().decode(errors='replace')[-2000:]}")
        clone, install, build = (after - before for before, after in zip([started, *times], times))
        return {"seconds": times[-1] - started, "clone": clone, "install": install, "build": build}


def report(ours: list[dict], bare: list[dict], loads: list[float]) -> None:
    def middle(results: list[dict], key: str) -> float:
        return statistics.median(result[key] for result in results)

    print(f"{len(ours)} interleaved rounds, seconds; load average {min(loads):.1f} to {max(loads):.1f} on {os.cpu_count()} cores\n")
    print("| part | Slipway, median | least | most | bare, median |\n|---|---|---|---|---|")
    for part in PARTS:
        values = [result[part] for result in ours]
        beside = middle(bare, "seconds" if part == "live" else part) if part in ("clone", "install", "build", "live") else None
        print(f"| {MEANING[part]} | {statistics.median(values):.3f} | {min(values):.3f} | {max(values):.3f} | {'' if beside is None else f'{beside:.3f}'} |")
    own = [result["own"] for result in ours]
    share = [result["own"] / other["seconds"] for result, other in zip(ours, bare)]
    whole = [result["live"] / other["seconds"] for result, other in zip(ours, bare)]
    print(f"| **own share** (live − clone − install − build) | {statistics.median(own):.3f} | {min(own):.3f} | {max(own):.3f} | |")
    print(f"| **own share of the bare build** | {statistics.median(share):.1%} | {min(share):.1%} | {max(share):.1%} | |")
    print(f"| live beside the bare build | {statistics.median(whole):.2f}× | {min(whole):.2f}× | {max(whole):.2f}× | |")


sys.exit(main())
