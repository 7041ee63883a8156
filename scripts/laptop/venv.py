"""Python tools of the project, in its own ignored folder."""

import os
import pathlib
import subprocess
import sys

from .paths import ROOT
from .say import Stop, step

TOOLS = ROOT / ".tools"


def tool(program: str, *packages: str) -> pathlib.Path:
    """A program of these pinned packages from PyPI, installed on first use into a folder of its own."""
    folder = TOOLS / program
    installed = folder / "installed"
    if not installed.exists() or installed.read_text() != " ".join(packages):
        with step(f"install {program} into .tools/"):
            run([sys.executable, "-m", "venv", str(folder)])
            run([str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *packages])
        installed.write_text(" ".join(packages))
    return folder / "bin" / program


def run(command: list[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ})
    if done.returncode != 0:
        raise Stop(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}")
