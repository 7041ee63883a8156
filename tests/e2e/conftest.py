"""A real platform for the tests: real processes, real git, real builds; one per run, each test with projects of its own."""

import contextlib
import os
import pathlib
import secrets
import shutil
import sys

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "scripts"))
pytest.register_assert_rewrite("crash_client", "crash_watch", "history_player")

from laptop.account import sign_in  # noqa: E402
from laptop.api import Api  # noqa: E402
from laptop.deploying import project_for  # noqa: E402
from laptop.git_server import GitServer  # noqa: E402
from laptop.paths import STATE  # noqa: E402
from laptop.platform import Platform  # noqa: E402
from laptop.repository import Repository  # noqa: E402
from laptop.wire import Wire  # noqa: E402


class Place:
    """A platform with a signed-in owner and a Git server."""

    def __init__(self, state: pathlib.Path, options: list[str]):
        self.state = state
        self.platform = Platform.start(state, 0, options)
        self.port = self.platform.port
        self.api = Api(self.port)
        self.wire = Wire(self.platform.aws)
        self.account = sign_in(self.api, state)
        (state / "repositories").mkdir(exist_ok=True)
        self.git = GitServer(state / "repositories")

    def repository(self, files: dict[str, str | bytes]) -> Repository:
        """A repository of these files."""
        name = f"r{secrets.token_hex(5)}"
        source = self.state / "sources" / name
        for path, content in files.items():
            file = source / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self.repository_of(source, name)

    def repository_of(self, source: pathlib.Path, name: str | None = None) -> Repository:
        """A repository of a folder's files."""
        name = name or f"r{secrets.token_hex(5)}"
        return Repository.of_files(source, self.state / "working-copies" / name, self.state / "repositories" / name)

    def project(self, repository: Repository, **settings) -> dict:
        """A project of its own for a repository, named after it."""
        name = repository.bare.name
        return project_for(self.api, name, self.git.url(name), settings=settings)

    def host(self, project: dict, deployment: str | None = None) -> str:
        """The host of a project's live site, or of one deployment."""
        label = f"{deployment}--{project['slug']}" if deployment else project["slug"]
        return f"{label}.localhost:{self.port}"

    def close(self) -> None:
        self.platform.stop()
        self.git.close()


@contextlib.contextmanager
def made(*options: str):
    """A platform with these options, gone afterwards unless KEEP_STATE is set."""
    state = STATE / f"e2e-{secrets.token_hex(4)}"
    place = Place(state, list(options))
    try:
        yield place
    finally:
        place.close()
        if "KEEP_STATE" not in os.environ:
            shutil.rmtree(state, ignore_errors=True)


@pytest.fixture(scope="session")
def place():
    with made() as place:
        yield place


@pytest.fixture
def own_places():
    """Makes platforms for one test alone, with options of its own."""
    with contextlib.ExitStack() as open_ones:
        yield lambda *options: open_ones.enter_context(made(*options))


@pytest.fixture
def own_place(own_places):
    """A platform for one test alone, for those that kill it or break its wire."""
    return own_places()
