"""Apps as their scaffolds make them: what is served is what a bare build makes."""

import os
import pathlib

import pytest
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
