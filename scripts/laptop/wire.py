"""The laptop platform's own endpoints: recorded calls, faults, events, direct invocations."""

import json
import urllib.request


class Wire:
    """What `/_local/` and the Invoke API offer on the AWS port."""

    def __init__(self, aws: str):
        self.aws = aws

    def request(self, method: str, path: str, body=None, headers: dict | None = None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.aws + path, data=data, method=method, headers=headers or {})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read() or b"null")

    def calls(self, since: int = 0) -> tuple[list[dict], int]:
        """Recorded AWS calls from a number on, and the number to go on with."""
        answer = self.request("GET", f"/_local/calls?since={since}")
        return answer["calls"], answer["next"]

    def fault(self, **fault) -> None:
        self.request("POST", "/_local/faults", fault)

    def no_faults(self) -> None:
        self.request("DELETE", "/_local/faults")

    def event(self, event: dict) -> int:
        """Puts an event onto the bus, AWS's own included; returns how many rules matched."""
        return self.request("POST", "/_local/events", event)["matched"]

    def state(self) -> dict:
        return self.request("GET", "/_local/state")

    def dynamodb(self, operation: str, request: dict) -> dict:
        """One call of DynamoDB's own protocol, past all functions: for looking at what is stored."""
        key = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
        headers = {"authorization": key, "x-amz-target": f"DynamoDB_20120810.{operation}", "content-type": "application/x-amz-json-1.0"}
        return self.request("POST", "/", request, headers)

    def everything_stored(self) -> list[dict]:
        """All items of all tables."""
        items = []
        for table in self.dynamodb("ListTables", {})["TableNames"]:
            page = {"LastEvaluatedKey": None}
            while "LastEvaluatedKey" in page:
                start = page["LastEvaluatedKey"]
                page = self.dynamodb("Scan", {"TableName": table, **({"ExclusiveStartKey": start} if start else {})})
                items += page["Items"]
        return items

    def invoke(self, function: str, event: dict | None = None, kind: str = "RequestResponse"):
        """Calls a function by its logical id and returns its answer. Of the kind `Event` it is handed over as EventBridge
        does it: there is no answer, it is tried again, and in the end given up into the function's dead-letter queue."""
        key = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0"
        headers = {"authorization": key, "x-amz-invocation-type": kind}
        return self.request("POST", f"/2015-03-31/functions/{function}/invocations", event or {}, headers)
