"""How far a deployment has come, how it ends, and whether any process of a build is left."""

import pathlib
import re

from laptop.api import Api
from laptop.say import wait_for

# From the trigger to the page, as far as can be seen from outside.
PHASES = ["queued", "clone", "install", "build", "upload", "commit", "unsynced", "ready"]
# What a stage says last: `clone: 0.8 s`.
STAGE_OVER = re.compile(r"(clone|install|build|upload): \d")


def phase_of(api: Api, project: dict, deployment: str) -> str:
    """Told by the state and, while it builds, by the last line of the log."""
    place = f"/projects/{project['id']}"
    status = api.get(f"{place}/deployments/{deployment}")["status"]
    if status == "queued":
        return "queued"
    if status == "building":
        lines = api.get(f"{place}/deployments/{deployment}/log")["lines"]
        if not lines:
            return "clone"
        # After its last line a stage is over, and the one that follows it is on.
        return PHASES[PHASES.index(lines[-1]["stage"]) + bool(STAGE_OVER.match(lines[-1]["text"]))]
    assert status == "ready", status
    return "ready" if api.get(place)["edge"]["synced"] else "unsynced"


def ended(place, project: dict, deployment: str) -> dict:
    """The deployment once it is over; the sweeper comes by more often than each minute."""

    def over():
        place.wire.invoke("SweeperFunction")
        found = place.api.get(f"/projects/{project['id']}/deployments/{deployment}")
        return found if found["status"] in ("ready", "failed", "canceled") else None

    return wait_for(f"deployment {deployment} to end", over, 180, every=0.25)


def deployments(api: Api, project: dict) -> list[dict]:
    """All deployments of a project, newest first."""
    found, before = [], ""
    while True:
        page = api.get(f"/projects/{project['id']}/deployments{before}")
        found += page["deployments"]
        if not page["next"]:
            return found
        before = f"?before={page['next']}"


def build_processes(port: int, command: str) -> list[str]:
    """Processes of builders that speak to this port, and of a build's own command, which no other build has."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            arguments = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
            if command.encode() in arguments or f"SLIPWAY_API_URL=http://127.0.0.1:{port}".encode() in (entry / "environ").read_bytes():
                found.append(entry.name)
        except OSError:
            pass
    return found
