"""Deliveries as GitHub really sends them: the examples that Octokit collects, of github.com and of each Enterprise Server."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from laptop.github import GitHub
from laptop.packages import package

PAGES = package("@octokit/webhooks-examples", "7.6.1")
HOSTS = sorted(index.parent.name for index in PAGES.glob("*/index.json"))
FOREIGN = "this is not the project's repository"


def examples(host: str) -> list[tuple[str, dict]]:
    """(event, payload) of every example."""
    events = json.loads((PAGES / host / "index.json").read_text())
    return [(event["name"], payload) for event in events for payload in event["examples"]]


@pytest.fixture(scope="module")
def hook(place):
    """A project whose repository has the branch that the examples push to."""
    repository = place.repository({"index.html": "x"})
    repository.git("push", "--quiet", "origin", "HEAD:master")
    project = place.project(repository)
    yield place, project, repository.head()


def github(hook) -> GitHub:
    place, project, _ = hook
    return GitHub(place.api.post(f"/projects/{project['id']}/webhook"), project["repository"])


@pytest.mark.parametrize("host", HOSTS)
def test_every_example_is_acknowledged_and_those_of_other_repositories_start_nothing(hook, host):
    place, project, _ = hook
    sender = github(hook)
    before = place.api.get(f"/projects/{project['id']}/deployments")["deployments"]

    def send(example):
        event, payload = example
        body = json.dumps(payload).encode()
        return event, payload, sender.send(event, body, sender.signature(body))

    with ThreadPoolExecutor(8) as senders:
        sent = list(senders.map(send, examples(host)))
    assert len(sent) > 40 and {event for event, _, _ in sent} >= {"push", "ping"}
    for event, payload, answer in sent:
        if event == "ping":
            reason = {"reason": FOREIGN} if "repository" in payload else {}
            assert answer == (200, {"outcome": "pong", **reason})
        else:
            assert (answer[0], answer[1]["outcome"]) == (202, "ignored"), event
            assert (answer[1]["reason"] == FOREIGN) == (event == "push"), event
    assert place.api.get(f"/projects/{project['id']}/deployments")["deployments"] == before


@pytest.mark.parametrize("host", HOSTS)
def test_pushes_of_the_examples_to_the_projects_own_repository_do_what_they_say(hook, host):
    _, project, head = hook
    sender = github(hook)
    address = project["repository"]
    for event, payload in examples(host):
        if event not in ("push", "ping") or "repository" not in payload:
            continue
        payload["repository"] |= {"clone_url": f"{address}.git", "html_url": address, "id": sender.repository["id"]}
        for form in (False, True):
            status, said = sender.deliver(event, payload, form)
            if event == "ping":
                assert (status, said) == (200, {"outcome": "pong"})
            elif payload["ref"].startswith("refs/tags/"):
                assert (status, said["reason"]) == (202, "a tag is not deployed; a branch is")
            else:
                assert payload["ref"] == "refs/heads/master"
                assert (status, said["commit"], said["environment"]) == (202, head, "preview")
