"""Projects: changed, renamed, deleted, restored."""

import secrets

import pytest
from laptop.api import Api, Refused, fetch
from laptop.deploying import deploy, projects, wait_for_edge
from laptop.say import wait_for
from refusals import refused


def change(place, project, **what):
    return place.api.call("PATCH", f"/projects/{project['id']}", what)


def synced(place, project):
    return wait_for("the edge to know", lambda: place.api.get(f"/projects/{project['id']}")["edge"]["synced"], 30)


def status(place, slug, deployment=None):
    label = f"{deployment}--{slug}" if deployment else slug
    return fetch(place.port, f"{label}.localhost:{place.port}", "/")[0]


def live_site(place, text="here"):
    repository = place.repository({"index.html": text, "other/index.html": "elsewhere"})
    project = place.project(repository)
    deployment = deploy(place.api, project)
    wait_for_edge(place.api, project, deployment["id"])
    return repository, project, deployment


def test_changed_settings_hold_for_the_next_deployment(place):
    _, project, _ = live_site(place)
    changed = change(place, project, settings={"root_directory": "other"})
    assert changed["settings"] == {"root_directory": "other"}
    # The same commit, built in another way.
    deployment = deploy(place.api, project)
    wait_for_edge(place.api, project, deployment["id"])
    assert fetch(place.port, place.host(project), "/")[2] == b"elsewhere"
    assert change(place, project, settings={"root_directory": None})["settings"] == {}
    assert change(place, project) == place.api.get(f"/projects/{project['id']}")


def test_what_cannot_be_is_refused_and_changes_nothing(place):
    _, project, _ = live_site(place)
    before = place.api.get(f"/projects/{project['id']}")
    for wrong, kind in [
        ({"branch": "nowhere"}, "branch-missing"),
        ({"repository": place.git.url("nothing-here")}, "repository-unreadable"),
        ({"settings": {"colour": "red"}}, "invalid"),
        ({"slug": "Not A Slug"}, "invalid"),
        ({"id": project["id"]}, "invalid"),
    ]:
        with pytest.raises(Refused) as caught:
            change(place, project, **wrong)
        problem = caught.value
        assert (problem.status, problem.problem["type"]) == (422, f"urn:slipway:problem:{kind}"), wrong
    assert place.api.get(f"/projects/{project['id']}") == before


def test_a_renamed_project_is_served_under_its_new_slug_and_holds_the_old_one(place):
    _, project, deployment = live_site(place)
    old, new = project["slug"], f"n{secrets.token_hex(5)}"
    assert change(place, project, slug=new)["slug"] == new
    synced(place, project)
    assert (status(place, new), status(place, old), status(place, old, deployment["id"])) == (200, 404, 404)
    other = place.repository({"index.html": "squatter"})
    taken = {"slug": old, "repository": place.git.url(other.bare.name)}
    assert refused(place.api.post, "/projects", taken).problem["type"] == "urn:slipway:problem:slug-taken"
    assert change(place, project, slug=old)["slug"] == old
    synced(place, project)
    assert (status(place, new), status(place, old)) == (404, 200)


def test_a_taken_slug_is_refused(place):
    _, first, _ = live_site(place)
    second = place.project(place.repository({"index.html": "x"}))
    with pytest.raises(Refused) as caught:
        change(place, second, slug=first["slug"])
    assert caught.value.problem["type"] == "urn:slipway:problem:slug-taken"
    assert place.api.get(f"/projects/{second['id']}")["slug"] == second["slug"]


def test_a_deleted_project_is_gone_at_once_and_comes_back_whole(place):
    _, project, deployment = live_site(place, "precious")
    slug, here = project["slug"], f"/projects/{project['id']}"
    deleted = place.api.call("DELETE", here)
    assert deleted["restorable_until"] > deleted["created_at"]
    wait_for("the site to be down", lambda: status(place, slug) == 404, 30)
    assert status(place, slug, deployment["id"]) == 404
    for path in ("", "/deployments", f"/deployments/{deployment['id']}"):
        assert refused(place.api.get, here + path).status == 404
    assert refused(place.api.post, f"{here}/deployments").status == 404
    assert refused(place.api.call, "DELETE", here).status == 404
    assert project["id"] not in [found["id"] for found in projects(place.api)]
    assert project["id"] in [found["id"] for found in projects(place.api, deleted=True)]
    taken = {"slug": slug, "repository": project["repository"]}
    assert refused(place.api.post, "/projects", taken).problem["type"] == "urn:slipway:problem:slug-taken"

    restored = place.api.post(f"{here}/restore")
    assert (restored["slug"], restored["live"]) == (slug, deployment["id"]) and "restorable_until" not in restored
    synced(place, project)
    assert fetch(place.port, place.host(project), "/")[2] == b"precious"
    assert place.api.post(f"{here}/restore")["id"] == project["id"]


def test_a_stranger_neither_changes_nor_deletes_nor_restores(place):
    _, project, _ = live_site(place)
    code = place.api.post("/auth/invitations")["code"]
    person = {"code": code, "email": f"{secrets.token_hex(6)}@example.com", "password": secrets.token_hex(12)}
    stranger = Api(place.port)
    stranger.token = stranger.post("/auth/users", person)["token"]
    here = f"/projects/{project['id']}"
    for method, path, body in [("PATCH", here, {"branch": "x"}), ("DELETE", here, None), ("POST", f"{here}/restore", {})]:
        assert refused(stranger.call, method, path, body).status == 404
    assert status(place, project["slug"]) == 200


def test_what_a_deleted_project_builds_is_canceled(place):
    repository = place.repository({"index.html": "x", "package.json": '{"scripts": {"build": "sleep 7.531"}}'})
    project = place.project(repository)
    here = f"/projects/{project['id']}"
    running = place.api.post(f"{here}/deployments")
    wait_for("it to build", lambda: place.api.get(f"{here}/deployments/{running['id']}")["status"] == "building", 30)
    repository.commit("Waits")
    waiting = place.api.post(f"{here}/deployments")
    preview = place.api.post(f"{here}/deployments", {"environment": "preview"})
    place.api.call("DELETE", here)
    place.api.post(f"{here}/restore")

    def states():
        found = [place.api.get(f"{here}/deployments/{made['id']}") for made in (running, waiting, preview)]
        return [deployment["status"] for deployment in found] == ["canceled"] * 3

    wait_for("all of it to be canceled", states, 30)
    assert place.api.get(here)["live"] is None
