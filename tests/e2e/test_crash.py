"""kill -9 of the whole platform at any instant of a deployment."""

import os
import pathlib
import random
import time

from laptop.api import Api, fetch
from laptop.deploying import wait_for_edge
from laptop.platform import Platform
from laptop.say import wait_for

INSTANTS = int(os.environ.get("SLIPWAY_CRASHES", "20"))
# This deployment takes about this long, most of it in its build, so instants in it meet every phase.
SPAN = 3.0
BUILD = '{"scripts": {"build": "sleep 1.%03d && mkdir dist && cp index.html dist/ && date +%%N > dist/differs.txt"}}'


def build_processes(instant: int) -> list[str]:
    """Processes of a build's own command, which no other build has."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"sleep 1.{instant:03d}".encode() in entry.read_bytes().replace(b"\0", b" "):
                found.append(entry.parent.name)
        except OSError:
            pass
    return found


def test_after_kill_9_at_any_instant_acknowledged_writes_hold_and_every_deployment_ends_right(own_place):
    place = own_place
    dice = random.Random(4)
    repository = place.repository({"index.html": "first", "package.json": "{}"})
    project = place.project(repository)
    ledger = []
    for instant in range(INSTANTS):
        text = f"after crash {instant}"
        (repository.working_copy / "index.html").write_text(text)
        (repository.working_copy / "package.json").write_text(BUILD % instant)
        repository.commit(text)
        accepted = place.api.post(f"/projects/{project['id']}/deployments")
        ledger.append(accepted["id"])
        time.sleep(SPAN * (instant + dice.random()) / INSTANTS)
        place.platform.kill()
        place.platform = Platform.start(place.state, place.port)
        place.wire.aws = place.platform.aws
        place.api = Api(place.port, place.api.token)

        def over():
            place.wire.invoke("SweeperFunction")
            found = place.api.get(f"/projects/{project['id']}/deployments/{accepted['id']}")
            return found if found["status"] in ("ready", "failed", "canceled") else None

        ended = wait_for(f"deployment {instant} to end", over, 120, every=0.5)
        assert ended["status"] == "ready", ended
        wait_for_edge(place.api, project, accepted["id"])
        assert fetch(place.port, place.host(project), "/")[2] == text.encode()
        wait_for("its build processes to be gone", lambda: not build_processes(instant), 30)
    known = []
    before = ""
    while True:
        page = place.api.get(f"/projects/{project['id']}/deployments{before}")
        known += [found["id"] for found in page["deployments"]]
        if not page["next"]:
            break
        before = f"?before={page['next']}"
    assert sorted(known) == sorted(ledger)
