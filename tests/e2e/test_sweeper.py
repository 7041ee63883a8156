"""What the sweeper repairs: tasks whose events nobody heard, builds without end, tasks that nobody wants any more."""

import os
import pathlib
import secrets
import signal
from datetime import datetime, timedelta, timezone

import pytest
from crash_watch import build_processes
from history_player import TABLE, task_event
from laptop.say import wait_for

# Longer ago than whoever made the last change is left alone; and a moment that stays recent however slow the machine is.
A_WHILE, JUST_NOW = timedelta(seconds=30), -timedelta(hours=1)
# A task may be unknown to ECS for five minutes before it counts as lost.
NOT_YET_LOST, LOST = timedelta(minutes=4), timedelta(minutes=6)


class Build:
    """A deployment whose build does not end by itself, and whose processes no other build has."""

    def __init__(self, place):
        self.place = place
        self.command = f"sleep 3600.{secrets.randbelow(10**9):09}"
        self.repository = place.repository({"index.html": "x", "package.json": f'{{"scripts":{{"build":"exec {self.command}"}}}}'})
        self.project = place.project(self.repository)
        self.path = f"/projects/{self.project['id']}/deployments"
        self.id = place.api.post(self.path)["id"]
        self.wait_for_its_command(1)

    def wait_for_its_command(self, attempt: int) -> None:
        """Until the attempt is known to run and is in the build's own command. Then nothing more is written about it, and
        the sweeper's own rounds leave it alone until a test says otherwise."""
        wait_for("the build to run", lambda: self.shown() == ("building", attempt) and self.commands(), 60)
        self.changed(JUST_NOW)

    def shown(self) -> tuple[str, int]:
        now = self.now()
        return now["status"], now["attempt"]

    def now(self) -> dict:
        return self.place.api.get(f"{self.path}/{self.id}")

    def failure(self) -> str | None:
        return self.now().get("failure", {}).get("code")

    def commands(self) -> list[str]:
        """Processes that run the build's command."""
        return [process for process in build_processes(self.place.port, self.command) if self.command in arguments(process)]

    def builder(self) -> int:
        """The process of its task: the platform's own child among those that the build's command descends from."""
        process = int(self.commands()[0])
        while (above := parent(process)) != self.place.platform.process.pid:
            process = above
        return process

    def stays_unheard(self, number: signal.Signals) -> None:
        """Ends the builder with a signal, and lets no try to hear of it succeed."""
        self.place.wire.fault(service="dynamodb", function="BuildStatusFunction", status=400, code="ValidationException")
        before = self.unheard()
        os.kill(self.builder(), number)
        wait_for("its end to be given up", lambda: self.unheard() > before and self.place.wire.state()["asynchronous"] == 0, 60)
        self.place.wire.no_faults()

    def unheard(self) -> int:
        return sum(queue["visible"] for queue in self.place.wire.state()["queues"] if "buildstatusfailures" in queue["name"].lower())

    def write(self, **times: datetime) -> None:
        """Sets moments of its record as any other writer would: under the next revision."""
        sets = [f"{name} = :{name}" for name in times] + ["revision = revision + :one"]
        self.place.wire.dynamodb("UpdateItem", {
            "TableName": TABLE,
            "Key": {"pk": {"S": f"PROJECT#{self.project['id']}"}, "sk": {"S": f"DEPLOYMENT#{self.id}"}},
            "UpdateExpression": "SET " + ", ".join(sets),
            "ConditionExpression": " AND ".join(f"attribute_exists({name})" for name in times),
            "ExpressionAttributeValues": {":one": {"N": "1"}, **{f":{name}": {"S": text(moment)} for name, moment in times.items()}},
        })

    def changed(self, ago: timedelta) -> None:
        """Makes its last change one of so long ago, instead of waiting."""
        self.write(updated_at=datetime.now(timezone.utc) - ago)


def text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def arguments(process: str) -> str:
    try:
        return pathlib.Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def parent(process: int) -> int:
    return int(pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def sweep(place) -> tuple[int, int, int]:
    """Sweeps; returns how many were started, moved and stopped."""
    swept = place.wire.invoke("SweeperFunction")
    return swept["started"], swept["moved"], swept["stopped"]


@pytest.fixture
def quick_place(own_places):
    """A platform for one test alone, on which an event is given up soon."""
    return own_places("--retry-delays", "0.05,0.1")


@pytest.mark.parametrize("number, failure", [(signal.SIGKILL, "out-of-memory"), (signal.SIGTERM, "builder-exited")])
def test_a_task_whose_end_nobody_heard_is_asked_for_and_the_next_deployment_starts(quick_place, number, failure):
    build = Build(quick_place)
    (build.repository.working_copy / "package.json").unlink()
    build.repository.commit("One that waits for its turn")
    waiting = quick_place.api.post(build.path)
    assert (waiting["status"], waiting["attempt"]) == ("queued", 0)
    build.stays_unheard(number)
    assert build.shown() == ("building", 1)
    assert sweep(quick_place) == (0, 0, 0), "what has just changed is left alone"
    build.changed(A_WHILE)
    assert sweep(quick_place) == (1, 1, 0)
    assert (build.shown(), build.failure()) == (("failed", 1), failure)
    assert quick_place.api.follow(build.project["id"], waiting["id"])["status"] == "ready"


def test_a_build_past_its_deadline_fails_and_is_stopped(own_place):
    build = Build(own_place)
    build.changed(A_WHILE)
    assert sweep(own_place) == (0, 0, 0), "its time is not over"
    build.write(deadline=datetime.now(timezone.utc) - timedelta(seconds=1), updated_at=datetime.now(timezone.utc) - A_WHILE)
    assert sweep(own_place) == (0, 1, 1)
    assert (build.shown(), build.failure()) == (("failed", 1), "timed-out")
    wait_for("no process of the build to be left", lambda: not build_processes(own_place.port, build.command), 60)


def test_a_task_that_runs_on_although_its_deployment_is_over_is_stopped(own_place):
    build = Build(own_place)
    own_place.wire.fault(service="ecs", action="StopTask", status=500, code="ServerException")
    assert own_place.api.post(f"{build.path}/{build.id}/cancel")["status"] == "canceled"
    assert build.commands(), "nothing could stop it"
    own_place.wire.no_faults()
    assert sweep(own_place) == (0, 0, 1)
    wait_for("no process of the build to be left", lambda: not build_processes(own_place.port, build.command), 60)
    assert build.shown() == ("canceled", 1)


def test_a_task_that_runs_on_although_another_attempt_has_begun_is_stopped(own_place):
    build = Build(own_place)
    deployment = {"id": build.id}
    first = build.commands()
    own_place.wire.event(task_event(build.project, deployment, "STOPPED", 99, stopCode="SpotInterruption"))
    wait_for("the second attempt to run", lambda: build.shown() == ("building", 2) and set(build.commands()) - set(first), 60)
    assert set(first) <= set(build.commands()), "its events say otherwise, but the first attempt runs"
    assert sweep(own_place) == (0, 0, 1)
    wait_for("the first attempt's processes to be gone", lambda: not set(first) & set(build.commands()), 60)
    assert build.shown() == ("building", 2) and build.commands(), "the second attempt goes on"


def test_a_task_that_ecs_no_longer_knows_is_lost_and_a_second_one_too_many(quick_place):
    build = Build(quick_place)
    forgotten = {"service": "ecs", "action": "DescribeTasks", "status": 200, "code": "Accepted"}
    for attempt in (1, 2):
        build.wait_for_its_command(attempt)
        build.stays_unheard(signal.SIGKILL)
        # As ECS answers an hour after a task's end.
        quick_place.wire.fault(**forgotten, body={"tasks": [], "failures": [{"reason": "MISSING"}]})
        build.changed(NOT_YET_LOST)
        assert sweep(quick_place) == (0, 0, 0), "ECS may not show it yet"
        build.changed(LOST)
        # Only the first time another one is started.
        assert sweep(quick_place) == (2 - attempt, 1, 0)
        quick_place.wire.no_faults()
    assert (build.shown(), build.failure()) == (("failed", 2), "task-lost")
    wait_for("no process of the build to be left", lambda: not build_processes(quick_place.port, build.command), 60)
