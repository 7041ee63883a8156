"""Idempotency-Key: a POST that is repeated has its effect once, and the same answer."""

import json
import os
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from laptop.api import Api, Refused
from laptop.deploying import projects
from laptop.say import wait_for
from refusals import refused

PAIRS = int(os.environ.get("SLIPWAY_PAIRS", "100"))


def new_project(place, repository):
    return {"slug": f"i{secrets.token_hex(5)}", "repository": place.git.url(repository.bare.name)}


def test_the_same_request_has_the_same_answer_and_another_one_is_refused(place):
    body, key = new_project(place, place.repository({"index.html": "x"})), secrets.token_hex(16)
    first = place.api.post("/projects", body, key)
    assert place.api.post("/projects", body, key) == first
    other = refused(place.api.post, "/projects", {**body, "slug": "another"}, key)
    assert (other.status, other.problem["type"]) == (422, "urn:slipway:problem:idempotency-key-reused")
    tokens = secrets.token_hex(16)
    place.api.post("/me/tokens", {"name": "one"}, tokens)
    other = refused(place.api.post, "/auth/invitations", {}, tokens)
    assert other.problem["type"] == "urn:slipway:problem:idempotency-key-reused"
    # Without a key, or with a new one, it is a new request.
    assert refused(place.api.post, "/projects", body).status == 409
    assert refused(place.api.post, "/projects", body, secrets.token_hex(16)).status == 409


def test_what_failed_changed_nothing_and_may_be_repeated(place):
    repository = place.repository({"index.html": "x"})
    body, key = {**new_project(place, repository), "branch": "later"}, secrets.token_hex(16)
    assert refused(place.api.post, "/projects", body, key).problem["type"] == "urn:slipway:problem:branch-missing"
    repository.git("push", "--quiet", "origin", "HEAD:refs/heads/later")
    assert place.api.post("/projects", body, key)["branch"] == "later"


def test_a_key_is_its_credentials_own(place):
    body, key = {"name": "mine"}, secrets.token_hex(16)
    first = place.api.post("/me/tokens", body, key)
    assert place.api.post("/me/tokens", body, key) == first
    assert Api(place.port, first["token"]).post("/me/tokens", body, key)["id"] != first["id"]


def test_a_key_of_no_or_too_many_characters_is_refused(place):
    for key in ("", " ", "x" * 256):
        with pytest.raises(Refused) as caught:
            place.api.call("POST", "/me/tokens", {"name": "x"}, {"idempotency-key": key})
        assert caught.value.status == 422


def test_pairs_at_once_have_one_effect_each(place):
    repository = place.repository({"index.html": "x"})
    bodies = [new_project(place, repository) for _ in range(PAIRS)]

    def send(body):
        try:
            return place.api.post("/projects", body, body["slug"])
        except Refused as error:
            return error.problem["type"].removeprefix("urn:slipway:problem:")

    with ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(send, [body for body in bodies for _ in range(2)]))
    for body, first, second in zip(bodies, answers[::2], answers[1::2]):
        made = [answer for answer in (first, second) if isinstance(answer, dict)]
        assert made and all(answer == made[0] for answer in made), (first, second)
        assert len(made) == 2 or "idempotency-key-in-use" in (first, second), (first, second)
        assert place.api.post("/projects", body, body["slug"]) == made[0]
    slugs = [project["slug"] for project in projects(place.api)]
    assert all(slugs.count(body["slug"]) == 1 for body in bodies)


def test_no_table_holds_a_token_that_an_answer_held(place):
    made = [place.api.post("/me/tokens", {"name": "kept"}, secrets.token_hex(16)), place.api.post("/auth/invitations", {}, secrets.token_hex(16))]
    texts = [made[0]["token"], made[1]["code"]]
    whole = json.dumps(place.wire.everything_stored())
    assert "IDEMPOTENCY#" in whole
    assert not [text for text in texts if text in whole or text.removeprefix("slt_") in whole]


def test_what_broke_leaves_its_key_to_the_next_try(own_place):
    place = own_place
    body, key = new_project(place, place.repository({"index.html": "x"})), secrets.token_hex(16)
    place.wire.fault(service="dynamodb", action="TransactWriteItems", status=500, code="InternalServerError")
    assert refused(place.api.post, "/projects", body, key).status == 503
    place.wire.no_faults()

    def made():
        try:
            return place.api.post("/projects", body, key)
        except Refused as error:
            assert error.status in (409, 503), error
            return None

    assert wait_for("the project to be made", made, 30, every=0.5)["slug"] == body["slug"]
