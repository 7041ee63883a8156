"""Least privilege, proven by what was done: runs last, over every AWS call of the session."""

import sam

# What a call needs a right for, where that is not its own name.
NEEDS = {"TransactWriteItems": "PutItem", "HeadObject": "GetObject", "DeleteObjects": "DeleteObject"}
# IAM's prefix where it is not the name in a credential's scope.
PREFIX = {"cloudfront-keyvaluestore": "cloudfront-keyvaluestore", "events": "events", "ecs": "ecs", "s3": "s3", "dynamodb": "dynamodb", "ssm": "ssm"}


def allowed(properties: dict) -> set[str]:
    actions = set()
    for policy in properties.get("Policies", []):
        for statement in policy["Statement"]:
            actions |= set(statement["Action"])
    return actions


def test_no_function_has_called_what_its_policy_does_not_allow(place):
    calls, _ = place.wire.calls()
    functions = sam.functions()
    done = {(call["function"], call["service"], call["action"]) for call in calls if call["function"] in functions}
    assert len(done) > 20
    for function, service, action in sorted(done):
        right = f"{PREFIX[service]}:{NEEDS.get(action, action)}"
        assert right in allowed(functions[function]), (function, right)


def test_nobody_scans(place):
    calls, _ = place.wire.calls()
    functions = sam.functions()
    assert not [call for call in calls if call["action"] == "Scan" and call["function"] in functions]
