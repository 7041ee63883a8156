"""Serving goes on: through promotes under load, and without API and tables."""

import os
import pathlib
import re
import signal
import threading

from laptop.api import fetch
from laptop.deploying import deploy, wait_for_edge
from laptop.say import wait_for


def versions(place, count=2):
    """A project with some ready deployments whose page and scripts say which version they are. One script has a name of
    its own in each version, as build tools make it."""
    repository = place.repository(files_of(0))
    project = place.project(repository)
    made = [deploy(place.api, project)["id"]]
    for number in range(1, count):
        (repository.working_copy / script_of(number - 1)).unlink()
        for name, text in files_of(number).items():
            (repository.working_copy / name).write_text(text)
        repository.commit(f"Version {number}")
        made.append(deploy(place.api, project)["id"])
    wait_for_edge(place.api, project, made[-1])
    return project, made


def script_of(number):
    return f"app-{number:07d}f.js"


def files_of(number):
    page = f"version {number} <script src=/{script_of(number)}></script>"
    return {"index.html": page, "app.js": f"version {number}", script_of(number): f"version {number}"}


class Visitors:
    """Clients that load the page and every asset it names, over and over."""

    def __init__(self, place, project, made, count):
        self.place, self.host = place, place.host(project)
        self.number_of = {deployment: f"version {number}".encode() for number, deployment in enumerate(made)}
        self.over = threading.Event()
        self.wrong, self.pages = [], [0] * count
        self.clients = [threading.Thread(target=self.visit, args=[client]) for client in range(count)]

    def __enter__(self):
        for client in self.clients:
            client.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for client in self.clients:
            client.join()

    def visit(self, client):
        while not self.over.is_set():
            try:
                self.load_page()
            except Exception as error:
                self.wrong.append(repr(error))
            self.pages[client] += 1

    def load_page(self):
        page = self.get("/")
        version = re.match(rb"version \d+", page)[0]
        asset = re.search(rb"src=(/[^>]+)>", page)[1].decode()
        # Whatever was promoted meanwhile: the script is there, and it is the page's own.
        if self.get(asset) != version:
            self.wrong.append(("mixed", version, asset))
        self.get("/app.js")

    def get(self, path):
        status, headers, body = fetch(self.place.port, self.host, path)
        # One response is of one version, the one that its header names.
        if status != 200 or self.number_of[headers["x-slipway-deployment"]] not in body:
            self.wrong.append((path, status, headers, body[:200]))
        return body

    def wait_for_pages(self, more):
        """Until each client has loaded this many more pages."""
        goal = [pages + more for pages in self.pages]
        wait_for("every client to load pages", lambda: all(now >= then for now, then in zip(self.pages, goal)), 120)


def kill_functions_but_site(place):
    """kill -9 for every function process that serves the API or hears events."""
    killed = 0
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text().rsplit(")", 1)[1].split()[1])
            name = pathlib.Path(os.readlink(entry.parent / "exe")).name
        except OSError:
            continue
        if parent == place.platform.process.pid and name not in ("site", "builder", "bwrap"):
            os.kill(int(entry.parent.name), signal.SIGKILL)
            killed += 1
    return killed


def test_promotes_and_roll_backs_under_load_fail_no_request_and_mix_no_versions(own_place):
    place = own_place
    project, made = versions(place)
    number_of = {deployment: f"version {number}".encode() for number, deployment in enumerate(made)}
    stale = []
    with Visitors(place, project, made, 4) as visitors:
        for flip in range(200):
            target = made[flip % 2]
            if flip % 2 == 0:
                place.api.post(f"/projects/{project['id']}/rollback", {"deployment": target})
            else:
                place.api.post(f"/projects/{project['id']}/deployments/{target}/promote")
            wait_for_edge(place.api, project, target)
            # Answered and written to the edge: nobody sees the old version any more.
            for path in ("/", "/app.js"):
                _, headers, body = fetch(place.port, visitors.host, path)
                if headers.get("x-slipway-deployment") != target or number_of[target] not in body:
                    stale.append((flip, path, headers, body[:200]))
            if flip == 100:
                # Midway everything but the bucket is gone: tables, bus, edge store, and whoever serves the API.
                for service in ("dynamodb", "events", "ecs", "cloudfront-keyvaluestore"):
                    place.wire.fault(service=service, status=500, code="InternalServerError")
                assert kill_functions_but_site(place) > 0
                visitors.wait_for_pages(20)
                place.wire.no_faults()
    assert (visitors.wrong, stale) == ([], [])
    assert min(visitors.pages) > 20
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
