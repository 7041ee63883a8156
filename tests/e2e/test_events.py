"""Events of builds: shuffled, repeated, dropped; applied by the real function to the real table."""

import os
import random
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from laptop.say import wait_for

RUNNING, STOPPED = 3, 6
HISTORIES = int(os.environ.get("SLIPWAY_HISTORIES", "200"))


def task_event(project: dict, deployment: dict, status: str, version: int, **more) -> dict:
    arn = f"arn:aws:ecs:us-east-1:000000000000:task/slipway-buildcluster/{deployment['id']}"
    detail = {
        "taskArn": arn,
        "clusterArn": "arn:aws:ecs:us-east-1:000000000000:cluster/slipway-buildcluster",
        "group": "family:slipway-builder",
        "startedBy": f"{project['id']}/{deployment['id']}/1",
        "lastStatus": status,
        "desiredStatus": "STOPPED" if status == "STOPPED" else "RUNNING",
        "version": version,
        "memory": "4096",
        "cpu": "2048",
        "containers": [{"name": "builder", "lastStatus": status, **more.pop("container", {})}],
        **more,
    }
    return {
        "version": "0", "id": secrets.token_hex(16), "detail-type": "ECS Task State Change", "source": "aws.ecs",
        "account": "000000000000", "time": "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": [arn], "detail": detail,
    }


@pytest.fixture
def without_tasks(own_place):
    """ECS accepts nothing, so that every event is ours; and nobody sweeps after us."""
    own_place.wire.fault(service="ecs", status=500, code="ServerException")
    yield own_place
    own_place.wire.no_faults()


def history(dice: random.Random, project: dict, deployment: dict) -> tuple[list[dict], str]:
    """Deliveries of one build's events in any order, with repeats and losses, and the state they must lead to."""
    events = [
        task_event(project, deployment, "PROVISIONING", 1),
        task_event(project, deployment, "PENDING", 2),
        task_event(project, deployment, "RUNNING", RUNNING),
        task_event(project, deployment, "DEPROVISIONING", 5),
        task_event(project, deployment, "STOPPED", STOPPED, stopCode="EssentialContainerExited", container={"exitCode": 1}),
    ]
    delivered = [event for event in events for _ in range(dice.choice([0, 1, 1, 2]))]
    dice.shuffle(delivered)
    seen = {event["detail"]["lastStatus"] for event in delivered}
    expected = "failed" if "STOPPED" in seen else "building" if "RUNNING" in seen else "queued"
    return delivered, expected


def test_shuffled_repeated_and_dropped_events_end_in_the_state_that_was_delivered(without_tasks):
    place = without_tasks
    dice = random.Random(20261120)
    repository = place.repository({"index.html": "x"})
    url = place.git.url(repository.bare.name)
    expected, deliveries = {}, []
    for number in range(HISTORIES):
        project = place.api.post("/projects", {"slug": f"history-{number}", "repository": url})
        deployment = place.api.post(f"/projects/{project['id']}/deployments")
        events, state = history(dice, project, deployment)
        expected[project["id"], deployment["id"]] = state
        deliveries += events
    dice.shuffle(deliveries)
    with ThreadPoolExecutor(8) as deliverers:
        list(deliverers.map(place.wire.event, deliveries))

    def states():
        wrong = {}
        for (project, deployment), state in expected.items():
            found = place.api.get(f"/projects/{project}/deployments/{deployment}")["status"]
            if found != state:
                wrong[deployment] = (found, state)
        return wrong

    wait_for("every history to end as delivered", lambda: place.wire.state()["asynchronous"] == 0 and not states(), 60, every=0.5)
    assert states() == {}


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

    def dead():
        depths = {queue["name"]: queue["visible"] for queue in place.wire.state()["queues"]}
        return next((depth for name, depth in depths.items() if "buildstatusfailures" in name.lower()), 0)

    wait_for("the event to be given up", dead, 120, every=0.5)
    place.wire.no_faults()
