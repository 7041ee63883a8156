#!/usr/bin/env python3
"""A function for tests: speaks the Runtime API with the standard library only and does what the event says."""

import http.client
import json
import os
import sys
import time

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
RUNTIME = "/2018-06-01/runtime/"


def call(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(API)
    connection.request(method, RUNTIME + path, body, headers or {})
    response = connection.getresponse()
    return response, response.read()


def stream(request, parts, broken):
    connection = http.client.HTTPConnection(API)
    connection.putrequest("POST", f"{RUNTIME}invocation/{request}/response")
    connection.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
    connection.putheader("Content-Type", "application/vnd.awslambda.http-integration-response")
    connection.putheader("Trailer", "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    prelude = json.dumps({"statusCode": 201, "headers": {"content-type": "text/plain"}, "cookies": ["a=1"]})
    for part in [prelude.encode() + bytes(8)] + parts:
        connection.send(b"%x\r\n%s\r\n" % (len(part), part))
        time.sleep(0.02)
    trailers = b"Lambda-Runtime-Function-Error-Type: Broken\r\n" if broken else b""
    connection.send(b"0\r\n" + trailers + b"\r\n")
    connection.getresponse().read()


def answer(event):
    """The answer to an event, or None if it was given already."""
    if event.get("type") == "REQUEST":
        token = event["identitySource"][0]
        if token == "broken":
            return {"isAuthorized": "perhaps"}
        return {"isAuthorized": token == "good", "context": {"user": "u1", "route": event["routeKey"]}}
    if "requestContext" in event:
        return {
            "statusCode": 200,
            "headers": {"content-type": "application/json", "x-pid": str(os.getpid())},
            "cookies": ["one=1", "two=2"],
            "body": json.dumps(event),
        }
    return {"pid": os.getpid(), "event": event, "environment": dict(os.environ)}


def aws(event):
    """A call to an AWS API, signed in name only."""
    host = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
    connection = http.client.HTTPConnection(host)
    key = os.environ["AWS_ACCESS_KEY_ID"]
    headers = {
        "X-Amz-Target": event["target"],
        "Content-Type": "application/x-amz-json-1.0",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={key}/20261120/us-east-1/{event['service']}/aws4_request",
    }
    connection.request("POST", "/", json.dumps(event["input"]), headers)
    response = connection.getresponse()
    return {"status": response.status, "body": json.loads(response.read() or b"{}")}


if os.environ.get("FAIL_INIT"):
    call("POST", "init/error", json.dumps({"errorType": "Init", "errorMessage": "no init"}))
    sys.exit(1)

while True:
    response, payload = call("GET", "invocation/next")
    request = response.headers["Lambda-Runtime-Aws-Request-Id"]
    event = json.loads(payload)
    print("event", request, flush=True)
    do = event.get("do") or event.get("detail", {}).get("do") or event.get("rawPath", "").strip("/")
    if do == "note":
        with open(os.environ["NOTES"], "a") as notes:
            notes.write(json.dumps(event) + "\n")
    if do == "crash":
        os._exit(3)
    if do == "sleep":
        time.sleep(event.get("seconds", 60))
    if do == "fail":
        call("POST", f"invocation/{request}/error", json.dumps({"errorType": "Test", "errorMessage": "as told"}))
        continue
    if do in ("stream", "broken-stream"):
        stream(request, [b"one ", b"two"], do == "broken-stream")
        continue
    if do == "large":
        call("POST", f"invocation/{request}/response", json.dumps("x" * (7 << 20)))
        continue
    if do == "aws":
        call("POST", f"invocation/{request}/response", json.dumps(aws(event)))
        continue
    call("POST", f"invocation/{request}/response", json.dumps(answer(event)))
