"""The recipe: what is accepted, and how each kind of mistake is told."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import yaml

from vocation.cleaning.minimum_length import MinimumLength
from vocation.component import kinds
from vocation.corpus.formats.csv import Csv
from vocation.errors import RecipeError
from vocation.recipe import Recipe, load_recipe
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = sorted(
    path
    for folder in ("examples", "benchmarks", "src/vocation/templates")
    for path in (ROOT / folder).rglob("*.yaml")
    if path.parent.name != "accelerate"  # Configurations of the launcher.
)
FORMATS, STEPS = (", ".join(kinds(f"vocation.{family}")) for family in ("corpus.formats", "cleaning"))
SMALLEST = """\
name: trial
model: starter:minilm
task: classification
corpus:
  sources:
    - kind: csv
      path: rows.csv
"""


@dataclasses.dataclass(frozen=True)
class Mistake:
    """A line of a recipe, replaced by a wrong one, and what is said of it.

    Args:
        old: the line, or "" to add one at the end.
        new: what stands there instead.
        line: the line that the message names.
        message: what it says behind the place.
    """

    old: str
    new: str
    line: int
    message: str


UNKNOWN_FIELDS = [
    Mistake(
        "name: trial",
        "name: trial\nmodle: x",
        2,
        "modle is not a setting. Did you mean 'model'?\n  allowed: name, model, task, corpus, examination, tuning, "
        "evaluation",
    ),
    Mistake(
        "",
        "evaluation: {resample: 100}\n",
        8,
        "evaluation.resample is not a setting. Did you mean 'resamples'?\n  allowed: split, resamples, confidence,",
    ),
    Mistake(
        "",
        "tuning:\n  early_stopping:\n    patiense: 3\n",
        10,
        "tuning.early_stopping.patiense is not a setting. Did you mean 'patience'?\n  allowed: patience, metric",
    ),
    Mistake(
        "corpus:",
        "corpus:\n  spliting: {}",
        5,
        "corpus.spliting is not a setting. Did you mean 'splitting'?\n  allowed: sources, cleaning,",
    ),
    Mistake(
        "task: classification",
        "task: {kind: entities, strid: 3}",
        3,
        "task.strid is not a setting. Did you mean 'stride'?\n  allowed: max_length, stride, subtokens",
    ),
    Mistake(
        "      path: rows.csv",
        "      path: rows.csv\n      delimeter: ';'",
        8,
        "corpus.sources.0.delimeter is not a setting. Did you mean 'delimiter'?\n  allowed: path, split, columns,",
    ),
    Mistake(
        "corpus:",
        "corpus:\n  cleaning:\n    - unicode\n    - {kind: minimum_length, letters: 3}",
        7,
        "corpus.cleaning.1.letters is not a setting.\n  allowed: characters",
    ),
    Mistake(
        "",
        "tuning:\n  strategies: [{kind: full, rank: 8}]\n",
        9,
        "tuning.strategies.0.rank is not a setting.\n  allowed: ",
    ),
]
UNKNOWN_KINDS = [
    Mistake(
        "task: classification",
        "task: clasification",
        3,
        "task.kind 'clasification' is unknown. Did you mean 'classification'?\n  allowed: classification, entities",
    ),
    Mistake(
        "task: classification",
        "task:\n  max_length: 64\n  kind: entity",
        5,
        "task.kind 'entity' is unknown. Did you mean 'entities'?\n  allowed: classification, entities",
    ),
    Mistake(
        "    - kind: csv",
        "    - kind: cvs",
        6,
        f"corpus.sources.0.kind 'cvs' is unknown. Did you mean 'csv'?\n  allowed: {FORMATS}",
    ),
    Mistake(
        "corpus:",
        "corpus:\n  cleaning:\n    - unicode\n    - whitespaces",
        7,
        f"corpus.cleaning.1.kind 'whitespaces' is unknown. Did you mean 'whitespace'?\n  allowed: {STEPS}",
    ),
    Mistake(
        "",
        "tuning:\n  strategies:\n    - ful\n",
        10,
        "tuning.strategies.0.kind 'ful' is unknown. Did you mean 'full'?\n  allowed: adapter, bitfit, class_balanced",
    ),
    Mistake(
        "",
        "tuning:\n  strategies:\n    - kind: lorra\n",
        10,
        "tuning.strategies.0.kind 'lorra' is unknown. Did you mean 'lora'?\n  allowed: adapter, bitfit, class_balanced",
    ),
]
WRONG_TYPES = [
    Mistake("name: trial", "name: 3", 1, "name: Input should be a valid string.\n  received: 3"),
    Mistake("name: trial", "name: a/b", 1, "name: String should match pattern"),
    Mistake("", "tuning:\n  epochs: many\n", 9, "tuning.epochs: Input should be a valid integer, unable to parse"),
    Mistake(
        "", "tuning:\n  epochs: 0\n", 9, "tuning.epochs: Input should be greater than or equal to 1.\n  received: 0"
    ),
    Mistake(
        "",
        "tuning:\n  learning_rate: .nan\n",
        9,
        "tuning.learning_rate: Input should be a finite number.\n  received: nan",
    ),
    Mistake(
        "",
        "tuning:\n  schedule: cosin\n",
        9,
        "tuning.schedule: Input should be 'linear', 'cosine' or 'constant'. Did you mean 'cosine'?\n  received: ",
    ),
    Mistake(
        "",
        "tuning:\n  strategies: full\n",
        9,
        "tuning.strategies should be a list.\n  received: 'full'\n  allowed: [first, second]",
    ),
    Mistake(
        "",
        "tuning: fast\n",
        8,
        "tuning should hold settings.\n  received: 'fast'\n  allowed: strategies, learning_rate,",
    ),
    Mistake(
        "task: classification",
        "task: [classification]",
        3,
        "task should be a kind, or settings with one.\n  received: ['classification']\n  allowed: classification,",
    ),
    Mistake(
        "      path: rows.csv",
        "      path: {a: b}",
        7,
        "corpus.sources.0.path: Input should be a valid string.\n  received: {",
    ),
]
MISSING = [
    Mistake(
        "name: trial",
        "# no name",
        1,
        "name is missing.\n  what to do: add it; `vocation schema` describes every setting",
    ),
    Mistake("      path: rows.csv", "      split: train", 6, "corpus.sources.0.path is missing.\n  what to do: add it"),
    Mistake(
        "task: classification",
        "task: {max_length: 64}",
        3,
        "task.kind is missing.\n  received: {'max_length': 64}\n  allowed: classification, entities",
    ),
    Mistake(
        "    - kind: csv",
        "    - encoding: utf-8",
        6,
        "corpus.sources.0.kind is missing.\n  received: {'encoding': 'utf-8', 'path': 'rows.csv'}\n  allowed: alpaca,",
    ),
]
CONTRADICTIONS = [
    Mistake(
        "corpus:",
        "corpus:\n  splitting: {validation: 0.5, test: 0.5}",
        5,
        "corpus.splitting: validation 0.5 and test 0.5 leave nothing for train\n  received: {'validation': 0.5,",
    ),
    Mistake(
        "corpus:",
        "corpus:\n  splitting: {kind: time, validation: 0.5, test: 0.5}",
        5,
        "corpus.splitting: validation 0.5 and test 0.5 leave nothing for train\n  received: {'kind': 'time',",
    ),
    Mistake(
        "corpus:",
        "corpus:\n  splitting:\n    kind: folds\n    folds: 1",
        7,
        "corpus.splitting.folds: Input should be greater than or equal to 2.\n  received: 1",
    ),
    Mistake(
        "corpus:",
        "corpus:\n  splitting: {fold: 1}",
        5,
        "corpus.splitting.fold is not a setting.\n  allowed: validation, seed, test, stratified, rare_labels",
    ),
    Mistake(
        "corpus:",
        "corpus:\n  splitting: tine",
        5,
        "corpus.splitting.kind 'tine' is unknown. Did you mean 'time'?\n  allowed: folds, random, time",
    ),
    Mistake(
        "task: classification",
        "task: {kind: entities, max_length: 16, stride: 9}",
        3,
        "task: stride (9) must not exceed half of max_length (16)\n  received: {'kind': 'entities',",
    ),
    Mistake(
        "task: classification",
        "task: {kind: entities, max_length: short}",
        3,
        "task.max_length: Input should be a valid integer, unable to parse string as an integer.\n  received: 'short'",
    ),
    Mistake(
        "      path: rows.csv",
        "      path: rows.csv\n      delimiter: ',,'",
        8,
        'corpus.sources.0.delimiter: must be "auto" or one character, such as "," or ";" or "\\t"\n  received: \',,\'',
    ),
]


def write(folder: Path, text: str) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "mistake",
    [*UNKNOWN_FIELDS, *UNKNOWN_KINDS, *WRONG_TYPES, *MISSING, *CONTRADICTIONS],
    ids=lambda mistake: mistake.message.partition("\n")[0][:60],
)
def test_mistake_is_told_with_its_line_its_name_and_what_is_allowed(tmp_path: Path, mistake: Mistake) -> None:
    assert mistake.old in SMALLEST
    changed = SMALLEST.replace(mistake.old, mistake.new, 1) if mistake.old else SMALLEST + mistake.new
    path = write(tmp_path, changed)
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    assert str(caught.value).startswith(f"{path}:{mistake.line}: {mistake.message}")
    assert str(caught.value).count(f"{path}:") == 1, "one mistake makes one complaint"


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, SMALLEST.replace("name: trial", "nam: trial") + "tuning: {epoch: 3}\n")
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    told = str(caught.value)
    assert f"{path}:1: name is missing" in told
    assert f"{path}:1: nam is not a setting. Did you mean 'name'?" in told
    assert f"{path}:8: tuning.epoch is not a setting. Did you mean 'epochs'?" in told


def test_list_without_items_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, SMALLEST + "tuning:\n  strategies: []\n")
    with pytest.raises(RecipeError, match=r"recipe\.yaml:9: tuning\.strategies: .* at least 1 item"):
        load_recipe(path)


def test_smallest_recipe_gets_every_default(tmp_path: Path) -> None:
    recipe = load_recipe(write(tmp_path, SMALLEST))
    assert recipe.task == Classification()
    assert recipe.corpus.sources == (Csv(path="rows.csv"),)
    assert [step.kind for step in recipe.corpus.cleaning] == ["unicode", "whitespace", "minimum_length"]
    assert [strategy.kind for strategy in recipe.tuning.strategies] == ["full"]


def test_path_may_be_a_string_and_the_file_may_have_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(SMALLEST, encoding="utf-8-sig")
    assert load_recipe(str(path)).name == "trial"


@pytest.mark.parametrize("number", ["2e-5", "2E-05", "2.0e-5", "0.00002"])
def test_number_is_read_however_it_is_written(tmp_path: Path, number: str) -> None:
    path = write(tmp_path, SMALLEST + f"tuning: {{learning_rate: {number}}}\n")
    assert load_recipe(path).tuning.learning_rate == 2e-5
    assert load_recipe(write(tmp_path, SMALLEST), [f"tuning.learning_rate={number}"]).tuning.learning_rate == 2e-5


def test_overrides_replace_settings_of_every_depth(tmp_path: Path) -> None:
    path = write(tmp_path, SMALLEST + "tuning: {epochs: 3, seed: 9}\n")
    recipe = load_recipe(
        path,
        [
            "name=other",
            "tuning.epochs=7",
            "tuning.early_stopping.patience=null",
            "task.max_length=64",
            "corpus.sources.0.delimiter=;",
            "corpus.cleaning=[minimum_length]",
            "corpus.cleaning.0.characters=4",
        ],
    )
    assert (recipe.name, recipe.tuning.epochs, recipe.tuning.seed) == ("other", 7, 9)
    assert recipe.tuning.early_stopping.patience is None
    assert recipe.task == Classification(max_length=64)
    assert recipe.corpus.sources[0] == Csv(path="rows.csv", delimiter=";")
    assert recipe.corpus.cleaning == (MinimumLength(characters=4),)


def test_override_may_choose_another_kind(tmp_path: Path) -> None:
    path = write(tmp_path, SMALLEST)
    assert load_recipe(path, ["task=entities", "task.stride=8"]).task == Entities(stride=8)


def test_windows_of_another_length_take_their_overlap_along_and_the_dump_shows_it(tmp_path: Path) -> None:
    recipe = load_recipe(write(tmp_path, SMALLEST), ["task=entities", "task.max_length=64"])
    assert recipe.task == Entities(max_length=64, stride=16)
    assert "  max_length: 64\n  stride: 16\n" in recipe.dump()


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("tuning.epochs=0", "tuning.epochs: Input should be greater than or equal to 1.\n  received: 0"),
        ("tuning.epoch=3", "tuning.epoch is not a setting. Did you mean 'epochs'?"),
        ("tunning.epochs=3", "tunning is not a setting. Did you mean 'tuning'?"),
        ("task=clasification", "task.kind 'clasification' is unknown. Did you mean 'classification'?"),
        ("corpus.sources=[{kind: csv}]", "corpus.sources.0.path is missing."),
    ],
)
def test_mistake_in_an_override_names_the_override(tmp_path: Path, override: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(write(tmp_path, SMALLEST), [override])
    assert str(caught.value).startswith(f"--set {override}: {message}")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_dumped_recipe_loads_to_an_equal_one(tmp_path: Path, path: Path) -> None:
    recipe = load_recipe(path)
    assert load_recipe(write(tmp_path, recipe.dump())) == recipe


def test_dumped_recipe_names_every_setting_and_keeps_chinese_readable(tmp_path: Path) -> None:
    text = load_recipe(write(tmp_path, SMALLEST.replace("trial", "试验"))).dump()
    assert "name: 试验" in text
    assert list(yaml.safe_load(text)) == list(Recipe.model_fields)
    assert yaml.safe_load(text)["tuning"]["early_stopping"] == {"patience": 3, "metric": None}
