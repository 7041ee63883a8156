"""Packages from npm that tests read, each pinned and in an ignored folder of its own."""

import pathlib
import subprocess

from .say import Stop, step
from .tools import need
from .venv import TOOLS


def package(name: str, version: str) -> pathlib.Path:
    """The folder of a package, installed on first use."""
    folder = TOOLS / name.replace("/", "-").removeprefix("@")
    installed = folder / "installed"
    if not installed.exists() or installed.read_text() != version:
        need("npm", "nodejs npm", f"{name} is installed with it")
        folder.mkdir(parents=True, exist_ok=True)
        with step(f"install {name} into .tools/"):
            command = ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", "--silent", f"{name}@{version}"]
            if subprocess.run(command, stdout=subprocess.DEVNULL).returncode != 0:
                raise Stop(f"npm could not install {name}")
        installed.write_text(version)
    return folder / "node_modules" / name
