"""What a redeploy costs, counted at the wire."""

import collections
import math

import pytest
from laptop.counting_proxy import CountingProxy
from laptop.deploying import deploy

FILES = 1_000


@pytest.fixture
def counted(own_places, tmp_path):
    """A platform whose builder speaks to the API through a proxy that counts, and that proxy."""
    proxy = CountingProxy()
    place = own_places(*proxy.image(tmp_path))
    proxy.target = place.port
    return place, proxy


def builders_requests(proxy: CountingProxy, puts: int) -> int:
    """All that the builder asked for but its log, whose chunks depend on how long the build took."""
    asked = collections.Counter(path for _, path, _ in proxy.taken())
    del asked["log"]
    assert set(asked) <= {"register", "manifest", "urls", "commit"}, asked
    return asked.total() + puts


def blob_calls(calls: list[dict]) -> dict[str, int]:
    found: dict[str, int] = {}
    for call in calls:
        if call["service"] == "s3" and "/blobs/" in str(call["resource"]):
            found[call["action"]] = found.get(call["action"], 0) + 1
    return found


def test_a_redeploy_asks_s3_and_the_api_for_changed_files_only(counted):
    place, proxy = counted
    page = "<!doctype html><title>{n}</title>" + "<p>some words that repeat</p>" * 60
    repository = place.repository({f"pages/{n}.html": page.replace("{n}", str(n)) for n in range(FILES)} | {"index.html": "home"})
    project = place.project(repository)
    _, start = place.wire.calls()
    deploy(place.api, project)
    calls, start = place.wire.calls(start)
    assert blob_calls(calls)["PutObject"] == FILES + 1
    proxy.taken()
    for changed in (0, 1, 10):
        for n in range(changed):
            (repository.working_copy / "pages" / f"{n}.html").write_text(page.replace("{n}", f"{n} of {changed}"))
        repository.commit(f"{changed} changed")
        _, start = place.wire.calls(start)
        deploy(place.api, project)
        calls, start = place.wire.calls(start)
        found = blob_calls(calls)
        assert found.get("PutObject", 0) == changed, found
        assert found.get("HeadObject", 0) == changed, found
        assert set(found) <= {"PutObject", "HeadObject"}
        assert builders_requests(proxy, found.get("PutObject", 0)) == changed + 3 + math.ceil(changed / 500)
        assert not [call for call in calls if call["action"] == "Scan"]
        uploaded = sum(call["request_bytes"] for call in calls if call["action"] == "PutObject" and "/blobs/" in call["resource"])
        # The plain form and, beside it, two compressed ones that are small because the words repeat.
        assert uploaded <= changed * len(page) * 1.2


def test_twenty_thousand_files_are_uploaded_and_one_more_is_refused(place):
    repository = place.repository({f"{n // 500}/{n}.txt": f"file {n}" for n in range(20_000)})
    project = place.project(repository)
    deployment = deploy(place.api, project)
    (repository.working_copy / "one-more.txt").write_text("one more")
    repository.commit("One more")
    accepted = place.api.post(f"/projects/{project['id']}/deployments")
    refused = place.api.follow(project["id"], accepted["id"])
    assert refused["failure"]["code"] == "output-too-large" and "20000" in refused["failure"]["message"]
    assert place.api.get(f"/projects/{project['id']}")["live"] == deployment["id"]
