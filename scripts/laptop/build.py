"""Builds the workspace's binaries and puts them into the checkout's own folder.

Cargo's target directory may be shared between checkouts, and then holds whatever was built last. So each binary is
taken from where this very build says it put it, and copied."""

import json
import os
import shutil
import subprocess

from .paths import BINARIES, ROOT, STATE
from .say import Stop, step


def build_binaries() -> None:
    """Builds all binaries with the one development profile. The compiler's output is in .slipway/logs/build.log."""
    logs = STATE / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    BINARIES.mkdir(parents=True, exist_ok=True)
    if not shutil.which("cargo"):
        raise Stop("cargo is missing; install Rust from https://rustup.rs")
    command = ["cargo", "build", "--locked", "--workspace", "--bins", "--message-format=json-render-diagnostics"]
    with step("build the functions, the builder and the platform"), open(logs / "build.log", "wb") as log:
        built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log)
    if built.returncode != 0:
        tail = (logs / "build.log").read_text(errors="replace").splitlines()[-30:]
        raise Stop("the build failed:\n" + "\n".join(tail))
    for line in built.stdout.splitlines():
        message = json.loads(line)
        if message.get("reason") == "compiler-artifact" and message.get("executable"):
            install(message["executable"])


def install(executable: str) -> None:
    """Copies a binary into place under a new inode, so that a running one is not disturbed."""
    target = BINARIES / os.path.basename(executable)
    source = os.stat(executable)
    if target.exists():
        there = target.stat()
        if (there.st_size, int(there.st_mtime)) == (source.st_size, int(source.st_mtime)):
            return
    fresh = target.with_suffix(".new")
    shutil.copy2(executable, fresh)
    os.replace(fresh, target)
