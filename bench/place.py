"""A platform of its own for one measurement, with a signed-in owner and a Git server; gone when it is over."""

import contextlib
import pathlib
import secrets
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scripts"))

from laptop.api import Api  # noqa: E402
from laptop.deploying import project_for  # noqa: E402
from laptop.git_server import GitServer  # noqa: E402
from laptop.paths import STATE  # noqa: E402
from laptop.platform import Platform  # noqa: E402
from laptop.repository import Repository  # noqa: E402
from laptop.say import Stop  # noqa: E402
from laptop.wire import Wire  # noqa: E402


class Place:
    """Where a measurement happens."""

    def __init__(self, state: pathlib.Path, more: list[str] | None = None):
        self.state = state
        self.platform = Platform.start(state, 0, more)
        self.port = self.platform.port
        self.api = Api(self.port)
        self.wire = Wire(self.platform.aws)
        self.seen = 0
        (state / "repositories").mkdir(exist_ok=True)
        self.git = GitServer(state / "repositories")

    def repository(self, source: pathlib.Path, name: str) -> Repository:
        return Repository.of_files(source, self.state / "working-copies" / name, self.state / "repositories" / name)

    def project(self, slug: str, repository: Repository) -> dict:
        return project_for(self.api, slug, self.git.url(repository.bare.name))

    def settled(self, quiet: float = 2.5, seconds: float = 120) -> list[dict]:
        """Waits until no AWS call has been made for a while, and returns those since the last time. The sweeper's own
        go on for ever: they are left out."""
        found: list[dict] = []
        until = time.monotonic() + seconds
        last = time.monotonic()
        while time.monotonic() - last < quiet:
            calls, self.seen = self.wire.calls(self.seen)
            calls = [call for call in calls if call["function"] != "SweeperFunction"]
            if calls:
                found += calls
                last = time.monotonic()
            if time.monotonic() > until:
                raise Stop(f"AWS calls did not end within {seconds:.0f} s")
            time.sleep(0.1)
        return found

    def close(self) -> None:
        self.platform.stop()
        self.git.close()


@contextlib.contextmanager
def a_place(more: list[str] | None = None):
    state = STATE / f"bench-{secrets.token_hex(4)}"
    place = Place(state, more)
    try:
        yield place
    finally:
        place.close()
        shutil.rmtree(state, ignore_errors=True)
