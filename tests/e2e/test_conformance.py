"""What template.yaml says is what the code does, and the other way round."""

import json
import re
import subprocess

import sam
from laptop.api import Api, Refused
from laptop.paths import BINARIES, ROOT, TEMPLATE

# Reachable without a token, each for a reason: signing in comes before having one, a builder has one of its own, and
# GitHub signs.
PUBLIC = {
    ("POST", "/auth/claim"),
    ("POST", "/auth/users"),
    ("POST", "/auth/sessions"),
    ("POST", "/projects/{project}/deployments/{deployment}/register"),
    ("POST", "/projects/{project}/deployments/{deployment}/log"),
    ("POST", "/projects/{project}/deployments/{deployment}/manifest"),
    ("POST", "/projects/{project}/deployments/{deployment}/urls"),
    ("POST", "/projects/{project}/deployments/{deployment}/commit"),
    ("POST", "/projects/{project}/deployments/{deployment}/failure"),
    ("POST", "/webhooks/github/{project}"),
}
ID = "01arz3ndektsv4rrffq69g5fav"


def routers() -> set[tuple[str, str]]:
    """The routes in the functions' route tables."""
    found = set()
    for function in (ROOT / "functions").iterdir():
        text = (function / "src" / "lib.rs").read_text()
        for path, methods in re.findall(r'\.route\(\s*"([^"]+)",\s*((?:[^()]|\([^()]*\))*)\)', text):
            for method in re.findall(r"\b(get|post|put|patch|delete)\(", methods):
                found.add((method.upper(), path))
    return found


def test_the_templates_routes_are_the_routers_routes():
    assert set(sam.routes()) == routers()


def test_the_public_routes_are_the_listed_ones():
    assert {route for route, about in sam.routes().items() if about["public"]} == PUBLIC


def test_every_other_route_asks_for_a_token_and_every_route_is_reached(place):
    for (method, path), about in sam.routes().items():
        path = re.sub(r"\{\w+\}", ID, path)
        if not about["public"]:
            assert status(Api(place.port), method, path) == 401, path
            assert status(Api(place.port, "slt_" + "0" * 64), method, path) == 403, path
        if (method, path) == ("DELETE", "/auth/sessions/current"):
            continue
        problem = answer(place.api, method, path)
        assert problem.get("detail") != "there is no such route, or it is not yours", (method, path)
        assert problem.get("status", 200) < 500, (method, path, problem)


def status(api: Api, method: str, path: str) -> int:
    try:
        api.call(method, path)
        return 200
    except Refused as refused:
        return refused.status


def answer(api: Api, method: str, path: str) -> dict:
    try:
        api.call(method, path)
        return {}
    except Refused as refused:
        return refused.problem


def test_the_functions_environment_is_what_they_read():
    for name, properties in sam.functions().items():
        config = (ROOT / "functions" / sam.folder(properties) / "src" / "config.rs").read_text()
        code = config.split("#[cfg(test)]")[0]
        read = set(re.findall(r'environment\s*\.\w+\("([A-Z0-9_]+)"\)', code)) | set(re.findall(r'set\("([A-Z0-9_]+)"\)', code))
        given = set(properties.get("Environment", {}).get("Variables", {}))
        # Only for running outside Lambda.
        optional = {"SITE_LISTEN", "SITE_MANIFEST_CACHE"}
        assert read - optional == given, name


def test_every_asynchronous_target_has_a_queue_for_its_errors_and_one_for_undelivered_events():
    for name, properties in sam.functions().items():
        events = [event for event in properties.get("Events", {}).values() if event["Type"] != "HttpApi"]
        if events:
            assert properties["DeadLetterQueue"]["Type"] == "SQS", name
        for event in events:
            assert event["Properties"]["DeadLetterConfig"]["Arn"], name
            assert "MaximumRetryAttempts" in event["Properties"]["RetryPolicy"], name


def test_every_function_has_inputs_for_sam_local_invoke():
    for properties in sam.functions().values():
        cases = list((ROOT / "events" / sam.folder(properties)).glob("*.json"))
        assert cases, sam.folder(properties)
        for case in cases:
            json.loads(case.read_text())


def test_nothing_in_the_template_costs_by_the_hour():
    hourly = re.compile(r"NatGateway|LoadBalancer|::RDS::|::KMS::Key|::ECS::Service|SecretsManager|ElastiCache|OpenSearch|::EC2::Instance")
    kinds = [resource["Type"] for resource in sam.template()["Resources"].values()]
    assert not [kind for kind in kinds if hourly.search(kind)]


def test_a_build_task_has_no_role():
    task = sam.template()["Resources"]["BuilderTask"]["Properties"]
    assert "TaskRoleArn" not in task


def test_what_the_platform_does_not_support_is_an_error_with_the_line(tmp_path):
    lines = TEMPLATE.read_text().splitlines()
    place = lines.index("Resources:") + 1
    for wrong, named in [
        (["  Extra:", "    Type: AWS::Kinesis::Stream"], "AWS::Kinesis::Stream"),
        (["  Extra:", "    Type: AWS::S3::Bucket", "    Properties:", "      Colour: red"], "Colour"),
    ]:
        template = tmp_path / "template.yaml"
        template.write_text("\n".join(lines[:place] + wrong + lines[place:]))
        command = [BINARIES / "local", "--template", template, "--bin-dir", BINARIES, "--state", tmp_path / "state", "--port", "0", "--aws-port", "0"]
        refused = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert refused.returncode != 0
        assert named in refused.stderr and re.search(r"template\.yaml:\d+", refused.stderr), refused.stderr


def test_crates_import_only_what_the_plan_allows():
    command = ["cargo", "metadata", "--format-version", "1", "--no-deps", "--locked"]
    packages = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)["packages"]
    ours = {package["name"] for package in packages}
    shared = {"artifacts", "builds", "bus", "domain", "idempotency", "repositories", "routing", "secrets", "store", "web"}
    for package in packages:
        folder = package["manifest_path"].removeprefix(f"{ROOT}/").split("/")[0]
        imported = {found["name"] for found in package["dependencies"] if found["kind"] is None} & ours
        allowed = {
            "shared": {"domain"}, "functions": shared, "builder": {"domain", "routing"}, "local": set(),
        }[folder]
        if package["name"] == "idempotency":
            allowed = {"domain", "store", "web"}
        assert imported <= allowed, (package["name"], imported - allowed)
