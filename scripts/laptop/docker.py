"""A Docker daemon for the tests that need one: the machine's own, or one started here and ended with them."""

import contextlib
import ipaddress
import json
import os
import pathlib
import platform
import shutil
import subprocess
import tempfile

from .paths import STATE
from .say import Stop, say, step, wait_for
from .tools import need

# With no daemon of the machine's own, the socket that every client looks for is free.
SOCKET = "unix:///var/run/docker.sock"


class Missing(Exception):
    """There is no Docker here, and the message says how to get it."""


@contextlib.contextmanager
def daemon():
    """A daemon that answers, for as long as the block runs."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        raise Missing("the functions are built for x86_64 Linux, and so are their containers; use such a machine")
    if answers():
        yield
        return
    if os.geteuid() != 0:
        raise Missing(f"no Docker daemon answers this user; get one with: {how_to_get_it()}")
    need("dockerd", "docker.io", "functions run in containers as on AWS")
    need("docker", "docker.io", "functions run in containers as on AWS")
    # Not in /var/run: what a killed daemon left there keeps the next one from starting.
    run_folder = pathlib.Path(tempfile.mkdtemp(prefix="dockerd-"))
    process = None
    try:
        with step("start dockerd"):
            process = start(run_folder)
        yield
    finally:
        if process:
            end(process)
        shutil.rmtree(run_folder, ignore_errors=True)


def how_to_get_it() -> str:
    """The commands that are missing on this machine."""
    commands = [] if shutil.which("docker") and os.path.exists("/usr/sbin/dockerd") else ["sudo apt-get install docker.io"]
    return " && ".join([*commands, "sudo systemctl start docker", 'sudo usermod --append --groups docker "$USER" && newgrp docker'])


def start(run_folder: pathlib.Path) -> subprocess.Popen:
    log = STATE / "logs" / "dockerd.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # On this machine's socket, whatever a context or a variable of this shell says.
    os.environ["DOCKER_HOST"] = SOCKET
    command = ["dockerd", "--host", SOCKET, "--exec-root", str(run_folder / "exec"), "--pidfile", str(run_folder / "pid")]
    with open(log, "wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True)

    def ready():
        if process.poll() is not None:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
            raise Stop(f"dockerd ended by itself with {process.returncode}; its log is {log}:\n{tail}")
        return answers()

    try:
        wait_for(f"dockerd to answer (its log is {log})", ready, 60, every=0.2)
    except BaseException:
        end(process)
        raise
    return process


def end(process: subprocess.Popen) -> None:
    """An orderly end, which takes containers with it; else a hard one, which ends its containerd too."""
    process.terminate()
    try:
        process.wait(40)
    except subprocess.TimeoutExpired:
        say("  dockerd did not end; killing it")
        process.kill()
        process.wait()


def answers() -> bool:
    """Whether a daemon answers. A client that is not there gets no answer."""
    try:
        return docker("version", seconds=15, must=False).returncode == 0
    except FileNotFoundError:
        return False


def docker(*arguments: str, stdin=None, seconds: float = 60, must: bool = True) -> subprocess.CompletedProcess:
    """Runs the client with a deadline."""
    try:
        done = subprocess.run(["docker", *arguments], stdin=stdin or subprocess.DEVNULL, capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        if not must:
            return subprocess.CompletedProcess(arguments, 1)
        raise Stop(f"docker {' '.join(arguments)} took longer than {seconds:.0f} s") from None
    if must and done.returncode != 0:
        raise Stop(f"docker {' '.join(arguments)} failed:\n{done.stderr.decode(errors='replace')}")
    return done


def gateway() -> str:
    """This machine's address as containers of the default network see it."""
    [config] = json.loads(docker("network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}").stdout)
    # A daemon that has just made its bridge names only the subnet; the bridge is then its first address.
    return config.get("Gateway") or str(ipaddress.ip_network(config["Subnet"])[1])
