"""Histories of commands, builders and events, played against the real functions and the real table, many at a time."""

import os
import random
from concurrent.futures import ThreadPoolExecutor, wait

import history_reference as reference
import pytest
from histories import ROUNDS, Author, Step
from history_player import Player, task_event
from laptop.say import wait_for

HISTORIES = int(os.environ.get("SLIPWAY_HISTORIES", "200"))
SEED = 20261120
AT_ONCE = 16
RUNNING = 3
# What this many histories have to hold between them: ends with their attempts, reasons of failures, answers.
ENOUGH = 200
WANTED = {
    *[("ready", 1), ("ready", 2), ("failed", 1), ("failed", 2), ("canceled", 0), ("canceled", 1), ("canceled", 2)],
    *["superseded", "build-failed", "builder-exited", "out-of-memory", "image-unavailable", "task-lost"],
    *[("trigger", "starts"), ("trigger", "waits"), ("cancel", "ok"), ("cancel", "409"), ("register", "ok"), ("register", "401")],
    *[("manifest", "401"), ("manifest", "409"), ("commit", "ok"), ("commit", "401"), ("commit", "409"), ("failure", "ok"), ("failure", "401")],
}


def accept_tasks(place) -> None:
    """ECS takes what it is asked for and starts nothing, so that every event is ours."""
    task = {"taskArn": "arn:aws:ecs:us-east-1:000000000000:task/slipway-buildcluster/accepted"}
    # The sweeper must not hear that such a task is unknown.
    place.wire.fault(service="ecs", action="DescribeTasks", status=400, code="ClientException")
    place.wire.fault(service="ecs", status=200, code="Accepted", body={"tasks": [task]})


def depths(place) -> dict[str, int]:
    """How many messages lie in each queue that is not empty."""
    return {queue["name"]: queue["visible"] for queue in place.wire.state()["queues"] if queue["visible"]}


class History:
    """One project's history: who writes it, who plays it, and what has happened so far, in the order it took effect."""

    def __init__(self, place, number: int, repository: str):
        self.number = number
        self.author = Author(random.Random(f"{SEED}/{number}"))
        self.player = Player(place, f"history-{number}", repository)
        self.story: list[Step] = []
        self.seen: dict[int, reference.Seen] = {}
        self.answers: set[tuple[str, str]] = set()
        self.lanes = []

    def begin(self, hands: ThreadPoolExecutor) -> None:
        """Begins the next round; its lanes run at the same time."""
        self.lanes = [hands.submit(self.player.play, lane) for lane in self.author.round(self.seen)]

    def check(self) -> None:
        """There is an order of what happened at once that has had these answers and comes to what is found."""
        calls = [lane.result() for lane in self.lanes]
        found = self.player.found()
        told = next((story for story in reference.orders(self.story, calls) if reference.seen(story) == found), None)
        assert told is not None, {
            "history": self.number, "so far": self.story, "at once": calls, "found": found,
            "possible": [reference.seen(story) for story in reference.orders(self.story, calls)],
        }
        self.story, self.seen = told, found
        self.answers |= {(call.step.what, call.answer) for lane in calls for call in lane}

    def check_shown(self) -> None:
        """The API shows what the whole story comes to."""
        environments = {step.deployment: step.says for step in self.story if step.what == "trigger"}
        expected = reference.seen(self.story)
        ready = [number for number, now in expected.items() if now.state == "ready" and environments[number] == "production"]
        assert self.player.shown() == {
            number: (now.state, now.superseded if now.state == "canceled" else None, now.failure, now.attempt, number == max(ready, default=0))
            for number, now in expected.items()
        }, self.number

    def held(self) -> set:
        """What this history was good for."""
        ends = [(now.state, now.attempt) for now in self.seen.values() if not now.superseded]
        reasons = ["superseded" if now.superseded else now.failure for now in self.seen.values()]
        return {*ends, *reasons, *self.answers}


def test_histories_end_as_the_reference_says(own_places):
    # What is to be repeated is repeated soon, so that a round is soon over.
    place = own_places("--retry-delays", "0.05,0.1")
    place.wire.fault(service="ecs", action="RunTask", status=400, code="ClientException", probability=0.2)
    accept_tasks(place)
    url = place.git.url(place.repository({"index.html": "x"}).bare.name)
    with ThreadPoolExecutor(AT_ONCE) as hands:
        histories = list(hands.map(lambda number: History(place, number, url), range(HISTORIES)))
        for number in range(ROUNDS):
            for history in histories:
                history.begin(hands)
            wait([lane for history in histories for lane in history.lanes])
            wait_for(f"all of round {number} to be heard", lambda: place.wire.state()["asynchronous"] == 0, 300, every=0.05)
            list(hands.map(History.check, histories))
        list(hands.map(History.check_shown, histories))
    held = set().union(*[history.held() for history in histories])
    assert HISTORIES < ENOUGH or held >= WANTED, WANTED - held


def test_an_event_that_comes_before_its_time_is_delivered_again(own_places):
    place = own_places("--retry-delays", "1,60")
    accept_tasks(place)
    project = place.project(place.repository({"index.html": "x"}))
    path = f"/projects/{project['id']}/deployments"
    deployment = place.api.post(path)

    def became(state: str, attempt: int) -> bool:
        now = place.api.get(f"{path}/{deployment['id']}")
        return (now["status"], now["attempt"]) == (state, attempt)

    def heard() -> bool:
        return any((call["function"], call["service"]) == ("BuildStatusFunction", "dynamodb") for call in place.wire.calls()[0])

    place.wire.event(task_event(project, deployment, "RUNNING", RUNNING, attempt=2))
    wait_for("the second attempt's event to be heard", heard, 60)
    assert became("queued", 1)
    place.wire.event(task_event(project, deployment, "STOPPED", 6, stopCode="SpotInterruption"))
    wait_for("it to be heard again", lambda: became("building", 2), 120)


def test_a_build_that_was_never_started_is_started_by_the_sweeper(own_place):
    place = own_place
    place.wire.fault(service="ecs", status=500, code="ServerException")
    project = place.project(place.repository({"index.html": "late"}))
    accepted = place.api.post(f"/projects/{project['id']}/deployments")
    assert accepted["status"] == "queued"
    place.wire.no_faults()
    wait_for("the sweeper to find it old enough", lambda: place.wire.invoke("SweeperFunction")["started"], 30, every=1)
    assert place.api.follow(project["id"], accepted["id"])["status"] == "ready"


def test_an_event_that_cannot_be_applied_goes_to_the_dead_letter_queue(own_place):
    place = own_place
    project = place.project(place.repository({"index.html": "x"}))
    place.wire.fault(service="dynamodb", function="BuildStatusFunction", status=500, code="InternalServerError")
    deployment = {"id": "01arz3ndektsv4rrffq69g5fav"}
    assert place.wire.event(task_event(project, deployment, "RUNNING", RUNNING)) >= 1

    dead = wait_for("the event to be given up", lambda: depths(place), 120, every=0.5)
    assert list(dead) == ["slipway-buildstatusfailures"]
    place.wire.no_faults()


@pytest.mark.parametrize(
    "function, service, event",
    [
        ("EdgeSyncFunction", "cloudfront-keyvaluestore", {"detail": {"project": "01arz3ndektsv4rrffq69g5fav"}}),
        ("SweeperFunction", "dynamodb", {}),
    ],
)
def test_what_another_function_fails_on_goes_to_its_own_dead_letter_queue(own_places, function, service, event):
    place = own_places("--retry-delays", "0.05,0.1")
    place.wire.fault(service=service, function=function, status=400, code="AccessDeniedException")
    place.wire.invoke(function, event, kind="Event")
    queue = function.removesuffix("Function") + "Failures"
    dead = wait_for("the event to be given up", lambda: depths(place), 60)
    assert [name.lower() for name in dead] == [f"slipway-{queue}".lower()]


def test_what_cannot_be_handed_to_a_function_goes_to_its_rules_dead_letter_queue(own_place):
    # Without this folder nothing can be handed over, as when the disk is full.
    (own_place.state / "asynchronous").rename(own_place.state / "gone")
    task = task_event({"id": "01arz3ndektsv4rrffq69g5fav"}, {"id": "01arz3ndektsv4rrffq69g5fav"}, "RUNNING", RUNNING)
    ours = {**task, "source": "slipway", "detail-type": "Deployment Status Change"}
    for event in (
        task,
        {**ours, "detail": {"status": "ready"}},
        {**ours, "detail": {"status": "queued", "trigger": "push"}},
        {**ours, "detail-type": "Project Edge Change", "detail": {}},
    ):
        assert own_place.wire.event(event) == 1
    assert depths(own_place) == {"slipway-buildstatusundelivered": 3, "slipway-edgesyncundelivered": 1}
