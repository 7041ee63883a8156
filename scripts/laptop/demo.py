"""scripts/demo: builds Slipway, starts it, deploys a repository, prints its live URL, stays up."""

import argparse
import json
import pathlib
import re
import secrets
import signal
import subprocess
import sys
import time

from .account import sign_in
from .api import Api, Refused, fetch
from .build import build_binaries
from .deploying import deploy, project_for, show_line, wait_for_edge
from .git_server import GitServer
from .paths import EXAMPLES, ROOT, STATE
from .platform import Platform, claim_code, free_port, is_free, running
from .repository import Repository
from .say import Stop, say, step
from .tools import need
from .verify import remove, verify

DEFAULT_PORT = 8787
# What ends the demo besides Ctrl-C.
ENDINGS = (signal.SIGTERM, signal.SIGHUP)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="deploy, change, deploy again, roll back, compare, and end")
    parser.add_argument("--repository", metavar="URL", help="deploy this repository instead of the example")
    parser.add_argument("--branch", default="main", help="its branch (main)")
    parser.add_argument("--example", default="vite-react", help="the folder of examples/ to deploy (vite-react)")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON on standard output")
    parser.add_argument("--port", type=int, help=f"the port of sites and API ({DEFAULT_PORT}, or a free one)")
    parser.add_argument("--state", metavar="FOLDER", type=pathlib.Path, help="where everything is kept (.slipway/demo); not with --once, which keeps nothing")
    parser.add_argument("--reset", action="store_true", help="forget everything the demo has stored first")
    options = parser.parse_args()
    if options.once and options.state:
        parser.error("--once keeps nothing; leave out --state")
    options.state = STATE / f"once-{secrets.token_hex(4)}" if options.once else (options.state or STATE / "demo").resolve()
    return options


def main() -> int:
    options = arguments()
    for ending in ENDINGS:
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    try:
        return demo(options)
    except KeyboardInterrupt:
        kept = f"the next start goes on from what is kept under {shown(options.state)}"
        say(f"\nstopped; {kept if options.state.exists() else 'nothing of it is kept'}")
        return 130
    except (Stop, Refused) as stop:
        say(f"\n{stop}")
        if options.json:
            print(json.dumps({"error": str(stop)}), flush=True)
        return 1


def demo(options: argparse.Namespace) -> int:
    state = options.state
    if told := running(state):
        raise Stop(f"the demo runs already: API and sites on {told['public']} (process {told['pid']})")
    # What is not the demo's own is neither mixed with it nor removed by --reset.
    if state.exists() and not (state / "claim-code").exists() and not (state.is_dir() and not any(state.iterdir())):
        raise Stop(f"{state} holds something else than a demo; name an empty folder or a new one with --state")
    if options.reset:
        remove(state)
    started = time.monotonic()
    check_tools()
    build_binaries()
    port = choose_port(options)
    platform = server = None
    try:
        with step("start the platform"):
            platform = Platform.start(state, port)
        api = Api(platform.port)
        account = sign_in(api, state)
        server = serve_repositories(state)
        repository = None if options.repository else example(options, state)
        url = options.repository or server.url(repository.bare.name)
        slug = slug_of(options)
        project = project_for(api, slug, url, options.branch)
        with step(f"deploy {url}"):
            deployment = deploy(api, project, None if options.json else show_line, branch=options.branch)
            # One that was deployed before may have been rolled back since; that is left as it is.
            if deployment["live"]:
                project = wait_for_edge(api, project, deployment["id"])
        outcome = {
            "url": project["url"],
            "deployment_url": deployment["url"],
            "api": f"http://127.0.0.1:{platform.port}",
            "aws_endpoint": platform.aws,
            "account": account,
            "claim_code": claim_code(state),
            "project": project["id"],
            "deployment": deployment["id"],
            "working_copy": str(repository.working_copy) if repository else None,
            "seconds": round(time.monotonic() - started, 1),
        }
        if options.once:
            status, _, _ = fetch(platform.port, f"{project['slug']}.localhost:{platform.port}", "/")
            if status != 200:
                raise Stop(f"{project['url']} answers {status}")
            # Only the default example is known well enough to be built apart and changed.
            known = repository and options.example == "vite-react"
            outcome["verified"] = None
            if known:
                outcome["verified"] = verify(api, platform.port, project, repository, deployment, change_a_line)
        report(options, outcome)
        if not options.once:
            wait_until_stopped(platform)
        return 0
    finally:
        # An impatient second Ctrl-C must not leave half of it behind.
        for ending in (signal.SIGINT, *ENDINGS):
            signal.signal(ending, signal.SIG_IGN)
        if platform:
            platform.stop()
        if server:
            server.close()
        if options.once:
            remove(state)


def check_tools() -> None:
    need("git", "git", "repositories are cloned with it")
    need("bwrap", "bubblewrap", "builds are isolated with it")
    need("npm", "nodejs npm", "the example is built with it")


def choose_port(options: argparse.Namespace) -> int:
    wanted = options.port or DEFAULT_PORT
    if options.once and not options.port:
        return free_port()
    if is_free(wanted):
        return wanted
    if options.port:
        raise Stop(f"port {wanted} is taken; choose another with --port")
    port = free_port()
    say(f"  port {wanted} is taken; using {port}")
    return port


def serve_repositories(state: pathlib.Path) -> GitServer:
    """On the port of the last time, if it can be had: projects remember their repository's address."""
    repositories = state / "repositories"
    repositories.mkdir(exist_ok=True)
    remembered = state / "git-port"
    port = int(remembered.read_text()) if remembered.exists() else 0
    if port and not is_free(port):
        raise Stop(f"port {port}, on which the demo serves its Git repository, is taken; free it or use --reset")
    server = GitServer(repositories, port)
    remembered.write_text(str(server.port))
    return server


def example(options: argparse.Namespace, state: pathlib.Path) -> Repository:
    source = EXAMPLES / options.example
    if not source.is_dir():
        raise Stop(f"there is no examples/{options.example}")
    return Repository.of_files(source, state / "working-copy" / options.example, state / "repositories" / options.example)


def slug_of(options: argparse.Namespace) -> str:
    if not options.repository:
        return f"demo-{options.example}"
    name = options.repository.rstrip("/").removesuffix(".git").rsplit("/", 1)[-1]
    # Behind a prefix no name is reserved.
    return "demo-" + (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:30].strip("-") or "site")


def change_a_line(repository: Repository) -> None:
    """Changes the example's version line to one that no build has ever seen."""
    page = repository.working_copy / "src" / "App.tsx"
    text = page.read_text()
    changed = re.sub(r"Version [\w-]+", f"Version {secrets.token_hex(6)}", text, count=1)
    if changed == text:
        raise Stop("the example's page has no version line to change")
    page.write_text(changed)


def report(options: argparse.Namespace, outcome: dict) -> None:
    if options.json:
        print(json.dumps(outcome, indent=2), flush=True)
        return
    account = outcome["account"]
    working_copy = outcome["working_copy"]
    api = outcome["api"]
    say(f"""
  Live           {outcome['url']}
  This version   {outcome['deployment_url']}
  API            {api}
  Claim code     {outcome['claim_code']}  (used: this account claimed the installation with it)
  Account        {account['email']}  password {account['password']}
  Working copy   {working_copy or '-'}
  Took           {outcome['seconds']} s
""")
    if options.once:
        return
    relative = shown(pathlib.Path(working_copy)) if working_copy else None
    here = f"/projects/{outcome['project']}"
    credentials = json.dumps({"email": account["email"], "password": account["password"]})
    say("  Next, in another terminal:")
    if relative and (ROOT / relative / "src" / "App.tsx").exists():
        say(f"    sed -i 's/Version [0-9a-z-]*/Version 2/' {relative}/src/App.tsx")
    if relative:
        say(f"    git -C {relative} commit --all --message 'Version 2' && git -C {relative} push origin HEAD:main")
    say(f"    TOKEN=$(curl -s {api}/auth/sessions -H 'content-type: application/json' -d '{credentials}' | python3 -c 'import json,sys; print(json.load(sys.stdin)[\"token\"])')")
    say(f"    curl -s {api}{here}/deployments -H \"authorization: Bearer $TOKEN\" -H 'content-type: application/json' -d '{{}}'")
    say(f"    curl -s {api}{here}/rollback -H \"authorization: Bearer $TOKEN\" -H 'content-type: application/json' -d '{{}}'")
    say(f"\n  Ctrl-C stops the platform; everything is kept under {shown(options.state)} for the next start.")


def shown(path: pathlib.Path) -> pathlib.Path:
    """A path as commands take it that are run in the checkout."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def wait_until_stopped(platform: Platform) -> None:
    platform.process.wait()
    tail = subprocess.run(["tail", "-n", "15", platform.state / "logs" / "platform.log"], capture_output=True, text=True)
    raise Stop(f"the platform ended by itself:\n{tail.stdout}")
