"""What `scripts/demo --once` proves: what is served is what a bare build of that commit makes."""

import hashlib
import pathlib
import re
import shutil
import subprocess
import tempfile

from .api import Api, fetch
from .deploying import deploy, wait_for_edge
from .repository import Repository
from .say import Stop, step

NAMED = re.compile(r"""(?:src|href)=["'](/[^"'#?]+)["']""")


def bare_build(bare: pathlib.Path, commit: str, output: str = "dist") -> dict[str, str]:
    """Clones the commit into a separate folder and builds it with nothing of Slipway: path → SHA-256 of each file."""
    with tempfile.TemporaryDirectory(prefix="bare-build-") as folder:
        clone = pathlib.Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", bare, clone], check=True)
        subprocess.run(["git", "-C", clone, "checkout", "--quiet", "--detach", commit], check=True)
        if (clone / "package.json").exists():
            install(clone)
            run(["npm", "run", "build"], clone)
        root = clone / output
        files = [file for file in root.rglob("*") if file.is_file()]
        return {str(file.relative_to(root)): sha256(file.read_bytes()) for file in files}


def install(clone: pathlib.Path) -> None:
    # Some versions of npm 11 refuse lockfiles that npm 10 wrote; the builder falls back in the same way.
    if run(["npm", "ci", "--no-audit", "--no-fund"], clone, must=False) != 0:
        run(["npx", "--yes", "npm@10", "ci", "--no-audit", "--no-fund"], clone)


def run(command: list[str], folder: pathlib.Path, must: bool = True) -> int:
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if must and done.returncode != 0:
        raise Stop(f"{' '.join(command)} failed in the bare build:\n{done.stdout[-2000:]}")
    return done.returncode


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def served(port: int, host: str) -> dict[str, str]:
    """Fetches the start page and every asset it names through the edge: path → SHA-256."""
    status, headers, page = fetch(port, host, "/")
    if status != 200:
        raise Stop(f"http://{host}/ answered {status}")
    found = {"index.html": sha256(page)}
    for path in sorted(set(NAMED.findall(page.decode()))):
        status, headers, content = fetch(port, host, path)
        if status != 200:
            raise Stop(f"http://{host}{path} answered {status}")
        found[path.lstrip("/")] = sha256(content)
    if len(found) < 2:
        raise Stop(f"the page at http://{host}/ names no asset")
    return found


def same(what: str, found: dict[str, str], built: dict[str, str]) -> None:
    """Stops unless each served file is the built one."""
    wrong = [path for path, digest in found.items() if built.get(path) != digest]
    if wrong:
        raise Stop(f"{what}: not the bytes of a bare build: {', '.join(wrong)}")


def verify(api: Api, port: int, project: dict, repository: Repository, first: dict, change) -> dict:
    """Compares the live site with a bare build; changes a line, deploys again, compares; rolls back, compares."""
    host = f"{project['slug']}.localhost:{port}"
    immutable = f"{first['id']}--{host}"
    with step("compare the live site with a bare build of its commit"):
        before = bare_build(repository.bare, first["commit"])
        same("the live site", served(port, host), before)
        same("the deployment's own address", served(port, immutable), before)
    with step("change a line, push, deploy again"):
        change(repository)
        commit = repository.commit("A changed line")
        second = deploy(api, project)
        if second["commit"] != commit:
            raise Stop(f"deployed {second['commit']} instead of {commit}")
        wait_for_edge(api, project, second["id"])
    with step("compare the new version with a bare build of its commit"):
        after = bare_build(repository.bare, commit)
        if after == before:
            raise Stop("the changed line changed no file")
        same("the live site", served(port, host), after)
        same("the first deployment's own address", served(port, immutable), before)
    with step("roll back with one call"):
        rolled = api.post(f"/projects/{project['id']}/rollback")
        if rolled["live"] != first["id"] or not rolled["pinned"]:
            raise Stop(f"the roll back led to {rolled}")
        wait_for_edge(api, project, first["id"])
        same("the site after the roll back", served(port, host), before)
        same("the second deployment's own address", served(port, f"{second['id']}--{host}"), after)
    return {"first": first["id"], "second": second["id"], "files_compared": len(before) + len(after)}


def remove(folder: pathlib.Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
