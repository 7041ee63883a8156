"""Deployments: triggers, order, failure, cancel, previews, the pointer."""

import pytest
from laptop.api import Refused, fetch
from laptop.deploying import deploy, wait_for_edge
from laptop.say import wait_for
from refusals import refused

SLOW = {"index.html": "slow", "package.json": '{"scripts":{"build":"sleep 60"}}'}


def path_of(project, deployment=None, action=""):
    place = f"/projects/{project['id']}/deployments"
    return f"{place}/{deployment}{action}" if deployment else place


def test_the_same_commit_is_deployed_once(place):
    project = place.project(place.repository({"index.html": "once"}))
    first = deploy(place.api, project)
    again = place.api.post(path_of(project))
    assert again["id"] == first["id"] and again["status"] == "ready"
    assert len(place.api.get(path_of(project))["deployments"]) == 1


def test_a_repository_or_branch_that_is_not_there_is_named(place):
    repository = place.repository({"index.html": "x"})
    address = place.git.url(repository.bare.name)
    missing = refused(place.api.post, "/projects", {"slug": "no-repository", "repository": address + "-not"})
    assert missing.problem["type"] == "urn:slipway:problem:repository-unreadable"
    branch = refused(place.api.post, "/projects", {"slug": "no-branch", "repository": address, "branch": "dev"})
    assert branch.problem["type"] == "urn:slipway:problem:branch-missing"
    foreign = refused(place.api.post, "/projects", {"slug": "foreign", "repository": "https://evil.example.org/a/b"})
    assert foreign.status == 422 and "github.com" in foreign.problem["detail"]


def test_a_slug_is_taken_once(place):
    repository = place.repository({"index.html": "x"})
    project = place.project(repository)
    new = {"slug": project["slug"], "repository": project["repository"]}
    assert refused(place.api.post, "/projects", new).problem["type"] == "urn:slipway:problem:slug-taken"


def test_a_failing_build_says_why_and_leaves_the_live_site_alone(place):
    repository = place.repository({"index.html": "good"})
    project = place.project(repository)
    good = deploy(place.api, project)
    wait_for_edge(place.api, project, good["id"])
    (repository.working_copy / "package.json").write_text('{"scripts":{"build":"echo the reason; exit 3"}}')
    repository.commit("A build that fails")
    accepted = place.api.post(path_of(project))
    lines = []
    failed = place.api.follow(project["id"], accepted["id"], lines.append)
    assert (failed["status"], failed["failure"]["code"]) == ("failed", "build-failed")
    assert any("the reason" in line["text"] for line in lines)
    assert fetch(place.port, place.host(project), "/")[2] == b"good"


def test_a_build_without_output_names_what_is_missing(place):
    repository = place.repository({"readme.txt": "no page", "package.json": '{"scripts":{"build":"true"}}'})
    project = place.project(repository, output_directory="dist")
    accepted = place.api.post(path_of(project))
    failed = place.api.follow(project["id"], accepted["id"])
    assert failed["failure"]["code"] == "output-missing" and "dist" in failed["failure"]["message"]


def test_another_branch_is_a_preview_with_its_own_address_only(place):
    repository = place.repository({"index.html": "main"})
    project = place.project(repository)
    repository.git("checkout", "--quiet", "-b", "idea")
    (repository.working_copy / "index.html").write_text("idea")
    repository.git("commit", "--quiet", "--all", "--message", "An idea")
    repository.git("push", "--quiet", "origin", "HEAD:idea")
    preview = deploy(place.api, project, branch="idea")
    assert preview["environment"] == "preview" and not preview["live"]

    def shown():
        status, _, body = fetch(place.port, place.host(project, preview["id"]), "/")
        return status == 200 and body == b"idea"

    wait_for("the preview's address", shown, 20)
    status, _, body = fetch(place.port, place.host(project), "/")
    assert status == 404 and b"Nothing" in body


def test_one_builds_the_newest_waits_and_those_between_are_superseded(place):
    repository = place.repository(SLOW)
    project = place.project(repository)
    running = place.api.post(path_of(project))
    waiting = []
    for number in range(3):
        (repository.working_copy / "index.html").write_text(f"quick {number}")
        (repository.working_copy / "package.json").unlink(missing_ok=True)
        repository.commit(f"Number {number}")
        waiting.append(place.api.post(path_of(project)))
    states = {found["id"]: found for found in place.api.get(path_of(project))["deployments"]}
    assert [states[found["id"]]["status"] for found in waiting] == ["canceled", "canceled", "queued"]
    assert states[waiting[0]["id"]]["superseded"] is True
    canceled = place.api.post(path_of(project, running["id"], "/cancel"))
    assert canceled["status"] == "canceled"
    last = place.api.follow(project["id"], waiting[2]["id"])
    assert last["status"] == "ready"
    wait_for_edge(place.api, project, last["id"])
    assert fetch(place.port, place.host(project), "/")[2] == b"quick 2"
    assert refused(place.api.post, path_of(project, running["id"], "/cancel")).status == 409


def test_canceling_ends_the_build_processes(place):
    repository = place.repository({"index.html": "x", "package.json": '{"scripts":{"build":"exec sleep 54321"}}'})
    project = place.project(repository)
    accepted = place.api.post(path_of(project))
    wait_for("the build to run", lambda: processes("sleep\x0054321"), 60)
    place.api.post(path_of(project, accepted["id"], "/cancel"))
    wait_for("its processes to be gone", lambda: not processes("sleep\x0054321"), 60)


def processes(command: str) -> list[str]:
    import pathlib

    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if command.encode() in entry.read_bytes():
                found.append(entry.parent.name)
        except OSError:
            pass
    return found


def test_a_roll_back_pins_and_the_next_push_does_not_undo_it(place):
    repository = place.repository({"index.html": "one"})
    project = place.project(repository)
    place_of = f"/projects/{project['id']}"
    versions = [deploy(place.api, project)]
    for text in ("two", "three"):
        (repository.working_copy / "index.html").write_text(text)
        repository.commit(text)
        versions.append(deploy(place.api, project))
    wait_for_edge(place.api, project, versions[2]["id"])
    back = place.api.post(f"{place_of}/rollback")
    assert (back["live"], back["pinned"]) == (versions[1]["id"], True)
    (repository.working_copy / "index.html").write_text("four")
    repository.commit("four")
    fourth = deploy(place.api, project)
    assert place.api.get(place_of)["live"] == versions[1]["id"]
    place.api.call("DELETE", f"{place_of}/pin")
    promoted = place.api.post(path_of(project, fourth["id"], "/promote"))
    assert (promoted["live"], promoted["pinned"]) == (fourth["id"], False)
    wait_for_edge(place.api, project, fourth["id"])
    assert fetch(place.port, place.host(project), "/")[2] == b"four"
    assert fetch(place.port, place.host(project, versions[0]["id"]), "/")[2] == b"one"


def test_a_list_is_filtered_by_status_and_environment(place):
    repository = place.repository({"index.html": "one", "package.json": '{"scripts": {"build": "exit 7"}}'})
    project = place.project(repository)
    failed = place.api.post(f"/projects/{project['id']}/deployments")
    assert place.api.follow(project["id"], failed["id"])["status"] == "failed"
    (repository.working_copy / "package.json").unlink()
    repository.commit("Builds")
    ready = deploy(place.api, project)
    preview = deploy(place.api, project, environment="preview")

    def ids(query):
        page = place.api.get(f"/projects/{project['id']}/deployments?{query}")
        assert page["next"] is None
        return [found["id"] for found in page["deployments"]]

    assert ids("") == [preview["id"], ready["id"], failed["id"]]
    assert ids("status=failed") == [failed["id"]]
    assert ids("environment=production") == [ready["id"], failed["id"]]
    assert ids("environment=preview&status=ready") == [preview["id"]]
    assert ids("status=canceled") == []
    assert ids(f"status=ready&before={preview['id']}") == [ready["id"]]
    with pytest.raises(Refused) as caught:
        ids("status=broken")
    assert caught.value.problem["type"] == "urn:slipway:problem:invalid"


def test_pages_of_a_filter_show_each_deployment_once(own_place):
    place = own_place
    # Nothing is built: it is the records that count here.
    place.wire.fault(service="ecs", status=500, code="ServerException")
    project = place.project(place.repository({"index.html": "x"}))
    made = []
    for number in range(45):
        environment = "preview" if number % 3 else "production"
        body = {"commit": f"{number + 1:040x}", "environment": environment}
        made.append((place.api.post(f"/projects/{project['id']}/deployments", body)["id"], environment))
    for environment in ("preview", "production"):
        seen, before = [], ""
        while True:
            page = place.api.get(f"/projects/{project['id']}/deployments?environment={environment}{before}")
            assert len(page["deployments"]) <= 20
            seen += [found["id"] for found in page["deployments"]]
            if page["next"] is None:
                break
            before = f"&before={page['next']}"
        assert seen == [id for id, of in reversed(made) if of == environment]
