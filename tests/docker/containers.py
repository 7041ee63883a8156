"""Runs functions in containers with `sam local invoke`, with the environment that the laptop platform gives them."""

import json
import os
import pathlib
import shutil
import signal
import subprocess

from laptop.docker import gateway
from laptop.forwarder import Forwarder
from laptop.paths import BINARIES, ROOT, TEMPLATE
from laptop.say import wait_for
from laptop.venv import TOOLS
from laptop.wire import Wire

FUNCTIONS = sorted(folder.name for folder in (ROOT / "events").iterdir() if folder.is_dir())
# SAM CLI sets only variables that the template declares. Lambda itself sets these, and nothing else needs to know of AWS here.
AWS_VARIABLES = ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"]
GLOBALS = "Globals:\n  Function:\n"
# What AWS puts between the head and the body of a streamed answer.
END_OF_HEAD = "\0" * 8
# An invocation takes about 3 s; the first one also makes an image.
SECONDS = 60


class FunctionFailed(Exception):
    """The function ended with an error instead of an answer."""


class Containers:
    """The functions of one platform, to be run in containers."""

    def __init__(self, folder: pathlib.Path, aws: str):
        self.folder = folder
        self.aws = aws
        self.forwarder = Forwarder(gateway(), int(aws.rsplit(":", 1)[1]))
        # Beside a template of its own and not in target/lambda, where what is deployed is built.
        for function in FUNCTIONS:
            bootstrap = folder / "target" / "lambda" / function / "bootstrap"
            bootstrap.parent.mkdir(parents=True)
            shutil.copy2(BINARIES / function, bootstrap)
        text = TEMPLATE.read_text()
        assert text.count(GLOBALS) == 1, "the template has one place for what all functions share"
        declared = "    Environment:\n      Variables:\n" + "".join(f'        {name}: ""\n' for name in AWS_VARIABLES)
        (folder / "template.yaml").write_text(text.replace(GLOBALS, GLOBALS + declared))

    def close(self) -> None:
        self.forwarder.close()

    def invoke(self, function: str, case: str, change=None):
        """The function's answer to events/<function>/<case>.json, which `change` may change first."""
        event = json.loads((ROOT / "events" / function / f"{case}.json").read_text())
        if change:
            change(event)
        file = self.folder / f"{function}.{case}.json"
        file.write_text(json.dumps(event))
        variables = self.folder / f"{function}.env.json"
        variables.write_text(json.dumps({logical_id(function): self.environment(function)}))
        return answer(self.sam("local", "invoke", logical_id(function), "--event", str(file), "--env-vars", str(variables)))

    def environment(self, function: str) -> dict[str, str]:
        """What the platform gives the function's process, with AWS where containers find it."""
        if not self.process(function):
            # No event that means anything to it: what matters is that its process starts.
            Wire(self.aws).invoke(logical_id(function), {})
        found = wait_for(f"a process of {function}", lambda: self.process(function), 20)
        kept = {name: value for name, value in found.items() if name in AWS_VARIABLES or not name.startswith(("AWS_", "LAMBDA_", "_"))}
        del kept["PATH"], kept["TZ"]
        return {**kept, "AWS_ENDPOINT_URL": self.forwarder.url}

    def process(self, function: str) -> dict[str, str] | None:
        """The environment of a process of the function that this very platform started."""
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if process.joinpath("exe").resolve() != BINARIES / function:
                    continue
                pairs = process.joinpath("environ").read_text().split("\0")
            except OSError:
                continue
            environment = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
            if environment.get("AWS_ENDPOINT_URL") == self.aws:
                return environment
        return None

    def sam(self, *arguments: str) -> str:
        environment = {
            "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "DOCKER_HOST": os.environ.get("DOCKER_HOST", ""),
            "SAM_CLI_TELEMETRY": "0", "AWS_MAX_ATTEMPTS": "1", "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "sam", "AWS_SECRET_ACCESS_KEY": "sam", "AWS_EC2_METADATA_DISABLED": "true",
        }
        command = [str(TOOLS / "sam" / "bin" / "sam"), *arguments, "--skip-pull-image"]
        process = subprocess.Popen(
            command, cwd=self.folder, env={name: value for name, value in environment.items() if value},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        try:
            out, err = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            # SAM CLI removes its container when it is interrupted.
            process.send_signal(signal.SIGINT)
            try:
                out, err = process.communicate(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                out, err = process.communicate()
            raise AssertionError(f"{' '.join(command)} was not over after {SECONDS} s:\n{out}{err}") from None
        assert process.returncode == 0, f"{' '.join(command)} ended with {process.returncode}:\n{out}{err}"
        return out


def logical_id(function: str) -> str:
    """Its name in the template: build-status is BuildStatusFunction."""
    return "".join(word.capitalize() for word in function.split("-")) + "Function"


def answer(out: str):
    """What the function returned; of a streamed answer the head with the body as text."""
    head, streamed, body = out.partition(END_OF_HEAD)
    found = json.loads(head.strip().splitlines()[-1])
    if streamed:
        return {**found, "body": body}
    # SAM CLI succeeds when a function fails; only the answer tells.
    if isinstance(found, dict) and "errorType" in found:
        raise FunctionFailed(found)
    return found
