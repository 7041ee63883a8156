"""Variables of builds: what the commands see, what nobody sees."""

import base64
import json
import pathlib
import secrets

import pytest
from laptop.api import Refused, fetch
from laptop.deploying import deploy, wait_for_edge

BUILD = "mkdir -p out && printf '%s|%s' \"$GREETING\" \"${#API_KEY}\" > out/index.html"


def place_of(project, environment, name):
    return f"/projects/{project['id']}/variables/{environment}/{name}"


def set_variable(place, project, environment, name, value, **more):
    return place.api.call("PUT", place_of(project, environment, name), {"value": value, **more})


def built(place, project, **trigger):
    deployment = deploy(place.api, project, **trigger)
    return fetch(place.port, place.host(project, deployment["id"]), "/")[2].decode()


def printing_project(place, command=BUILD):
    repository = place.repository({"readme.txt": "x"})
    return repository, place.project(repository, build_command=command, output_directory="out")


def test_builds_get_their_environments_variables_and_the_same_commit_is_built_again_with_new_ones(place):
    repository, project = printing_project(place)
    set_variable(place, project, "production", "GREETING", "hello $HOME 'world'\n")
    set_variable(place, project, "preview", "GREETING", "a preview")
    assert built(place, project) == "hello $HOME 'world'\n|0"
    assert built(place, project, environment="preview") == "a preview|0"
    set_variable(place, project, "production", "GREETING", "changed")
    assert built(place, project) == "changed|0"
    place.api.call("DELETE", place_of(project, "production", "GREETING"))
    assert built(place, project) == "|0"
    assert [found["environment"] for found in place.api.get(f"/projects/{project['id']}/variables")["variables"]] == ["preview"]


def test_a_secret_reaches_the_build_and_no_one_else(place):
    secret = f"s3cret/{secrets.token_urlsafe(24)}+\"x"
    shouted = "; ".join([
        "echo plain $API_KEY", "printf '%s' \"$API_KEY\" | base64 -w0", "echo", "printf 'Bearer %s!' \"$API_KEY\" | base64 -w0", "echo",
        "node -e 'console.log(JSON.stringify(process.env.API_KEY), encodeURIComponent(process.env.API_KEY))'", "echo failing $API_KEY >&2",
    ])
    repository, project = printing_project(place, f"{BUILD}; {shouted}")
    answer = set_variable(place, project, "production", "API_KEY", secret, secret=True)
    assert (answer["value"], answer["secret"]) == (None, True)
    deployment = deploy(place.api, project)
    assert fetch(place.port, place.host(project, deployment["id"]), "/")[2].decode() == f"|{len(secret)}"
    log = [line["text"] for line in place.api.get(f"/projects/{project['id']}/deployments/{deployment['id']}/log")["lines"]]
    assert sum("[hidden]" in line for line in log) >= 5, log

    # A failing build's own words are hidden in the failure too.
    place.api.call("PATCH", f"/projects/{project['id']}", {"settings": {"build_command": "echo it was $API_KEY >&2; exit 3"}})
    accepted = place.api.post(f"/projects/{project['id']}/deployments")
    failed = place.api.follow(project["id"], accepted["id"])
    assert "it was [hidden]" in failed["failure"]["message"]

    forms = [secret, json.dumps(secret)[1:-1], base64.b64encode(secret.encode()).decode().rstrip("=")]
    stored = json.dumps(place.wire.everything_stored()) + json.dumps(place.wire.calls()[0]) + json.dumps(log) + json.dumps(failed)
    assert not [form for form in forms if form in stored or json.dumps(form)[1:-1] in stored]
    # Of all that lies on disk, tables, bucket, queues and logs, SSM alone holds it; and the working copy is the test's own.
    holding = [
        file for file in pathlib.Path(place.state).rglob("*")
        if file.is_file() and not file.is_symlink() and any(form.encode() in file.read_bytes() for form in forms)
    ]
    assert holding == [place.state / "ssm" / "parameters.json"]


def test_a_secret_that_is_set_anew_or_becomes_plain_leaves_nothing_behind(place):
    repository, project = printing_project(place)
    parameters = lambda: [call for call in place.wire.calls()[0] if call["service"] == "ssm"]
    before = len(parameters())
    set_variable(place, project, "production", "API_KEY", "a secret of 22 letters", secret=True)
    set_variable(place, project, "production", "API_KEY", "another one", secret=True)
    assert built(place, project) == f"|{len('another one')}"
    assert set_variable(place, project, "production", "API_KEY", "plain now")["value"] == "plain now"
    actions = [call["action"] for call in parameters()[before:]]
    assert actions.count("PutParameter") == 2 and actions.count("DeleteParameter") == 2, actions


@pytest.mark.parametrize(("name", "body", "kind"), [
    ("PATH", {"value": "x"}, "not-found"),
    ("SLIPWAY_TICKET", {"value": "x"}, "not-found"),
    ("A-B", {"value": "x"}, "not-found"),
    ("A", {"value": "x" * 4097}, "limit-exceeded"),
    ("A", {"value": "short", "secret": True}, "invalid"),
    ("A", {"value": 7}, "invalid"),
    ("A", {}, "invalid"),
])
def test_what_cannot_be_a_variable_is_refused(place, name, body, kind):
    repository, project = printing_project(place)
    with pytest.raises(Refused) as caught:
        place.api.call("PUT", place_of(project, "production", name), body)
    assert caught.value.problem["type"] == f"urn:slipway:problem:{kind}"
    assert place.api.get(f"/projects/{project['id']}/variables")["variables"] == []
