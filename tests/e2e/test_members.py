"""Members of projects: who may do what, and how that changes."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from laptop.api import Api, Refused
from laptop.deploying import projects
from refusals import refused


def person(place) -> Api:
    """Somebody with an account."""
    code = place.api.post("/auth/invitations")["code"]
    new = {"code": code, "email": f"{secrets.token_hex(6)}@example.com", "password": secrets.token_hex(12)}
    api = Api(place.port)
    api.token = api.post("/auth/users", new)["token"]
    api.user = api.get("/me")["id"]
    return api


def joined(place, here, role, name=None) -> Api:
    """Somebody who was invited in this role."""
    somebody = person(place)
    code = place.api.post(f"{here}/invitations", {"role": role})["code"]
    assert somebody.post("/memberships", {"code": code, **({"name": name} if name else {})})["role"] == role
    return somebody


@pytest.fixture
def here(place):
    return f"/projects/{place.project(place.repository({'index.html': 'x'}))['id']}"


def roles(place, here):
    return {member["user"]: member["role"] for member in place.api.get(f"{here}/members")["members"]}


def test_each_role_may_do_its_own_and_no_more(place, here):
    # What is refused to a stranger as unknown is refused to members of lower roles as not theirs.
    attempts = [
        (None, "GET", here, None),
        (None, "GET", f"{here}/members", None),
        ("maintainer", "GET", f"{here}/variables", None),
        ("maintainer", "PATCH", here, {"settings": {}}),
        ("maintainer", "POST", f"{here}/webhook", None),
        ("owner", "POST", f"{here}/invitations", {"role": "viewer"}),
        ("owner", "PATCH", here, {"slug": f"x{secrets.token_hex(4)}"}),
    ]
    order = [None, "viewer", "maintainer", "owner"]
    people = {role: joined(place, here, role) for role in ("viewer", "maintainer", "owner")}
    stranger = person(place)
    for least, method, path, body in attempts:
        for role, somebody in people.items():
            if order.index(role) >= order.index(least):
                somebody.call(method, path, body)
            else:
                assert refused(somebody.call, method, path, body).status == 403, (role, method, path)
        assert refused(stranger.call, method, path, body).status == 404, (method, path)


def test_an_invitation_is_for_one_person_and_who_is_a_member_keeps_the_role(place, here):
    code = place.api.post(f"{here}/invitations", {"role": "viewer"})["code"]
    somebody, other = person(place), person(place)
    assert place.api.post("/memberships", {"code": code})["role"] == "owner"
    assert somebody.post("/memberships", {"code": code, "name": "  Ada  "})["role"] == "viewer"
    assert refused(other.post, "/memberships", {"code": code}).status == 403
    assert refused(other.post, "/memberships", {"code": "slm_" + "0" * 64}).status == 403
    names = {member["user"]: member["name"] for member in somebody.get(f"{here}/members")["members"]}
    assert names[somebody.user] == "Ada"
    assert here.rsplit("/", 1)[1] in [project["id"] for project in projects(somebody)]


def test_of_ten_who_use_one_invitation_at_once_one_joins(place, here):
    code = place.api.post(f"{here}/invitations", {"role": "viewer"})["code"]
    people = [person(place) for _ in range(10)]

    def join(somebody):
        try:
            return somebody.post("/memberships", {"code": code})["role"]
        except Refused as error:
            assert error.status in (403, 503), error
            return None

    with ThreadPoolExecutor(10) as all_at_once:
        assert list(all_at_once.map(join, people)).count("viewer") == 1
    assert len(roles(place, here)) == 2


def test_nobody_raises_their_own_role_and_a_changed_one_holds_at_once(place, here):
    somebody = joined(place, here, "maintainer")
    member = f"{here}/members/{somebody.user}"
    assert refused(somebody.call, "PATCH", member, {"role": "owner"}).status == 403
    somebody.get(f"{here}/variables")
    assert place.api.call("PATCH", member, {"role": "viewer"})["role"] == "viewer"
    assert refused(somebody.get, f"{here}/variables").status == 403
    place.api.call("DELETE", member)
    assert refused(somebody.get, here).status == 404
    assert refused(place.api.call, "DELETE", member).status == 404


def test_a_project_is_handed_over_and_never_without_an_owner(place, here):
    owner = place.api.get("/me")["id"]
    assert refused(place.api.call, "DELETE", f"{here}/members/{owner}").problem["type"] == "urn:slipway:problem:not-now"
    assert refused(place.api.call, "PATCH", f"{here}/members/{owner}", {"role": "viewer"}).status == 409
    heir = joined(place, here, "viewer")
    place.api.call("PATCH", f"{here}/members/{heir.user}", {"role": "owner"})
    place.api.call("DELETE", f"{here}/members/{owner}")
    assert refused(place.api.get, here).status == 404
    assert refused(heir.call, "DELETE", f"{here}/members/{heir.user}").status == 409
    assert [member["role"] for member in heir.get(f"{here}/members")["members"]] == ["owner"]


def test_two_owners_who_leave_at_once_leave_one(place, here):
    other = joined(place, here, "owner")
    owner = place.api.get("/me")["id"]

    def leave(pair):
        api, user = pair
        try:
            api.call("DELETE", f"{here}/members/{user}")
            return True
        except Refused as error:
            assert error.status in (409, 503), error
            return False

    with ThreadPoolExecutor(2) as both:
        gone = list(both.map(leave, [(place.api, owner), (other, other.user)]))
    assert gone.count(True) <= 1
    left = place.api if not gone[0] else other
    assert "owner" in [member["role"] for member in left.get(f"{here}/members")["members"]]
