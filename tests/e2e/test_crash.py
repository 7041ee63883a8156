"""kill -9 of the whole platform at any instant of a deployment."""

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

from crash_client import WRITES, Client
from crash_watch import PHASES, build_processes, deployments, ended, phase_of
from laptop.api import fetch
from laptop.deploying import wait_for_edge
from laptop.platform import Platform
from laptop.say import wait_for

INSTANTS = int(os.environ.get("SLIPWAY_CRASHES", "20"))
# A deployment takes about this long, most of it in its commands.
SPAN = 2.0
# How long a phase that is aimed at may take to come.
PATIENCE = 180
# In each twenty instants every phase is waited for once, and the task once never starts; the others come as they come.
AIMS = [*PHASES, "unstarted"]
# What holds a deployment in a phase that would be over before it is seen. A crash takes it away.
HELD = {
    "unstarted": {"service": "ecs", "action": "RunTask", "status": 400, "code": "ClientException"},
    "upload": {"service": "s3", "action": "PutObject", "status": 503, "code": "SlowDown"},
    "commit": {"service": "dynamodb", "action": "TransactWriteItems", "function": "UploadsFunction", "status": 500, "code": "InternalServerError"},
    "unsynced": {"service": "cloudfront-keyvaluestore", "status": 500, "code": "InternalServerException"},
}
# What each build runs and no other.
COMMAND = "sleep 0.5%03d"
BUILD = f"set -e\n{COMMAND}\nmkdir dist\ncp index.html dist/\ndate +%%N > dist/differs.txt\n"


class Instants:
    """A project whose deployments are met by crashes."""

    def __init__(self, place, dice: random.Random):
        self.place = place
        self.dice = dice
        self.repository = place.repository({"index.html": "first"})
        commands = {"install_command": "sleep 0.4", "build_command": "sh build.sh", "output_directory": "dist"}
        self.project = place.project(self.repository, **commands)
        self.triggered: list[str] = []

    def begin(self, number: int) -> str:
        (self.repository.working_copy / "index.html").write_text(f"after crash {number}")
        (self.repository.working_copy / "build.sh").write_text(BUILD % number)
        self.repository.commit(f"crash {number}")
        accepted = self.place.api.post(f"/projects/{self.project['id']}/deployments")
        self.triggered.append(accepted["id"])
        return accepted["id"]

    def watch(self, deployment: str, aim: str | None) -> str:
        """Returns at the instant of the crash, with what was seen last: in the phase that is aimed at, or at any time."""
        reached = PHASES.index("queued" if aim == "unstarted" else aim) if aim else len(PHASES)
        instant = time.monotonic() + (PATIENCE if aim else self.dice.uniform(0, SPAN))
        phase = "queued"
        while PHASES.index(phase) < reached and time.monotonic() < instant:
            phase = phase_of(self.place.api, self.project, deployment)
        assert not aim or PHASES.index(phase) >= reached, f"{phase}, but never {aim}"
        return phase

    def check(self, number: int, deployment: str, phase: str) -> None:
        seen = self.place.api.get(f"/projects/{self.project['id']}/deployments/{deployment}")
        if phase in ("unsynced", "ready"):
            assert seen["status"] == "ready"
        found = ended(self.place, self.project, deployment)
        assert found["status"] == "ready", found
        wait_for_edge(self.place.api, self.project, deployment)
        assert fetch(self.place.port, self.place.host(self.project), "/")[2] == f"after crash {number}".encode()


def test_after_kill_9_at_any_instant_acknowledged_writes_hold_and_every_deployment_ends_right(own_place):
    place = own_place
    instants, client = Instants(place, random.Random(4)), Client(place, random.Random(5))
    met = []
    for number in range(INSTANTS):
        aim = AIMS[number % 20] if number % 20 < len(AIMS) else None
        client.prepare()
        if aim in HELD:
            place.wire.fault(**HELD[aim])
        with ThreadPoolExecutor(1) as hand:
            working = hand.submit(client.work)
            try:
                deployment = instants.begin(number)
                met.append(instants.watch(deployment, aim))
            finally:
                place.platform.kill()
            working.result()
        print(f"crash {number}: aimed at {aim or 'any time'}, met {met[-1]}, while under way: {client.begun}")
        place.platform = Platform.start(place.state, place.port)
        place.wire.aws = place.platform.aws
        client.check()
        instants.check(number, deployment, met[-1])
        client.check_ends()
        wait_for("every process of a build to be gone", lambda: not build_processes(place.port, COMMAND % number), 60)
    assert [found["id"] for found in deployments(place.api, instants.project)] == instants.triggered[::-1]
    client.check_all()
    if INSTANTS >= len(AIMS):
        assert set(met) == set(PHASES), met
        assert set(client.acknowledged) == set(WRITES), client.acknowledged
