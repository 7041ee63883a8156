"""Apps as their scaffolds make them: what is served is what a bare build makes."""

import os
import pathlib
import secrets

import pytest
from laptop.api import fetch
from laptop.deploying import deploy, wait_for_edge
from laptop.paths import ROOT
from laptop.repository import Repository
from laptop.verify import verify

# scripts/check-extended gives a folder of fresh ones.
SCAFFOLDS = pathlib.Path(os.environ.get("SLIPWAY_SCAFFOLDS", ROOT / "tests" / "scaffolds"))


def change_a_line(repository: Repository) -> None:
    """Changes the line with which the app comes to its page to one that no build has ever seen."""
    main, = (repository.working_copy / "src").glob("main.ts*")
    before, app, after = main.read_text().partition("createApp(App)" if main.suffix == ".ts" else "createRoot(")
    assert app, f"{main.name} makes no app"
    main.write_text(f"{before}document.documentElement.dataset.version = '{secrets.token_hex(6)}'; {app}{after}")


@pytest.mark.parametrize("scaffold", ["react-ts", "vue-ts"])
def test_a_scaffold_is_served_as_a_bare_build_makes_it_and_so_is_its_change_until_it_is_rolled_back(place, scaffold):
    repository = place.repository_of(SCAFFOLDS / scaffold)
    project = place.project(repository)
    first = deploy(place.api, project)
    wait_for_edge(place.api, project, first["id"])
    verified = verify(place.api, place.port, project, repository, first, change_a_line)
    assert place.api.get(f"/projects/{project['id']}")["live"] == verified["first"] == first["id"]


@pytest.mark.parametrize("manager", ["pnpm", "yarn-classic", "yarn-berry"])
def test_the_lockfile_chooses_the_package_manager(place, manager):
    repository = place.repository_of(ROOT / "tests" / "scaffolds" / manager)
    project = place.project(repository)
    lines = []
    deployment = deploy(place.api, project, lines.append)
    wait_for_edge(place.api, project, deployment["id"])
    assert fetch(place.port, place.host(project), "/")[2] == b"two days are 172800000 ms\n"
    said = " ".join(line["text"] for line in lines if line["stream"] == "slipway")
    assert manager.split("-")[0] in said
