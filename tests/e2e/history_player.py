"""Plays the steps of a history against the real thing: as people, as builders, as ECS."""

import hashlib
import secrets
import urllib.error
import urllib.request

from histories import EXITS, Step
from history_reference import Call, Seen
from laptop.api import Api, Refused

TABLE = "slipway-deploymentstable"


def task_event(project: dict, deployment: dict, status: str, version: int, attempt: int = 1, **more) -> dict:
    """An ECS Task State Change of the task of a deployment's attempt."""
    arn = f"arn:aws:ecs:us-east-1:000000000000:task/slipway-buildcluster/{deployment['id']}-{attempt}"
    detail = {
        "taskArn": arn,
        "clusterArn": "arn:aws:ecs:us-east-1:000000000000:cluster/slipway-buildcluster",
        "group": "family:slipway-builder",
        "startedBy": f"{project['id']}/{deployment['id']}/{attempt}",
        "lastStatus": status,
        "desiredStatus": "STOPPED" if status == "STOPPED" else "RUNNING",
        "version": version,
        "memory": "4096",
        "cpu": "2048",
        "containers": [{"name": "builder", "lastStatus": status, **more.pop("container", {})}],
        **more,
    }
    return {
        "version": "0", "id": secrets.token_hex(16), "detail-type": "ECS Task State Change", "source": "aws.ecs",
        "account": "000000000000", "time": "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": [arn], "detail": detail,
    }


class Player:
    """A project of its own, and all that is done to it."""

    def __init__(self, place, slug: str, repository: str):
        self.place = place
        self.project = place.api.post("/projects", {"slug": slug, "repository": repository})
        self.path = f"/projects/{self.project['id']}/deployments"
        self.deployments: dict[int, dict] = {}
        self.tickets: dict[tuple[int, int], str] = {}
        self.tokens: dict[str, tuple[int, str]] = {}

    def play(self, lane: list[Step]) -> list[Call]:
        """Takes these steps one after the other."""
        return [call for step in lane for call in getattr(self, step.what)(step)]

    def trigger(self, step: Step) -> list[Call]:
        wanted = {"commit": secrets.token_hex(20), "environment": step.says}
        accepted = self.place.api.post(self.path, wanted)
        assert (accepted["ordinal"], accepted["status"]) == (step.deployment, "queued"), accepted
        self.deployments[step.deployment] = accepted
        return [Call(step, "starts" if accepted["attempt"] else "waits")]

    def cancel(self, step: Step) -> list[Call]:
        return [Call(step, self.answer(self.place.api, step, "cancel", {})[0])]

    def register(self, step: Step) -> list[Call]:
        token = self.token(step)
        digest = hashlib.sha256(token.encode()).hexdigest()
        self.tokens[digest] = (step.deployment, step.token)
        asked = {"ticket": self.tickets[step.deployment, step.attempt], "token_sha256": digest}
        return [Call(step, self.answer(Api(self.place.port), step, "register", asked)[0])]

    def upload(self, step: Step) -> list[Call]:
        """A page of one file, whose bytes are another's than those of other attempts."""
        content, entry = self.file(step)
        page = {"page": 0, "pages": 1, "entries": [entry]}
        answer, missing = self.built(step, "manifest", page)
        calls = [Call(step._replace(what="manifest"), answer)]
        if missing.get("missing"):
            answer, urls = self.built(step, "urls", {"blobs": [{"sha256": entry["sha256"], "size": entry["size"]}]})
            calls.append(Call(step._replace(what="urls"), answer))
            for signed in urls.get("uploads", []):
                put(signed, content)
        return calls

    def commit(self, step: Step) -> list[Call]:
        return [Call(step, self.built(step, "commit", {"pages": 1, "files": 1})[0])]

    def failure(self, step: Step) -> list[Call]:
        return [Call(step, self.built(step, "failure", {"code": step.says, "message": "It is told so."})[0])]

    def running(self, step: Step) -> list[Call]:
        return self.event(step, "RUNNING")

    def passing(self, step: Step) -> list[Call]:
        return self.event(step, step.says)

    def stopped(self, step: Step) -> list[Call]:
        detail, container = EXITS[step.says]
        return self.event(step, "STOPPED", container=container, **detail)

    def event(self, step: Step, status: str, **more) -> list[Call]:
        deployment = self.deployments[step.deployment]
        event = task_event(self.project, deployment, status, step.version, step.attempt, **more)
        assert self.place.wire.event(event) == 1
        return [Call(step, "accepted")]

    def token(self, step: Step) -> str:
        return f"slb_{self.deployments[step.deployment]['id']} {step.token}".replace(" ", "-")

    def file(self, step: Step) -> tuple[bytes, dict]:
        content = f"{self.deployments[step.deployment]['id']} {step.attempt}".encode()
        digest = hashlib.sha256(content).hexdigest()
        return content, {"path": "index.html", "sha256": digest, "size": len(content), "type": "text/html"}

    def built(self, step: Step, what: str, body: dict) -> tuple[str, dict]:
        return self.answer(Api(self.place.port, self.token(step)), step, what, body)

    def answer(self, api: Api, step: Step, what: str, body: dict) -> tuple[str, dict]:
        path = f"{self.path}/{self.deployments[step.deployment]['id']}/{what}"
        try:
            return "ok", api.post(path, body)
        except Refused as refused:
            return str(refused.status), {}

    def found(self) -> dict[int, Seen]:
        """What the table says, and thereby the tickets, which travel to builders only."""
        asked = {
            "TableName": TABLE,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :project AND begins_with(sk, :deployments)",
            "ExpressionAttributeValues": {":project": {"S": f"PROJECT#{self.project['id']}"}, ":deployments": {"S": "DEPLOYMENT#"}},
        }
        records = [plain({"M": item}) for item in self.place.wire.dynamodb("Query", asked)["Items"]]
        for record in records:
            if "ticket" in record:
                ticket = self.tickets.setdefault((record["ordinal"], record["attempt"]), record["ticket"])
                assert ticket == record["ticket"], "an attempt has one ticket"
        assert len(set(self.tickets.values())) == len(self.tickets), "each attempt has a ticket of its own"
        return {record["ordinal"]: self.seen(record) for record in records}

    def seen(self, record: dict) -> Seen:
        status = record["status"]
        of, token = self.tokens.get(record.get("token_sha256"), (record["ordinal"], None))
        assert of == record["ordinal"] and (token is None) == ("token_sha256" not in record), record
        return Seen(
            status["state"], status.get("superseded", False), status.get("failure", {}).get("code"), record["attempt"],
            record.get("task", {}).get("version", 0), token, "ticket" in record,
        )

    def shown(self) -> dict[int, tuple]:
        """What the API shows of each deployment."""
        return {
            shown["ordinal"]: (shown["status"], shown.get("superseded"), shown.get("failure", {}).get("code"), shown["attempt"], shown["live"])
            for shown in self.place.api.get(self.path)["deployments"]
        }


def put(signed: dict, content: bytes) -> None:
    request = urllib.request.Request(signed["url"], data=content, method="PUT", headers=signed["headers"])
    try:
        urllib.request.urlopen(request, timeout=60).close()
    except urllib.error.HTTPError as error:
        # The bytes are there already.
        if error.code != 412:
            raise


def plain(value: dict):
    """A value in DynamoDB's notation as what it stands for."""
    (kind, content), = value.items()
    match kind:
        case "M":
            return {name: plain(inner) for name, inner in content.items()}
        case "N":
            return int(content)
        case _:
            return content
