"""Every recipe that the repository ships can be read, and names files that are there."""

import csv
from pathlib import Path

import pytest

from vocation.recipe import load_recipe

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("examples", "benchmarks", "src/vocation/templates")
RECIPES = sorted(
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.yaml")
    if "runs" not in path.parts  # What running them left is not shipped.
    and "accelerate" not in path.parts  # Configurations of the launcher, see test_launching.py.
)


def test_every_shipped_recipe_is_seen() -> None:
    assert len(RECIPES) == 5


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_recipe_is_valid_and_its_files_are_there(path: Path) -> None:
    recipe = load_recipe(path)
    for source in recipe.corpus.sources:
        assert list(path.parent.glob(source.path)), source.path


def rows(name: str) -> list[tuple[str, str]]:
    """Text and category of every row of a file of bank-intents."""
    path = ROOT / "examples" / "bank-intents" / "data" / name
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize("split", ["train", "test"])
def test_demo_has_every_row_of_its_intents_and_no_other(split: str) -> None:
    part = rows(f"cards_{split}.csv")
    intents = {category for _, category in part}
    assert len(intents) == 27
    assert part == [row for row in rows(f"{split}.csv") if row[1] in intents]


def test_demo_says_the_same_as_the_full_recipe_but_for_data_and_training() -> None:
    folder = ROOT / "examples" / "bank-intents"
    full, demo = load_recipe(folder / "recipe.yaml"), load_recipe(folder / "demo.yaml")
    assert (demo.model, demo.task, demo.evaluation) == (full.model, full.task, full.evaluation)
    assert (demo.corpus.cleaning, demo.corpus.splitting) == (full.corpus.cleaning, full.corpus.splitting)
