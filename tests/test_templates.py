"""`vocation init`: the project that it writes."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from typing import Any

import pytest

from vocation.errors import ArtifactError, RecipeError
from vocation.recipe import load_recipe
from vocation.templates import start_project

TASKS = ("classification", "entities")


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_a_template_whose_recipe_is_valid_and_whose_rows_are_there(tmp_path: Path, task: str) -> None:
    path = start_project(tmp_path / "first light", task)
    recipe = load_recipe(path)
    assert recipe.task.kind == task
    assert recipe.name == "first-light"
    for source in recipe.corpus.sources:
        assert (path.parent / source.path).stat().st_size > 10_000
    assert "CC BY 4.0" in (path.parent / "ATTRIBUTION.md").read_text(encoding="utf-8")


def test_recipe_is_commented_in_both_languages(tmp_path: Path) -> None:
    comments = [
        line for line in start_project(tmp_path / "new", "entities").read_text("utf-8").splitlines() if "#" in line
    ]
    assert len(comments) > 10
    assert any("学习率" in comment for comment in comments)


def test_empty_folder_is_filled(tmp_path: Path) -> None:
    assert start_project(tmp_path, "classification") == tmp_path / "recipe.yaml"


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("bank intents", "bank-intents"),
        ("我的项目", "我的项目"),
        ("2024", "2024"),
        ("2024-02-30", "2024-02-30"),
        ("true", "true"),
        ("#1", "#1"),
        ("a: b*", "a-b-"),
        (".hidden", "hidden"),
        ("...", "my-project"),
        ("x" * 200, "x" * 80),
    ],
)
def test_any_folder_name_gives_a_valid_recipe(tmp_path: Path, folder: str, name: str) -> None:
    assert load_recipe(start_project(tmp_path / folder, "classification")).name == name


def test_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "notes.txt"
    kept.write_text("mine")
    with pytest.raises(ArtifactError, match=r"exists and is not an empty folder\.\n.*nothing was written"):
        start_project(tmp_path, "classification")
    assert list(tmp_path.iterdir()) == [kept]


def test_file_in_the_place_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ArtifactError, match="is not an empty folder"):
        start_project(tmp_path / "notes.txt", "classification")
    with pytest.raises(ArtifactError, match="cannot be written: Not a directory"):
        start_project(tmp_path / "notes.txt" / "project", "classification")


def test_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: Any, **options: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(ArtifactError, match="project cannot be written: No space left on device"):
        start_project(tmp_path / "project", "classification")


def test_unknown_task_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        start_project(tmp_path / "project", "entity")
    assert str(caught.value) == (
        "There is no template for the task 'entity'. Did you mean 'entities'?\n  allowed: classification, entities"
    )
    assert not (tmp_path / "project").exists()
