"""A sender of webhook deliveries as GitHub makes them."""

import hashlib
import hmac
import http.client
import json
import secrets
import urllib.parse

NOWHERE = "0" * 40


class GitHub:
    """Sends deliveries of a repository's webhook, signed with its secret."""

    def __init__(self, webhook: dict, address: str, number: int = 186853002):
        self.url = webhook["url"]
        self.secret = webhook["secret"]
        self.repository = {"id": number, "clone_url": f"{address}.git", "html_url": address}

    def push(self, commit: str, branch: str = "main", message: str = "A change", **more) -> tuple[int, dict]:
        """A push that moved a branch to a commit."""
        head = None if commit == NOWHERE else {"id": commit, "message": message}
        payload = {"ref": f"refs/heads/{branch}", "after": commit, "deleted": commit == NOWHERE, "head_commit": head, **more}
        return self.deliver("push", payload)

    def deliver(self, event: str, payload: dict, form: bool = False) -> tuple[int, dict]:
        """A signed delivery; the repository is this webhook's unless the payload names one."""
        payload = {"repository": self.repository, "sender": {"login": "octocat"}, **payload}
        text = json.dumps(payload)
        body = (urllib.parse.urlencode({"payload": text}) if form else text).encode()
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        return self.send(event, body, self.signature(body), kind)

    def signature(self, body: bytes) -> str:
        return "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()

    def send(self, event: str, body: bytes, signature: str | None, kind: str = "application/json") -> tuple[int, dict]:
        """These very bytes."""
        to = urllib.parse.urlsplit(self.url)
        headers = {"content-type": kind, "user-agent": "GitHub-Hookshot/1", "x-github-event": event, "x-github-delivery": secrets.token_hex(16)}
        if signature is not None:
            headers["x-hub-signature-256"] = signature
        connection = http.client.HTTPConnection(to.hostname, to.port, timeout=60)
        try:
            connection.request("POST", to.path, body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()
