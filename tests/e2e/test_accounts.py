"""Accounts: who gets in, and what stays closed."""

import json
import secrets

from laptop.api import Api
from refusals import refused


def invited(place) -> Api:
    """A second person, by invitation."""
    code = place.api.post("/auth/invitations")["code"]
    person = {"code": code, "email": f"{secrets.token_hex(6)}@example.com", "password": secrets.token_hex(12)}
    api = Api(place.port)
    api.token = api.post("/auth/users", person)["token"]
    return api


def test_the_installation_is_claimed_once(place):
    again = {"code": "0" * 32, "email": "other@example.com", "password": "a long enough password"}
    assert refused(Api(place.port).post, "/auth/claim", again).status == 403
    again["code"] = (place.state / "claim-code").read_text()
    assert refused(Api(place.port).post, "/auth/claim", again).status == 409
    assert place.api.get("/me")["platform_owner"] is True


def test_accounts_are_by_invitation_until_the_owner_opens_sign_up(place):
    person = {"email": f"{secrets.token_hex(6)}@example.com", "password": "a long enough password"}
    assert refused(Api(place.port).post, "/auth/users", person).status == 403
    place.api.call("PUT", "/auth/sign-up", {"open": True})
    assert Api(place.port).post("/auth/users", person)["token"].startswith("sls_")
    place.api.call("PUT", "/auth/sign-up", {"open": False})
    second = {"email": f"{secrets.token_hex(6)}@example.com", "password": "a long enough password"}
    assert refused(Api(place.port).post, "/auth/users", second).status == 403


def test_an_invitation_works_once(place):
    code = place.api.post("/auth/invitations")["code"]
    person = {"code": code, "email": f"{secrets.token_hex(6)}@example.com", "password": "a long enough password"}
    Api(place.port).post("/auth/users", person)
    person["email"] = f"{secrets.token_hex(6)}@example.com"
    assert refused(Api(place.port).post, "/auth/users", person).status == 403


def test_only_the_owner_invites(place):
    assert refused(invited(place).post, "/auth/invitations").status == 403


def test_a_wrong_password_and_an_unknown_address_have_the_same_answer(place):
    wrong = refused(Api(place.port).post, "/auth/sessions", {**place.account, "password": "wrong"})
    unknown = refused(Api(place.port).post, "/auth/sessions", {"email": "nobody@example.com", "password": "wrong"})
    same = ("status", "type", "title", "detail")
    assert [wrong.problem[name] for name in same] == [unknown.problem[name] for name in same]
    assert wrong.status == unknown.status == 401


def test_a_signed_out_session_and_a_revoked_token_are_refused_on_the_next_request(place):
    api = Api(place.port, Api(place.port).post("/auth/sessions", place.account)["token"])
    made = api.post("/me/tokens", {"name": "ci"})
    program = Api(place.port, made["token"])
    assert program.get("/me")["email"] == place.account["email"]
    api.call("DELETE", f"/me/tokens/{made['id']}")
    assert refused(program.get, "/me").status == 403
    api.call("DELETE", "/auth/sessions/current")
    assert refused(api.get, "/me").status == 403


def test_a_changed_password_ends_other_sessions(place):
    code = place.api.post("/auth/invitations")["code"]
    person = {"email": f"{secrets.token_hex(6)}@example.com", "password": "the first password"}
    first = Api(place.port)
    first.token = first.post("/auth/users", {"code": code, **person})["token"]
    second = Api(place.port, Api(place.port).post("/auth/sessions", person)["token"])
    first.call("PUT", "/me/password", {"current": person["password"], "new": "the second password"})
    assert refused(second.get, "/me").status == 403
    assert first.get("/me")["email"] == person["email"]
    assert refused(Api(place.port).post, "/auth/sessions", person).status == 401
    Api(place.port).post("/auth/sessions", {**person, "password": "the second password"})


def test_guessing_is_slowed_down_without_locking_the_owner_out(place):
    code = place.api.post("/auth/invitations")["code"]
    person = {"email": f"{secrets.token_hex(6)}@example.com", "password": "the right password"}
    Api(place.port).post("/auth/users", {"code": code, **person})
    Api(place.port).post("/auth/sessions", person)

    def guesses(source, count):
        guess = {**person, "password": "guess"}
        return [refused(Api(place.port, source=source).post, "/auth/sessions", guess).status for _ in range(count)]

    # Ten guesses from one address, and twenty at one account from wherever.
    assert guesses("127.0.0.2", 12) == [401] * 10 + [429] * 2
    assert guesses("127.0.0.3", 12).count(429) >= 2
    # Now the account is closed to addresses it does not know, whatever they say …
    assert refused(Api(place.port, source="127.0.0.4").post, "/auth/sessions", person).status == 429
    # … and open to its owner, who signed in from here before.
    owner = Api(place.port, Api(place.port).post("/auth/sessions", person)["token"])
    assert owner.get("/me")["email"] == person["email"]


def test_another_persons_things_do_not_exist(place):
    repository = place.repository({"index.html": "mine"})
    project = place.project(repository)
    stranger = invited(place)
    unknown = "01arz3ndektsv4rrffq69g5fav"
    for path in ["", "/deployments", f"/deployments/{unknown}", f"/deployments/{unknown}/log"]:
        foreign = refused(stranger.get, f"/projects/{project['id']}{path}")
        missing = refused(stranger.get, f"/projects/{unknown}{path}")
        for problem in (foreign, missing):
            problem.problem.pop("request_id", None)
        assert (foreign.status, json.dumps(foreign.problem)) == (404, json.dumps(missing.problem))
    for path in ["/deployments", f"/deployments/{unknown}/cancel", f"/deployments/{unknown}/promote", "/rollback"]:
        assert refused(stranger.post, f"/projects/{project['id']}{path}").status == 404
    assert stranger.get("/projects")["projects"] == []
