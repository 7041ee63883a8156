"""Starts the laptop platform and waits until it serves."""

import hashlib
import json
import os
import pathlib
import secrets
import socket
import subprocess

from .paths import BINARIES, TEMPLATE
from .say import Stop, wait_for

# What a build needs to reach its registries from behind a proxy or with a company's own certificates. The platform hands
# these on to builds and nothing else of this environment.
PASSED_ON = [
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE",
    "npm_config_registry", "npm_config_cafile",
]


class Platform:
    """A running platform of this state folder."""

    def __init__(self, state: pathlib.Path, process: subprocess.Popen, port: int, aws: str):
        self.state = state
        self.process = process
        self.port = port
        self.aws = aws

    @classmethod
    def start(cls, state: pathlib.Path, port: int, more: list[str] | None = None, parameters: dict | None = None) -> "Platform":
        """Starts it on this port, or any free one when it is 0."""
        state.mkdir(parents=True, exist_ok=True)
        port = port or free_port()
        announced = state / "platform.json"
        values = {
            "SitesOrigin": f"http://localhost:{port}",
            "AllowLoopbackRepositories": "true",
            "ClaimCodeSha256": hashlib.sha256(claim_code(state).encode()).hexdigest(),
            "BuilderImage": "slipway/builder",
            **(parameters or {}),
        }
        command = [
            str(BINARIES / "local"), "--template", str(TEMPLATE), "--bin-dir", str(BINARIES), "--state", str(state),
            "--port", str(port), "--aws-port", "0", "--image", f"slipway/builder={BINARIES / 'builder'}",
        ]
        for name, value in values.items():
            command += ["--parameter", f"{name}={value}"]
        for name in PASSED_ON:
            if name in os.environ:
                command += ["--task-env", name]
        command += more or []
        logs = state / "logs"
        logs.mkdir(exist_ok=True)
        with open(logs / "platform.log", "ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)

        def ready():
            if process.poll() is not None:
                tail = (logs / "platform.log").read_text(errors="replace").splitlines()[-15:]
                raise Stop("the platform did not start:\n" + "\n".join(tail))
            try:
                told = json.loads(announced.read_text())
            except (FileNotFoundError, json.JSONDecodeError):
                return None
            # An earlier platform's word may still be there.
            return told if told["pid"] == process.pid else None

        platform = cls(state, process, port, "")
        try:
            platform.aws = wait_for("the platform to start", ready, 60, every=0.05)["aws"]
        except BaseException:
            # Its folder may be removed next.
            platform.stop()
            raise
        return platform

    def stop(self) -> None:
        """Ends it in an orderly way: functions and builds first."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """kill -9"""
        self.process.kill()
        self.process.wait()


def claim_code(state: pathlib.Path) -> str:
    """The one-time code of this state folder, made on first use and readable by its owner only."""
    file = state / "claim-code"
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
            out.write(secrets.token_hex(16))
    return file.read_text()


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_free(port: int) -> bool:
    """Whether the platform could listen on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def running(state: pathlib.Path) -> dict | None:
    """What a platform of this state folder said of itself, if its process is alive."""
    try:
        told = json.loads((state / "platform.json").read_text())
        arguments = pathlib.Path(f"/proc/{told['pid']}/cmdline").read_bytes()
        return told if b"--state" in arguments and str(state).encode() in arguments else None
    except (FileNotFoundError, json.JSONDecodeError, ProcessLookupError):
        return None
