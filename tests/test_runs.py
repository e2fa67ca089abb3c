"""Finished runs: how they are found again, and what their folder holds."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.projects import Finished, Project
from vocation import pipeline
from vocation.errors import ArtifactError, RecipeError
from vocation.recipe import load_recipe
from vocation.runs import find_run

Copy = Callable[[Finished], Project]


def test_run_is_found_by_its_folder(topics: Finished) -> None:
    run = find_run(str(topics.folder))
    assert run.folder == topics.folder
    assert (run.report, run.model.name) == (topics.folder / "report.html", "model")
    assert [artifact.manifest["stage"] for artifact in (run.corpus, run.tuning, run.evaluation)] == [
        "corpus",
        "tuning",
        "evaluation",
    ]
    assert run.reused


def test_recipe_of_the_run_has_every_setting_as_it_was_used(topics: Finished, tmp_path: Path) -> None:
    written = load_recipe(topics.folder / "recipe.yaml")
    assert written == load_recipe(topics.project.recipe)
    assert "max_gradient_norm: 1.0" in (topics.folder / "recipe.yaml").read_text(encoding="utf-8")


@pytest.fixture
def two_runs(topics: Finished, copy_of: Copy) -> Project:
    """A project with a run `topics-…` and a newer run `zebra-…`."""
    project = copy_of(topics)
    pipeline.run(project.recipe, ["name=zebra"])
    return project


def test_newest_run_of_a_folder_is_taken(two_runs: Project) -> None:
    runs = two_runs.folder / "runs"
    assert find_run(runs).folder.name.startswith("zebra-")
    (older,) = runs.glob("topics-*/run.json")
    newest = max(path.stat().st_mtime_ns for path in runs.glob("*/run.json"))
    os.utime(older, ns=(newest + 10**9, newest + 10**9))
    assert find_run(runs).folder.name.startswith("topics-")


def test_recipe_finds_the_newest_run_of_its_own_name(two_runs: Project) -> None:
    assert find_run(two_runs.recipe).folder.name.startswith("topics-")
    two_runs.change("name: topics", "name: zebra")
    assert find_run(two_runs.recipe).folder.name.startswith("zebra-")
    two_runs.change("name: zebra", "name: top")
    with pytest.raises(ArtifactError, match=r"There is no finished run at .*recipe\.yaml\."):
        find_run(two_runs.recipe)


def test_file_that_is_no_recipe_is_refused(topics: Finished) -> None:
    with pytest.raises(RecipeError, match="is not a recipe"):
        find_run(topics.project.folder / "rows.csv")


@pytest.mark.parametrize("place", ["", "nowhere", "nowhere/recipe.yaml"])
def test_place_without_a_run_is_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(ArtifactError) as caught:
        find_run(tmp_path / place)
    assert str(caught.value) == (
        f"There is no finished run at {tmp_path / place}.\n"
        "  allowed: the folder of a run (it holds run.json), a folder of runs, or a recipe that was run\n"
        "  what to do: vocation run recipe.yaml"
    )


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"store": "../store", "artifacts": {}}'])
def test_unreadable_run_is_refused_with_what_to_do(topics: Finished, copy_of: Copy, content: str) -> None:
    project = copy_of(topics)
    (file,) = (project.folder / "runs").glob("*/run.json")
    file.write_text(content)
    with pytest.raises(
        ArtifactError, match=r"run\.json cannot be read: (.|\n)*what to do: vocation run the recipe again"
    ):
        find_run(file.parent)


def test_missing_artifact_is_refused_with_what_to_do(topics: Finished, copy_of: Copy) -> None:
    project = copy_of(topics)
    (tuning,) = project.store.glob("tuning-*")
    shutil.rmtree(tuning)
    with pytest.raises(ArtifactError, match=rf"{tuning.name} has no readable manifest\.json(.|\n)*what to do: delete"):
        find_run(project.folder / "runs" / topics.folder.name)


def test_folder_of_runs_can_be_moved(topics: Finished, copy_of: Copy, tmp_path: Path) -> None:
    moved = (copy_of(topics).folder / "runs").rename(tmp_path / "moved")
    assert find_run(moved).model.parent.parent.resolve() == moved / "store"


def test_lost_report_is_written_again(topics: Finished, copy_of: Copy) -> None:
    project = copy_of(topics)
    report = project.folder / "runs" / topics.folder.name / "report.html"
    page = report.read_bytes()
    report.unlink()
    assert pipeline.run(project.recipe).report.stat().st_size == len(page)


def test_run_file_names_its_artifacts(topics: Finished) -> None:
    content = json.loads((topics.folder / "run.json").read_text())
    assert content["name"] == "topics"
    assert sorted(content["artifacts"].values()) == sorted(topics.project.artifacts())
