"""GitHub's webhooks: signed pushes become deployments, everything else becomes nothing."""

import http.server
import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from laptop.api import Api, fetch
from laptop.deploying import deploy, wait_for_edge
from laptop.github import NOWHERE, GitHub
from laptop.say import wait_for
from refusals import refused


class Hooked:
    """A project with a webhook at GitHub."""

    def __init__(self, place, files: dict):
        self.api = place.api
        self.repository = place.repository(files)
        self.project = place.project(self.repository)
        self.github = GitHub(self.new_secret(), self.project["repository"])

    def new_secret(self) -> dict:
        return self.api.post(f"/projects/{self.project['id']}/webhook")

    def commit(self, text: str, message: str = "A change") -> str:
        (self.repository.working_copy / "index.html").write_text(text)
        return self.repository.commit(message)

    def deployments(self) -> list[dict]:
        return self.api.get(f"/projects/{self.project['id']}/deployments")["deployments"]

    def live(self) -> str | None:
        return self.api.get(f"/projects/{self.project['id']}")["live"]

    def over(self, answer: tuple[int, dict]) -> dict:
        """The deployment that a delivery led to, when it is over."""
        status, said = answer
        assert status == 202 and "deployment" in said, answer
        return self.api.follow(self.project["id"], said["deployment"])


@pytest.fixture
def hooked(place):
    return Hooked(place, {"index.html": "first"})


def test_a_push_becomes_a_deployment_that_is_live_at_the_pushed_commit(place, hooked):
    assert hooked.github.deliver("ping", {"zen": "Speak like a human."}) == (200, {"outcome": "pong"})
    commit = hooked.repository.head()
    started = time.monotonic()
    answer = hooked.github.push(commit)
    answered = time.monotonic() - started
    assert answer[1]["outcome"] == "accepted" and answered < 3
    deployment = hooked.over(answer)
    assert (deployment["status"], deployment["commit"], deployment["environment"]) == ("ready", commit, "production")
    assert (deployment["created_by"], deployment["pushed_by"]) == (None, "octocat")
    wait_for_edge(place.api, hooked.project, deployment["id"])
    assert fetch(place.port, place.host(hooked.project), "/")[2] == b"first"


def test_a_form_is_read_like_json(hooked):
    commit = hooked.repository.head()
    payload = {"ref": "refs/heads/main", "after": commit, "head_commit": {"message": "a+b & c = ü"}}
    status, said = hooked.github.deliver("push", payload, form=True)
    assert (status, said["commit"]) == (202, commit)


def test_the_secret_is_shown_once_and_replaced_by_the_next(place, hooked):
    secret = hooked.github.secret
    assert secret.startswith("slw_") and len(secret) == 4 + 64
    assert hooked.github.url == f"http://127.0.0.1:{place.port}/webhooks/github/{hooked.project['id']}"
    project = place.api.get(f"/projects/{hooked.project['id']}")
    assert secret not in str(project) and "webhook" not in project
    old = hooked.github
    assert old.deliver("ping", {})[0] == 200
    new = GitHub(hooked.new_secret(), hooked.project["repository"])
    assert new.secret != secret
    assert old.deliver("ping", {})[0] == 401
    assert new.deliver("ping", {})[0] == 200
    place.api.call("DELETE", f"/projects/{hooked.project['id']}/webhook")
    assert new.deliver("ping", {})[0] == 401
    place.api.call("DELETE", f"/projects/{hooked.project['id']}/webhook")


def test_only_who_may_deploy_gets_a_secret(place, hooked):
    stranger = Api(place.port)
    code = place.api.post("/auth/invitations")["code"]
    new = {"code": code, "email": "stranger@example.com", "password": "a long enough password"}
    stranger.token = stranger.post("/auth/users", new)["token"]
    where = f"/projects/{hooked.project['id']}/webhook"
    assert refused(stranger.post, where).status == 404
    assert refused(stranger.call, "DELETE", where).status == 404
    assert hooked.github.deliver("ping", {})[0] == 200


def test_a_wrong_signature_is_refused_and_changes_nothing(place, hooked):
    body = b'{"ref":"refs/heads/main"}'
    good = hooked.github.signature(body)
    for signature in [None, "", "sha256=", good.upper(), good[:-1] + ("0" if good[-1] != "0" else "1"), good.replace("sha256", "sha1")]:
        status, problem = hooked.github.send("push", body, signature)
        assert (status, problem["type"]) == (401, "urn:slipway:problem:unauthenticated"), signature
    nobodys = GitHub({"url": hooked.github.url[:-26] + "01arz3ndektsv4rrffq69g5fav", "secret": hooked.github.secret}, "https://github.com/a/b")
    status, unknown = nobodys.deliver("push", {})
    without = place.project(place.repository({"index.html": "x"}))
    nobodys.url = hooked.github.url[:-26] + without["id"]
    _, absent = nobodys.deliver("push", {})
    same = lambda found: {name: value for name, value in found.items() if name != "request_id"}  # noqa: E731
    assert status == 401 and same(unknown) == same(absent) == same(problem)
    assert hooked.deployments() == []


def test_ten_thousand_mutated_deliveries_are_not_accepted(hooked):
    dice = random.Random(20261120)
    commit = hooked.repository.head()
    body = b'{"ref":"refs/heads/main","after":"%s","repository":{"id":1}}' % commit.encode()
    signature = hooked.github.signature(body)

    def mutated(number):
        if number % 2:
            at, by = dice.randrange(len(body)), dice.randrange(1, 256)
            return hooked.github.send("push", body[:at] + bytes([body[at] ^ by]) + body[at + 1 :], signature)[0]
        at = dice.randrange(len(signature))
        other = dice.choice([char for char in "0123456789abcdefg" if char != signature[at]])
        return hooked.github.send("push", body, signature[:at] + other + signature[at + 1 :])[0]

    with ThreadPoolExecutor(16) as senders:
        assert set(senders.map(mutated, range(10_000))) == {401}
    assert hooked.github.send("push", body, signature)[0] == 202
    assert hooked.deployments() == []


def test_a_delivery_that_is_larger_than_a_function_takes_is_refused(hooked):
    commit = hooked.repository.head()
    assert hooked.github.push(commit, padding="x" * 5_700_000)[0] == 202
    assert hooked.github.push(commit, padding="x" * 6_400_000)[0] == 413


def test_what_is_signed_and_cannot_be_read_is_said_to_be_so(hooked):
    for body in [b"", b"{}", b"\xff\xfe", b'{"ref":1}']:
        status, problem = hooked.github.send("push", body, hooked.github.signature(body))
        assert (status, problem["type"]) == (422, "urn:slipway:problem:invalid"), body


def test_a_hundred_copies_and_a_persons_trigger_are_one_deployment(place, hooked):
    commit = hooked.repository.head()

    def copy(number):
        if number == 50:
            return place.api.post(f"/projects/{hooked.project['id']}/deployments")["id"]
        status, said = hooked.github.push(commit)
        return said["deployment"] if status == 202 else (status, said)

    with ThreadPoolExecutor(101) as senders:
        named = set(senders.map(copy, range(101)))
    assert len(named) == 1, named
    deployment = place.api.follow(hooked.project["id"], named.pop())
    assert deployment["status"] == "ready"
    assert hooked.github.push(commit)[1] == {
        "outcome": "stands", "deployment": deployment["id"], "environment": "production", "commit": commit,
    }
    assert len(hooked.deployments()) == 1


def test_tags_deletions_and_marked_commits_start_nothing(hooked):
    commit = hooked.repository.head()
    ignored = [
        hooked.github.push(commit, ref="refs/tags/v1"),
        hooked.github.push(NOWHERE),
        hooked.github.push(commit, message="Docs [skip ci]"),
        hooked.github.push(commit, message="Docs\n\n\nskip-checks: true"),
        hooked.github.push(commit, ref="refs/pull/1/head"),
        hooked.github.push(commit, branch="never-pushed"),
        hooked.github.deliver("issues", {"action": "opened"}),
    ]
    assert {(status, said["outcome"]) for status, said in ignored} == {(202, "ignored")}
    assert len({said["reason"] for _, said in ignored}) == 6
    assert hooked.deployments() == []


def test_another_branch_becomes_a_preview(place, hooked):
    production = hooked.over(hooked.github.push(hooked.repository.head()))
    hooked.repository.git("checkout", "--quiet", "-b", "idea/one")
    (hooked.repository.working_copy / "index.html").write_text("idea")
    hooked.repository.git("commit", "--quiet", "--all", "--message", "An idea")
    hooked.repository.git("push", "--quiet", "origin", "HEAD:idea/one")
    preview = hooked.over(hooked.github.push(hooked.repository.head(), branch="idea/one"))
    assert (preview["status"], preview["environment"], preview["branch"]) == ("ready", "preview", "idea/one")
    assert hooked.live() == production["id"]

    def shown():
        status, _, body = fetch(place.port, place.host(hooked.project, preview["id"]), "/")
        return status == 200 and body == b"idea"

    wait_for("the preview's address", shown, 20)


def test_pushes_that_arrive_in_the_wrong_order_end_at_the_newest_commit(place, hooked):
    older = hooked.commit("older")
    newer = hooked.commit("newer")
    late = hooked.over(hooked.github.push(newer))
    answer = hooked.github.push(older)
    assert answer[1]["outcome"] == "stands" and answer[1]["commit"] == newer
    assert late["status"] == "ready" and hooked.live() == late["id"]
    # A delivery of long ago, sent again when its commit never had a deployment.
    newest = hooked.commit("newest")
    again = hooked.over(hooked.github.push(older))
    assert (again["commit"], hooked.live()) == (newest, again["id"])
    assert len(hooked.deployments()) == 2
    wait_for_edge(place.api, hooked.project, again["id"])
    assert fetch(place.port, place.host(hooked.project), "/")[2] == b"newest"


@pytest.mark.parametrize("who", ["a delivery", "a person"])
def test_who_has_looked_at_the_branch_before_it_moved_looks_again(own_place, who):
    hooked = Hooked(own_place, {"index.html": "older"})
    older = hooked.repository.head()
    looked, answer = threading.Event(), threading.Event()

    def held(self, *arguments):
        """Holds the first answer back when it is made, so that it is out of date when it arrives."""
        if not looked.is_set():
            looked.set()
            answer.wait(20)
        http.server.BaseHTTPRequestHandler.send_response(self, *arguments)

    def early():
        if who == "a delivery":
            return hooked.github.push(older)[1]
        accepted = own_place.api.post(f"/projects/{hooked.project['id']}/deployments")
        return {"commit": accepted["commit"], "deployment": accepted["id"]}

    own_place.git.server.RequestHandlerClass.send_response = held
    with ThreadPoolExecutor(1) as other:
        first = other.submit(early)
        assert looked.wait(20)
        newer = hooked.commit("newer")
        second = hooked.github.push(newer)
        answer.set()
        said = first.result()
    assert second[1]["outcome"] == "accepted" and second[1]["commit"] == newer
    assert (said["commit"], said["deployment"]) == (newer, second[1]["deployment"])
    assert hooked.over(second)["status"] == "ready" and len(hooked.deployments()) == 1


def test_a_storm_of_pushes_in_any_order_ends_at_the_newest_commit(place, hooked):
    dice = random.Random(20261121)
    pushed, commits = [], []
    with ThreadPoolExecutor(8) as senders:
        for number in range(8):
            commits.append(hooked.commit(f"number {number}"))
            late = dice.sample(commits, min(3, len(commits)))
            pushed += [senders.submit(hooked.github.push, commit) for commit in [*late, commits[-1]]]
        for answer in pushed:
            status, said = answer.result()
            assert status == 202, said

    def settled():
        found = hooked.deployments()
        return all(one["status"] in ("ready", "canceled") for one in found) and found

    found = wait_for("every deployment to be over", settled, 120, every=0.5)
    live = next(one for one in found if one["id"] == hooked.live())
    assert live["commit"] == commits[-1]
    named = [one["commit"] for one in found]
    assert len(named) == len(set(named)), "no commit has two deployments"


def test_when_the_git_server_does_not_answer_the_push_is_believed(own_place):
    hooked = Hooked(own_place, {"index.html": "first"})
    own_place.git.close()
    commit = hooked.repository.head()
    started = time.monotonic()
    status, said = hooked.github.push(commit)
    assert (status, said["outcome"], said["commit"]) == (202, "accepted", commit)
    assert time.monotonic() - started < 8


def test_a_git_server_that_hangs_does_not_keep_github_waiting(own_place):
    hooked = Hooked(own_place, {"index.html": "first"})
    own_place.git.close()
    with socket.create_server(("127.0.0.1", own_place.git.port)):
        started = time.monotonic()
        status, said = hooked.github.push(hooked.repository.head())
        took = time.monotonic() - started
    assert (status, said["outcome"]) == (202, "accepted")
    assert 3 <= took < 6


def test_the_repository_is_told_by_its_number_once_that_is_known(hooked):
    commit = hooked.repository.head()
    address = hooked.project["repository"]
    hook = {"url": hooked.github.url, "secret": hooked.github.secret}
    foreign = GitHub(hook, f"{address}-other", number=7)
    assert foreign.push(commit)[1]["reason"] == "this is not the project's repository"
    assert foreign.deliver("ping", {})[1]["reason"] == "this is not the project's repository"
    assert GitHub(hook, address, number=8).deliver("ping", {}) == (200, {"outcome": "pong"})
    # Somebody else's repository, made later under the same name.
    assert GitHub(hook, address, number=9).push(commit)[1]["outcome"] == "ignored"
    assert hooked.deployments() == []
    renamed = GitHub(hook, f"{address}-renamed", number=8)
    assert renamed.push(commit)[1]["outcome"] == "accepted"


def test_a_push_whose_event_is_lost_is_built_all_the_same(own_place):
    hooked = Hooked(own_place, {"index.html": "late"})
    own_place.wire.fault(service="events", function="WebhooksFunction", status=500, code="InternalException")
    answer = hooked.github.push(hooked.repository.head())
    own_place.wire.no_faults()
    wait_for("the sweeper to find it old enough", lambda: own_place.wire.invoke("SweeperFunction")["started"], 30, every=1)
    assert hooked.over(answer)["status"] == "ready"


def test_a_persons_deployment_after_a_push_keeps_the_order(hooked):
    pushed = hooked.over(hooked.github.push(hooked.repository.head()))
    hooked.commit("by hand")
    person = deploy(hooked.api, hooked.project)
    assert person["created_by"] and "pushed_by" not in person and person["ordinal"] == pushed["ordinal"] + 1


def test_a_secret_that_cannot_be_kept_is_not_given(own_place):
    project = own_place.project(own_place.repository({"index.html": "x"}))
    where = f"/projects/{project['id']}/webhook"
    for code, status, kind in [
        ("ParameterLimitExceeded", 422, "limit-exceeded"),
        ("TooManyUpdates", 503, "contended"),
        ("InternalServerError", 503, "unavailable"),
    ]:
        own_place.wire.fault(service="ssm", action="PutParameter", status=400, code=code)
        found = refused(own_place.api.post, where)
        assert (found.status, found.problem["type"]) == (status, f"urn:slipway:problem:{kind}")
        own_place.wire.no_faults()
    hook = own_place.api.post(where)
    github = GitHub(hook, project["repository"])
    own_place.wire.fault(service="ssm", action="GetParameter", status=400, code="InternalServerError")
    assert github.deliver("ping", {})[0] == 503
    own_place.wire.no_faults()
    assert github.deliver("ping", {})[0] == 200
