"""System tools that a package manager has and Slipway needs."""

import os
import shutil
import subprocess

from .say import Stop, say


def need(program: str, package: str, why: str) -> None:
    """Makes sure that a program is there: installs its Debian package as root, else says how."""
    if shutil.which(program):
        return
    command = f"apt-get install --yes --no-install-recommends {package}"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"  installing the system package {package}: {why}")
        quiet = dict(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(["apt-get", "update"], **quiet, check=False)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if subprocess.run(command.split(), env=environment, **quiet).returncode == 0 and shutil.which(program):
            return
    raise Stop(f"{program} is missing ({why}); install it with: sudo {command}")
