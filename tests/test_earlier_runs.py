"""Sequences of runs: what a run takes from an earlier one, when it is built, and what is refused before training."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.projects import Command, Finished, Project
from vocation import pipeline
from vocation.errors import RecipeError
from vocation.inspection import inspect
from vocation.progress import SILENT

Copy = Callable[[Finished], Project]
SECOND = """\
name: second
model: run:recipe.yaml
task: {kind: classification, max_length: 96}
corpus:
  sources:
    - kind: csv
      path: second.csv
tuning:
  strategies:
    - full
    - STRATEGY
  learning_rate: 1.0e-3
  epochs: 2
  batch_size: 8
evaluation: {resamples: 100}
"""
EWC = "{kind: ewc, previous: recipe.yaml, rows: 10, strength: 100}"
REHEARSAL = "{kind: rehearsal, previous: recipe.yaml}"
DISTILLATION = "{kind: distillation, teacher: recipe.yaml}"
TIMES = {"morning": "the day began with", "evening": "the day ended with"}


class Notes:
    """A progress that keeps the notes and the titles of bars."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def note(self, message: str) -> None:
        self.told.append(message.strip())

    def bar(self, description: str, total: int | None, unit: str, done: int = 0) -> object:
        self.told.append(description)
        return SILENT.bar(description, total, unit, done)


@pytest.fixture
def project(topics: Finished, copy_of: Copy) -> Project:
    """The finished project, with a second recipe beside the first."""
    project = copy_of(topics)
    rows = ["text,label"]
    for number in range(60):
        label = list(TIMES)[number % 2]
        rows.append(f"{TIMES[label]} {('rain', 'snow', 'sun')[number % 3]} {number},{label}")
    (project.folder / "second.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return project


def second(project: Project, strategy: str) -> Path:
    path = project.folder / "second.yaml"
    path.write_text(SECOND.replace("STRATEGY", strategy), encoding="utf-8")
    return path


def test_ewc_builds_the_fisher_information_once_and_its_key_is_in_that_of_the_tuning(project: Project) -> None:
    recipe, notes = second(project, EWC), Notes()
    before = set(project.artifacts())
    assert inspect(recipe).stages == dict.fromkeys(("corpus", "examination", "tuning", "evaluation"), False)
    assert set(project.artifacts()) == before, "a check builds nothing"
    run = pipeline.run(recipe, progress=notes)  # type: ignore[arg-type]
    (name,) = (name for name in project.artifacts() if name.startswith("fisher-"))
    fisher = project.artifacts()[name]
    assert fisher["key"] in run.tuning.manifest["inputs"].values()
    first = {name.partition("-")[0]: m for name, m in project.artifacts().items() if name in before}
    assert fisher["inputs"] == {"tuning": first["tuning"]["key"], "corpus": first["corpus"]["key"]}
    assert notes.told.index("Fisher information") < notes.told.index("tuning")
    assert any(note.startswith("ewc: 39 of 39 weight tensors of the body are held") for note in notes.told)
    assert run.tuning.manifest["inputs"]["model"] != ""
    again = pipeline.run(recipe, progress=(later := Notes()))  # type: ignore[arg-type]
    assert again.reused
    assert "Fisher information" not in later.told
    assert inspect(recipe).stages == dict.fromkeys(("corpus", "examination", "tuning", "evaluation"), True)
    other = pipeline.run(recipe, ["tuning.strategies.1.strength=200"], progress=(stronger := Notes()))  # type: ignore[arg-type]
    assert not other.tuning.reused
    assert "Fisher information" not in stronger.told
    assert other.tuning.manifest["inputs"] == run.tuning.manifest["inputs"]
    fewer = pipeline.run(recipe, ["tuning.strategies.1.rows=9"], progress=(rebuilt := Notes()))  # type: ignore[arg-type]
    assert not fewer.tuning.reused
    assert "Fisher information" in rebuilt.told


def test_rehearsal_gives_a_head_that_knows_both_and_is_evaluated(project: Project) -> None:
    recipe = second(project, REHEARSAL)
    inspect(recipe)
    run = pipeline.run(recipe)
    assert set(run.tuning.summary["labels"]) == {"card", "evening", "morning", "rate", "refund"}
    assert run.evaluation.summary["records"] == 12
    assert run.report.exists()


def test_distillation_follows_a_teacher_of_the_same_labels(project: Project) -> None:
    recipe = second(project, DISTILLATION)
    same = ["corpus.sources.0.path=rows.csv"]
    inspect(recipe, same)
    run = pipeline.run(recipe, same)
    assert len(run.tuning.manifest["inputs"]) == 3
    model = str(run.model.relative_to(project.folder))
    direct = pipeline.run(recipe, [*same, f"tuning.strategies.1.teacher={model}"])
    assert not direct.tuning.reused


@pytest.mark.parametrize("act", [inspect, pipeline.run], ids=["check", "run"])
@pytest.mark.parametrize(
    ("strategy", "overrides", "message"),
    [
        (
            EWC,
            ["tuning.strategies.1.previous=nowhere"],
            "ewc names nowhere, and no finished run can be used from there",
        ),
        (EWC, ["tuning.strategies.1.previous=runs"], "ewc names runs, which is no run."),
        (EWC, ["model=run:nowhere"], "`model` is run:nowhere, and no finished run can be used from there"),
        (REHEARSAL, ["tuning.strategies.1.previous=second.csv"], "rehearsal names second.csv, and no finished run"),
        (DISTILLATION, [], "the teacher must have the labels of this run"),
        (EWC, ["model=ROBERTA"], "no weight of the model has the name and the shape of one of recipe.yaml"),
        (DISTILLATION, ["model=ROBERTA", "corpus.sources.0.path=rows.csv"], "has another vocabulary than the model"),
    ],
)
def test_a_wrong_earlier_run_is_refused_before_anything_trains(
    project: Project,
    roberta_folder: Path,
    act: Callable[..., object],
    strategy: str,
    overrides: list[str],
    message: str,
) -> None:
    recipe = second(project, strategy)
    given = [override.replace("ROBERTA", str(roberta_folder)) for override in overrides]
    with pytest.raises(RecipeError) as refused:
        act(recipe, given)
    assert message in str(refused.value)
    assert not [name for name in project.artifacts() if name.startswith("fisher-")]
    assert len([name for name in project.artifacts() if name.startswith("tuning-")]) == 1


def test_rows_of_another_kind_of_task_are_refused(project: Project, drugs: Finished) -> None:
    recipe = second(project, REHEARSAL)
    with pytest.raises(RecipeError, match="are those of the task entities, and this run learns classification"):
        inspect(recipe, [f"tuning.strategies.1.previous={drugs.folder}"])


def test_a_run_without_its_artifacts_is_refused_with_what_to_do(vocation: Command, project: Project) -> None:
    (tuning,) = project.store.glob("tuning-*")
    shutil.rmtree(tuning)
    outcome = vocation("check", second(project, EWC))
    assert outcome.status == 1
    assert "no finished run can be used from there" in outcome.err
    assert "has no readable manifest.json" in outcome.err
    assert "what to do: delete the folder and run again" in outcome.err
