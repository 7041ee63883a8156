"""The authorizer in Python with boto3: reads the same item, gives the same answer. The client is made once, as AWS advises.

The loop below stands for AWS's own runtime client, which does more; so it flatters this peer."""

import datetime
import hashlib
import http.client
import json
import os

import boto3

TABLE = os.environ["USERS_TABLE"]
DYNAMODB = boto3.client("dynamodb")


def handler(event: dict) -> dict:
    refused = {"isAuthorized": False, "context": {}}
    scheme, _, token = event.get("headers", {}).get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return refused
    key = {"pk": {"S": f"CREDENTIAL#{hashlib.sha256(token.encode()).hexdigest()}"}, "sk": {"S": "CREDENTIAL"}}
    item = DYNAMODB.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item")
    if not item or datetime.datetime.fromisoformat(item["expires_at"]["S"]) <= datetime.datetime.now(datetime.timezone.utc):
        return refused
    owner = str(item["platform_owner"]["BOOL"]).lower()
    return {
        "isAuthorized": True,
        "context": {"user": item["user"]["S"], "credential": item["id"]["S"], "platform_owner": owner},
    }


def main() -> None:
    runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        runtime.request("GET", "/2018-06-01/runtime/invocation/next")
        answer = runtime.getresponse()
        event = json.loads(answer.read())
        request = answer.getheader("Lambda-Runtime-Aws-Request-Id")
        runtime.request("POST", f"/2018-06-01/runtime/invocation/{request}/response", json.dumps(handler(event)))
        runtime.getresponse().read()


main()
