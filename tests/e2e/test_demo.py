"""scripts/demo as people use it: on a taken port, with Ctrl-C, started twice, for a repository of their own."""

import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess

import pytest
from laptop.api import fetch
from laptop.paths import BINARIES, ROOT, STATE
from laptop.platform import free_port
from laptop.say import wait_for

STARTING, ENDING = 120, 120


class Demo:
    """A scripts/demo of its own process group, as a terminal would start it."""

    def __init__(self, outputs: pathlib.Path, options: list[str], path: str):
        self.files = [outputs / f"{secrets.token_hex(4)}.{name}" for name in ("out", "err")]
        with open(self.files[0], "wb") as out, open(self.files[1], "wb") as err:
            self.process = subprocess.Popen(
                [ROOT / "scripts" / "demo", *options], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                start_new_session=True, env={**os.environ, "PATH": path},
                # A shell that starts the tests in the background has Ctrl-C ignored, and children inherit that.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    def said(self) -> str:
        return self.files[1].read_text()

    def outcome(self) -> dict:
        """What it has printed as JSON, once it has."""
        def printed():
            if self.files[0].read_bytes().endswith(b"}\n"):
                return json.loads(self.files[0].read_text())
            assert self.process.poll() is None, self.said()
            return None

        return wait_for("the outcome", printed, STARTING)

    def ctrl_c(self) -> int:
        os.killpg(self.process.pid, signal.SIGINT)
        return self.ended()

    def ended(self) -> int:
        return self.process.wait(ENDING)


@pytest.fixture
def demo(tmp_path):
    """Starts demos. They find what is built already instead of building it again beside the other tests."""
    cargo = tmp_path / "bin" / "cargo"
    cargo.parent.mkdir()
    cargo.write_text("#!/bin/sh\n")
    cargo.chmod(0o755)
    started = []

    def start(*options) -> Demo:
        started.append(Demo(tmp_path, [str(option) for option in options], f"{cargo.parent}:{os.environ['PATH']}"))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.terminate()
            one.ended()


@pytest.fixture
def state():
    """A state folder for one test alone."""
    folder = STATE / f"e2e-{secrets.token_hex(4)}"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def url_of(place, files: dict[str, str]) -> str:
    return place.git.url(place.repository(files).bare.name)


def state_of_platform(port: int) -> pathlib.Path | None:
    """The state folder of the platform on this port."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        command = text_of(process / "cmdline").split("\0")
        if command[0] == str(BINARIES / "local") and command[command.index("--port") + 1] == str(port):
            return pathlib.Path(command[command.index("--state") + 1])
    return None


def processes(marks: list[str]) -> dict[str, str]:
    """Processes whose arguments or variables hold any of these: a platform, its functions, its builds."""
    found = {}
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        arguments = text_of(process / "cmdline").replace("\0", " ")
        if any(mark in arguments + text_of(process / "environ") for mark in marks):
            found[process.name] = arguments
    return found


def text_of(file: pathlib.Path) -> str:
    """What is there of a process that may be gone, or somebody else's."""
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


def test_a_taken_port_is_named_with_what_to_do(demo, state):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = demo("--state", state, "--port", port, "--json")
        assert refused.ended() == 1
    assert f"port {port} is taken" in refused.said() and "--port" in refused.said()
    assert refused.outcome() == {"error": f"port {port} is taken; choose another with --port"}
    assert not state.exists()


@pytest.mark.parametrize("once", [True, False])
def test_ctrl_c_while_it_deploys_leaves_no_process_and_says_what_is_kept(demo, state, place, once):
    command, port = f"sleep 3600.{secrets.randbelow(10**9):09}", free_port()
    url = url_of(place, {"index.html": "x", "package.json": f'{{"scripts":{{"build":"exec {command}"}}}}'})
    begun = demo("--repository", url, "--port", port, *(["--once"] if once else ["--state", state]))
    wait_for("the build to run", lambda: processes([command]), STARTING)
    used = state_of_platform(port)
    told = json.loads((used / "platform.json").read_text())
    marks = [command, str(used), f"AWS_ENDPOINT_URL={told['aws']}", f"SLIPWAY_API_URL=http://127.0.0.1:{port}"]
    running = " ".join(processes(marks).values())
    assert all(part in running for part in (command, "bin/local", "bin/uploads")), running
    assert begun.ctrl_c() == 130, begun.said()
    assert not processes(marks)
    last = begun.said().splitlines()[-1]
    if once:
        assert last == "stopped; nothing of it is kept" and not used.exists()
    else:
        assert last.endswith(f"is kept under {state.relative_to(ROOT)}") and used == state and state.exists()


def test_a_second_start_points_at_the_first_and_a_later_one_goes_on_from_what_that_kept(demo, state, place):
    url, port = url_of(place, {"index.html": "somebody's own"}), free_port()
    options = ["--repository", url, "--state", state, "--json"]
    first = demo(*options, "--port", port)
    outcome = first.outcome()
    assert fetch(port, outcome["url"].removeprefix("http://"), "/")[2] == b"somebody's own"
    second = demo(*options)
    assert second.ended() == 1
    error = second.outcome()["error"]
    assert "runs already" in error and outcome["api"] in error and error in second.said()
    assert first.ctrl_c() == 130, first.said()
    later = demo(*options, "--port", port)
    assert {**later.outcome(), "seconds": 0, "aws_endpoint": ""} == {**outcome, "seconds": 0, "aws_endpoint": ""}
    assert fetch(port, outcome["url"].removeprefix("http://"), "/")[2] == b"somebody's own"
    assert later.ctrl_c() == 130, later.said()


def test_a_folder_that_holds_something_else_is_left_alone(demo, state):
    state.mkdir()
    (state / "thesis.txt").write_text("years of work")
    refused = demo("--state", state, "--reset")
    assert refused.ended() == 1 and "name an empty folder" in refused.said()
    assert (state / "thesis.txt").read_text() == "years of work"


def test_another_repository_is_deployed_once_and_nothing_is_kept(demo, place):
    repository, port = place.repository({"index.html": "somebody's own"}), free_port()
    ended = demo("--repository", place.git.url(repository.bare.name), "--port", port, "--once", "--json")
    assert ended.ended() == 0, ended.said()
    outcome = ended.outcome()
    assert outcome["url"] == f"http://demo-{repository.bare.name}.localhost:{port}"
    assert (outcome["working_copy"], outcome["verified"]) == (None, None), "nothing is known of it to change or compare"
    assert state_of_platform(port) is None
    refused = demo("--once", "--state", "somewhere")
    assert refused.ended() == 2 and "--once keeps nothing" in refused.said()
