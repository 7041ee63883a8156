"""Every function in a container: its binary, the template's settings, Amazon's runtime emulator, AWS across a network."""

import json

import pytest
from containers import FunctionFailed
from laptop.api import Api
from laptop.paths import EXAMPLES


def as_owner(place, **path):
    """Changes an event into the owner's, about these path parameters."""

    def change(event):
        event["requestContext"]["authorizer"]["lambda"]["user"] = place.user["id"]
        for name, value in path.items():
            event["rawPath"] = event["rawPath"].replace(event["pathParameters"][name], value)
            event["pathParameters"][name] = value
        event["requestContext"]["http"]["path"] = event["rawPath"]

    return change


def with_body(body):
    def change(event):
        event["body"] = json.dumps(body)
        event["headers"]["content-length"] = str(len(event["body"]))

    return change


def refused(answer, status, problem):
    found = json.loads(answer["body"])
    assert (answer["statusCode"], found["type"]) == (status, f"urn:slipway:problem:{problem}")


def calls_of(place, function, before):
    """(action, status) of the function's AWS calls since a number."""
    calls, _ = place.wire.calls(before)
    return {(call["action"], call["status"]) for call in calls if call["function"] == function}


def test_the_authorizer_lets_the_owners_token_through_and_says_whose_it_is(place):
    def change(event):
        event["identitySource"] = [f"Bearer {place.api.token}"]
        event["headers"]["authorization"] = f"Bearer {place.api.token}"

    answer = place.containers.invoke("authorizer", "known-token", change)
    assert answer["isAuthorized"] is True
    assert answer["context"]["user"] == place.user["id"]


def test_the_authorizer_refuses_a_token_that_nobody_has(place):
    assert place.containers.invoke("authorizer", "known-token")["isAuthorized"] is False


def test_who_signs_in_gets_a_token_that_the_api_accepts(place):
    account = {name: place.account[name] for name in ("email", "password")}
    answer = place.containers.invoke("auth", "sign-in", with_body(account))
    assert answer["statusCode"] == 201, answer
    assert Api(place.api.port, json.loads(answer["body"])["token"]).get("/me")["id"] == place.user["id"]


def test_a_wrong_password_is_refused(place):
    account = {"email": place.account["email"], "password": "not this password"}
    refused(place.containers.invoke("auth", "sign-in", with_body(account)), 401, "unauthenticated")


def test_the_owner_finds_the_project_in_the_list(place):
    answer = place.containers.invoke("projects", "list", as_owner(place))
    assert answer["statusCode"] == 200, answer
    assert [project["slug"] for project in json.loads(answer["body"])["projects"]] == ["plain"]


def test_somebody_else_does_not_find_it(place):
    answer = place.containers.invoke("projects", "list")
    assert (answer["statusCode"], json.loads(answer["body"])["projects"]) == (200, [])


def test_a_deployment_made_by_the_platform_is_read_in_a_container(place):
    change = as_owner(place, project=place.project["id"], deployment=place.deployment["id"])
    answer = place.containers.invoke("deployments", "read", change)
    assert answer["statusCode"] == 200, answer
    read = json.loads(answer["body"])
    assert (read["status"], read["commit"]) == ("ready", place.deployment["commit"])


def test_what_does_not_exist_is_not_found(place):
    refused(place.containers.invoke("deployments", "read"), 404, "not-found")


def test_a_build_without_its_token_stores_no_line(place):
    refused(place.containers.invoke("uploads", "log"), 401, "unauthenticated")


def test_a_delivery_of_githubs_to_nobodys_project_is_refused(place):
    refused(place.containers.invoke("webhooks", "push"), 401, "unauthenticated")


def test_a_page_is_streamed_with_the_bytes_of_the_repository(place):
    _, before = place.wire.calls()

    def change(event):
        path = f"/{place.project['id']}/{place.deployment['id']}/live/"
        event["rawPath"] = event["requestContext"]["http"]["path"] = path
        del event["headers"]["accept-encoding"]

    answer = place.containers.invoke("site", "live-page", change)
    assert answer["statusCode"] == 200, answer
    assert answer["body"] == (EXAMPLES / "plain" / "index.html").read_text()
    # The platform's S3 refuses a wrong signature, so this one was right.
    made = calls_of(place, "SiteFunction", before)
    assert made and made <= {("GetObject", 200), ("GetObject", 206)}, made


def test_build_status_leaves_other_peoples_tasks_alone(place):
    assert place.containers.invoke("build-status", "foreign-task") is None


def test_build_status_acknowledges_the_end_of_a_task_nobody_knows(place):
    _, before = place.wire.calls()
    assert place.containers.invoke("build-status", "task-stopped-out-of-memory") is None
    made = calls_of(place, "BuildStatusFunction", before)
    assert made and {status for _, status in made} == {200}, made


def test_edge_sync_reads_the_project_and_the_store(place):
    _, before = place.wire.calls()
    change = lambda event: event["detail"].update(project=place.project["id"])  # noqa: E731
    assert place.containers.invoke("edge-sync", "project-changed", change) is None
    assert {("DescribeKeyValueStore", 200), ("GetItem", 200)} <= calls_of(place, "EdgeSyncFunction", before)


def test_the_sweeper_finds_nothing_to_do_after_a_good_deployment(place):
    assert place.containers.invoke("sweeper", "every-minute") == {"started": 0, "moved": 0, "stopped": 0, "told": 0}


def test_a_function_that_fails_is_noticed_although_sam_succeeds(place):
    with pytest.raises(FunctionFailed):
        place.containers.invoke("projects", "list", lambda event: event.clear())
