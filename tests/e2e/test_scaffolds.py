"""Apps as their scaffolds make them: what is served is what a bare build makes."""

import os
import pathlib

import pytest
from laptop.api import fetch
from laptop.deploying import deploy, wait_for_edge
from laptop.paths import ROOT
from laptop.verify import bare_build, same, served

# scripts/check-extended gives a folder of fresh ones.
SCAFFOLDS = pathlib.Path(os.environ.get("SLIPWAY_SCAFFOLDS", ROOT / "tests" / "scaffolds"))


@pytest.mark.parametrize("scaffold", ["react-ts", "vue-ts"])
def test_a_scaffold_is_served_as_a_bare_build_makes_it(place, scaffold):
    repository = place.repository_of(SCAFFOLDS / scaffold)
    project = place.project(repository)
    deployment = deploy(place.api, project)
    wait_for_edge(place.api, project, deployment["id"])
    same(scaffold, served(place.port, place.host(project)), bare_build(repository.bare, deployment["commit"]))


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
