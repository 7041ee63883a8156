"""A repository of the demo or a test: a bare one that is served, and a working copy that pushes to it."""

import os
import pathlib
import shutil
import subprocess

AUTHOR = "Slipway demo"
EMAIL = "demo@example.com"


class Repository:
    """A working copy whose remote is a bare repository on this machine."""

    def __init__(self, working_copy: pathlib.Path, bare: pathlib.Path):
        self.working_copy = working_copy
        self.bare = bare

    @classmethod
    def of_files(cls, source: pathlib.Path, working_copy: pathlib.Path, bare: pathlib.Path) -> "Repository":
        """Copies a folder, makes it a repository, and pushes it; one that is there already is left as it is."""
        repository = cls(working_copy, bare)
        if bare.exists():
            return repository
        ignored = shutil.ignore_patterns("node_modules", "dist")
        shutil.rmtree(working_copy, ignore_errors=True)
        shutil.copytree(source, working_copy, ignore=ignored)
        # Made aside and renamed when it is whole, so that an interrupted start leaves nothing half made.
        fresh = bare.with_name(f"{bare.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", fresh], check=True)
        repository.git("init", "--quiet", "--initial-branch=main")
        repository.git("config", "user.name", AUTHOR)
        repository.git("config", "user.email", EMAIL)
        repository.git("remote", "add", "origin", str(fresh))
        repository.commit("A first version")
        repository.git("remote", "set-url", "origin", str(bare))
        fresh.rename(bare)
        return repository

    def git(self, *arguments: str) -> str:
        """Runs git in the working copy with this author and nobody's own configuration."""
        environment = {
            **os.environ,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": AUTHOR,
            "GIT_AUTHOR_EMAIL": EMAIL,
            "GIT_COMMITTER_NAME": AUTHOR,
            "GIT_COMMITTER_EMAIL": EMAIL,
        }
        command = ["git", "-C", str(self.working_copy), *arguments]
        return subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout.strip()

    def commit(self, message: str) -> str:
        """Commits everything, pushes, and returns the commit's name."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        self.git("push", "--quiet", "origin", "HEAD:main")
        return self.head()

    def head(self) -> str:
        return self.git("rev-parse", "HEAD")
