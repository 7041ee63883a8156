#!/usr/bin/env python3
"""bench/cold_start.py: what a cold start costs until the first DynamoDB answer, beside the same handler in Python and Node.

Each round starts every variant once, one after the other, as Lambda would: a new process, the Runtime API on loopback,
one invocation of the authorizer, which makes one GetItem. DynamoDB is a stub on loopback behind TLS 1.3; every variant
trusts what this machine trusts, and the stub. CPU time is what to compare; wall time depends on who else is working.

  scripts/build --function authorizer && bench/cold_start.py [--rounds N] [--binary NAME=PATH …]"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scripts"))

from laptop.paths import ROOT  # noqa: E402
from laptop.say import Stop, say, step  # noqa: E402
from laptop.tools import need  # noqa: E402
from laptop.venv import TOOLS, tool  # noqa: E402
from runtime import Runtime  # noqa: E402

BOTO3 = "boto3==1.44.5"
NODE_PACKAGES = ["@aws-sdk/client-dynamodb@3.1159.0", "esbuild@0.28.1"]
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
USER = "01kab2c3d4e5f6g7h8j9k0m1n2"
ITEM = {
    "pk": {"S": "CREDENTIAL#b00c"}, "sk": {"S": "CREDENTIAL"}, "id": {"S": USER}, "sha256": {"S": "b0" * 32},
    "kind": {"S": "token"}, "user": {"S": USER}, "platform_owner": {"BOOL": True}, "name": {"S": "bench"},
    "created_at": {"S": "2026-01-02T03:04:05.678Z"}, "expires_at": {"S": "2099-01-02T03:04:05.678Z"}, "ttl": {"N": "4070908800"},
}
EXPECTED = {"isAuthorized": True, "context": {"user": USER, "credential": USER, "platform_owner": "true"}}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--binary", metavar="NAME=PATH", action="append", default=[], help="another build of the authorizer to compare")
    parser.add_argument("--only-binaries", action="store_true", help="leave Python and Node out")
    options = parser.parse_args()
    try:
        need("openssl", "openssl", "it makes the stub's certificate")
        with tempfile.TemporaryDirectory(prefix="cold-start-") as folder:
            measure(options, pathlib.Path(folder))
    except Stop as stop:
        say(str(stop))
        return 1
    return 0


def measure(options: argparse.Namespace, folder: pathlib.Path) -> None:
    certificate(folder)
    (folder / "answer.json").write_text(json.dumps({"Item": ITEM}))
    variants = commands(options, folder)
    event = json.dumps(json.loads((ROOT / "events" / "authorizer" / "known-token.json").read_text())).encode()
    stub = subprocess.Popen([sys.executable, "-B", HERE / "dynamodb_stub.py", folder], stdout=subprocess.PIPE, text=True)
    try:
        environment = environment_of(folder, int(stub.stdout.readline()))
        runtime = Runtime()
        found: dict[str, list[dict]] = {name: [] for name in variants}
        loads = [os.getloadavg()[0]]
        # The first round fills the page cache and is not counted.
        for round in range(options.rounds + 1):
            for name, command in variants.items():
                result = runtime.cold_start(command, environment | trust(folder, name), event)
                if json.loads(result["answer"]) != EXPECTED:
                    raise Stop(f"{name} answered {result['answer'][:500]!r}")
                if round:
                    found[name].append(result)
            loads.append(os.getloadavg()[0])
        warm = {name: runtime.cold_start(command, environment | trust(folder, name), event, 100)["warm"] for name, command in variants.items()}
    finally:
        stub.kill()
        stub.wait()
    report(found, warm, loads)


def commands(options: argparse.Namespace, folder: pathlib.Path) -> dict[str, list[str]]:
    ours = ROOT / "target" / "lambda" / "authorizer" / "bootstrap"
    if not ours.exists():
        raise Stop("build it first: scripts/build --function authorizer")
    variants = {"authorizer": [str(ours)]}
    for name, path in (pair.split("=", 1) for pair in options.binary):
        variants[name] = [path]
    if not options.only_binaries:
        need("node", "nodejs", "the peer in Node runs with it")
        python = tool("python", BOTO3)
        packages = node_packages()
        source = folder / "node" / "authorizer.mjs"
        source.parent.mkdir()
        shutil.copy(HERE / "peers" / "authorizer.mjs", source)
        (source.parent / "node_modules").symlink_to(packages / "node_modules")
        bundle = source.parent / "bundled.mjs"
        # The SDK's CommonJS parts call require(), which a module does not have by itself.
        require = "--banner:js=import{createRequire}from'node:module';const require=createRequire(import.meta.url);"
        esbuild = [packages / "node_modules" / ".bin" / "esbuild", source, "--bundle", "--minify", "--platform=node", "--format=esm", require]
        subprocess.run([*esbuild, f"--outfile={bundle}", "--log-level=error"], check=True)
        variants["Python, boto3"] = [str(python), str(HERE / "peers" / "authorizer.py")]
        variants["Node, SDK v3"] = ["node", str(source)]
        variants["Node, SDK v3, bundled"] = ["node", str(bundle)]
    return variants


def node_packages() -> pathlib.Path:
    """The Node peer's packages, installed on first use."""
    folder = TOOLS / "bench-node"
    installed = folder / "installed"
    if not installed.exists() or installed.read_text() != " ".join(NODE_PACKAGES):
        folder.mkdir(parents=True, exist_ok=True)
        with step("install the Node peer's packages into .tools/"):
            command = ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--silent", *NODE_PACKAGES]
            if subprocess.run(command, stdout=subprocess.DEVNULL).returncode != 0:
                raise Stop("npm install failed")
        installed.write_text(" ".join(NODE_PACKAGES))
    return folder


def certificate(folder: pathlib.Path) -> None:
    """A certificate for loopback that signs itself; a bundle of it and everything this machine trusts, as the peers' SDKs
    do; and one of it and Amazon's roots, as our functions do."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder / "server.key"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run(["openssl", "req", "-x509", *key, "-out", folder / "server.pem", "-days", "2", *names], check=True, stderr=subprocess.DEVNULL)
    own = (folder / "server.pem").read_text()
    (folder / "everyone.pem").write_text(pathlib.Path(BUNDLE).read_text() + own)
    (folder / "amazon.pem").write_text((ROOT / "shared" / "web" / "src" / "amazon_roots.pem").read_text() + own)


def trust(folder: pathlib.Path, variant: str) -> dict[str, str]:
    """What this variant trusts on Lambda too, and the stub."""
    if variant.startswith(("Python", "Node")):
        return {"AWS_CA_BUNDLE": str(folder / "everyone.pem"), "NODE_EXTRA_CA_CERTS": str(folder / "server.pem")}
    return {"AWS_CA_BUNDLE": str(folder / "amazon.pem")}


def environment_of(folder: pathlib.Path, port: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"], "NODE_NO_WARNINGS": "1", "HOME": str(folder), "USERS_TABLE": "users", "AWS_ENDPOINT_URL": f"https://localhost:{port}",
        "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_SESSION_TOKEN": "bench", "AWS_EC2_METADATA_DISABLED": "true", "AWS_LAMBDA_FUNCTION_NAME": "authorizer",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
        "AWS_LAMBDA_LOG_GROUP_NAME": "bench",
    }


def report(found: dict[str, list[dict]], warm: dict[str, list[float]], loads: list[float]) -> None:
    def middle(name: str, key: str) -> float:
        return statistics.median(result[key] for result in found[name])

    first = next(iter(found))
    rounds = len(found[first])
    print(f"{rounds} interleaved rounds, medians; load average {min(loads):.1f} to {max(loads):.1f} on {os.cpu_count()} cores\n")
    print("| variant | start to `/next`, ms | first call, ms | CPU-ms | least CPU-ms | CPU beside ours | warm call, ms | peak MB |")
    print("|---|---|---|---|---|---|---|---|")
    for name in found:
        least = min(result["cpu"] for result in found[name])
        ratio = statistics.median(theirs["cpu"] / ours["cpu"] for theirs, ours in zip(found[name], found[first]))
        print(
            f"| {name} | {middle(name, 'init'):.1f} | {middle(name, 'first'):.1f} | {middle(name, 'cpu'):.1f} | {least:.1f} "
            f"| {ratio:.1f}× | {statistics.median(warm[name]):.2f} | {middle(name, 'peak'):.1f} |"
        )


sys.exit(main())
