"""Serving goes on: through promotes under load, and without API and tables."""

import threading

from laptop.api import fetch
from laptop.deploying import deploy, wait_for_edge


def versions(place, count=2):
    """A project with some ready deployments whose page and script say which version they are."""
    repository = place.repository({"index.html": "version 0 <script src=/app.js></script>", "app.js": "version 0"})
    project = place.project(repository)
    made = [deploy(place.api, project)["id"]]
    for number in range(1, count):
        (repository.working_copy / "index.html").write_text(f"version {number} <script src=/app.js></script>")
        (repository.working_copy / "app.js").write_text(f"version {number}")
        repository.commit(f"Version {number}")
        made.append(deploy(place.api, project)["id"])
    wait_for_edge(place.api, project, made[-1])
    return project, made


def test_promotes_and_roll_backs_under_load_fail_no_request_and_mix_no_versions(place):
    project, made = versions(place)
    host = place.host(project)
    number_of = {deployment: f"version {number}".encode() for number, deployment in enumerate(made)}
    over = threading.Event()
    wrong, counted = [], []

    def visit():
        requests = 0
        while not over.is_set():
            for path in ("/", "/app.js"):
                status, headers, body = fetch(place.port, host, path)
                requests += 1
                # One response is of one version, the one that its header names.
                if status != 200 or number_of[headers["x-slipway-deployment"]] not in body:
                    wrong.append((path, status, headers, body[:200]))
        counted.append(requests)

    clients = [threading.Thread(target=visit) for _ in range(4)]
    for client in clients:
        client.start()
    try:
        for flip in range(200):
            target = made[flip % 2]
            if flip % 2 == 0:
                place.api.post(f"/projects/{project['id']}/rollback", {"deployment": target})
            else:
                place.api.post(f"/projects/{project['id']}/deployments/{target}/promote")
            wait_for_edge(place.api, project, target)
            # Answered and written to the edge: nobody sees the old version any more.
            for path in ("/", "/app.js"):
                _, headers, body = fetch(place.port, host, path)
                if headers.get("x-slipway-deployment") != target or number_of[target] not in body:
                    wrong.append(("stale", flip, path, headers, body[:200]))
    finally:
        over.set()
        for client in clients:
            client.join()
    assert wrong == []
    assert len(counted) == 4 and min(counted) > 0
    site = next(found for found in place.wire.state()["functions"] if found["id"] == "SiteFunction")
    assert site["processes"] > 1


def test_without_api_tables_and_bus_sites_are_served_on(own_place):
    place = own_place
    project, made = versions(place)
    for service in ("dynamodb", "events", "ecs", "cloudfront-keyvaluestore"):
        place.wire.fault(service=service, status=500, code="InternalServerError")
    for _ in range(100):
        assert fetch(place.port, place.host(project), "/")[0] == 200
        assert fetch(place.port, place.host(project, made[0]), "/app.js")[2] == b"version 0"
    place.wire.no_faults()


def test_an_edge_change_whose_event_is_lost_is_repeated_by_the_sweeper(own_place):
    place = own_place
    project, made = versions(place)
    place.wire.fault(service="events", status=500, code="InternalFailure")
    place.api.post(f"/projects/{project['id']}/rollback")
    assert place.api.get(f"/projects/{project['id']}")["edge"]["synced"] is False
    place.wire.no_faults()
    assert place.wire.invoke("SweeperFunction")["told"] >= 1
    wait_for_edge(place.api, project, made[0])
    assert fetch(place.port, place.host(project), "/app.js")[2] == b"version 0"
