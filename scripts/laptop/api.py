"""A client of the public API, as small as its users' own first script."""

import http.client
import json
import time

from .say import Stop


class Refused(Exception):
    """An answer other than 2xx."""

    def __init__(self, status: int, problem: dict):
        self.status = status
        self.problem = problem
        super().__init__(f"{status}: {problem.get('detail') or problem}")


class Api:
    """The API on a port of this machine, asked from one of its loopback addresses."""

    def __init__(self, port: int, token: str | None = None, source: str = "127.0.0.1"):
        self.port = port
        self.token = token
        self.source = source

    def call(self, method: str, path: str, body: dict | None = None, headers: dict | None = None) -> dict:
        headers = {"content-type": "application/json", **(headers or {})}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(self.source, 0))
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        parsed = json.loads(text) if text else {}
        if answer.status >= 300:
            raise Refused(answer.status, parsed)
        return parsed

    def get(self, path: str) -> dict:
        return self.call("GET", path)

    def post(self, path: str, body: dict | None = None, key: str | None = None) -> dict:
        """A POST; with a key, one that has its effect once however often it is repeated."""
        return self.call("POST", path, body or {}, {"idempotency-key": key} if key else None)

    def follow(self, project: str, deployment: str, show=None, seconds: float = 1200) -> dict:
        """Reads the log until the deployment is over, showing each line, and returns the deployment."""
        place = f"/projects/{project}/deployments/{deployment}"
        until = time.monotonic() + seconds
        start = 0
        while time.monotonic() < until:
            log = self.get(f"{place}/log?from={start}")
            for line in log["lines"]:
                if show:
                    show(line)
            start = log["next"]
            if log["retry_after_ms"] is None:
                return self.get(place)
            time.sleep(log["retry_after_ms"] / 1000)
        raise Stop(f"the deployment {deployment} was not over after {seconds:.0f} s")


def fetch(port: int, host: str, path: str, headers: dict | None = None, method: str = "GET"):
    """A request for a site through the edge: the connection goes to this machine, the Host header says which site."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, headers={"host": host, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()
