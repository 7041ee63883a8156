"""One platform for all tests, with a deployed site; the functions under test run in containers beside it."""

import os
import pathlib
import secrets
import shutil
import sys

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "scripts"))

from containers import Containers  # noqa: E402
from laptop.account import sign_in  # noqa: E402
from laptop.api import Api  # noqa: E402
from laptop.deploying import deploy, project_for, wait_for_edge  # noqa: E402
from laptop.git_server import GitServer  # noqa: E402
from laptop.paths import EXAMPLES, STATE  # noqa: E402
from laptop.platform import Platform  # noqa: E402
from laptop.repository import Repository  # noqa: E402
from laptop.wire import Wire  # noqa: E402


class Place:
    """A platform with a signed-in owner and one site, and its functions in containers."""

    def __init__(self, state: pathlib.Path):
        self.platform = Platform.start(state, 0)
        try:
            self.api = Api(self.platform.port)
            self.wire = Wire(self.platform.aws)
            self.account = sign_in(self.api, state)
            self.user = self.api.get("/me")
            repositories = state / "repositories"
            repositories.mkdir()
            Repository.of_files(EXAMPLES / "plain", state / "working-copies" / "plain", repositories / "plain")
            self.git = GitServer(repositories)
            self.project = project_for(self.api, "plain", self.git.url("plain"))
            self.deployment = deploy(self.api, self.project)
            self.project = wait_for_edge(self.api, self.project, self.deployment["id"])
            self.containers = Containers(state / "containers", self.platform.aws)
        except BaseException:
            self.platform.stop()
            raise

    def close(self) -> None:
        self.containers.close()
        self.git.close()
        self.platform.stop()


@pytest.fixture(scope="session")
def place():
    state = STATE / f"docker-{secrets.token_hex(4)}"
    made = Place(state)
    yield made
    made.close()
    if "KEEP_STATE" not in os.environ:
        shutil.rmtree(state, ignore_errors=True)
