"""The story of a run: the stages, called in order, each handing its artifact to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vocation.artifacts import Artifact, Store
from vocation.corpus import refine
from vocation.evaluation import evaluate
from vocation.examination import examine
from vocation.examination.examine import Examination
from vocation.modeling.pretrained import Pretrained, resolve
from vocation.progress import SILENT, Progress
from vocation.recipe import Recipe, load_recipe
from vocation.runs import Run, publish_run
from vocation.training.waiting import sleep_if_busy
from vocation.tuning import tune
from vocation.tuning.lesson import Tuning


def run(
    recipe: str | Path,
    overrides: Sequence[str] = (),
    output: str | Path | None = None,
    progress: Progress = SILENT,
) -> Run:
    """Does everything that a recipe says, and nothing that was done before.

    Args:
        recipe: path of the recipe.
        overrides: settings that replace those in the file, as `tuning.learning_rate=2e-5`.
        output: folder of all runs and artifacts; `runs` beside the recipe unless given.
        progress: shows how far it is.

    Returns:
        The run, whose `report` is the page to open first.

    Raises:
        VocationError: something in the recipe, the data, the model or the folder stands in the way.
    """
    path = Path(recipe)
    settings = load_recipe(path, overrides)
    root = Path(output) if output is not None else path.parent / "runs"
    return follow(settings, path.parent, root, progress)


def follow(recipe: Recipe, base: Path, root: Path, progress: Progress) -> Run:
    """The stages of a recipe, in order.

    Args:
        recipe: what to do.
        base: folder that the recipe's relative paths start from.
        root: folder of all runs and artifacts.
        progress: shows how far it is.
    """
    if sleep_if_busy():
        progress.note("other processes compute on this machine: threads sleep while they wait, and make room")
    store = Store(root / "store")
    task = recipe.task

    corpus_plan = refine.plan(recipe.corpus, task, base)
    progress.note("corpus: reading, cleaning, splitting")
    corpus = store.build(
        corpus_plan,
        lambda folder: refine.refine(recipe.corpus, task, base, corpus_plan, folder, progress),
        resumable=True,
    )
    _tell(corpus, progress)

    pretrained = resolve(recipe.model, base)
    progress.note("examination: lengths, identifiers, leakage")
    examination = examination_of(recipe, pretrained, corpus.folder, corpus.summary)
    examined = store.build(
        examine.plan(recipe.examination, task, pretrained, corpus.key),
        lambda folder: examine.examine(examination, folder, progress),
    )
    _tell(examined, progress)

    tuning = Tuning(
        recipe.tuning,
        task,
        pretrained,
        recipe.corpus.cleaning,
        corpus.folder,
        recipe.corpus.deidentification,
    )
    progress.note(f"tuning: {recipe.model} learns {task.kind}")
    tuned = store.build(
        tune.plan(tuning, corpus.key), lambda folder: tune.tune(tuning, folder, progress), resumable=True
    )
    _tell(tuned, progress)

    evaluation_plan = evaluate.plan(recipe.evaluation, task, corpus.key, tuned.key)
    progress.note("evaluation: the model beside the baseline")
    evaluated = store.build(
        evaluation_plan,
        lambda folder: evaluate.evaluate(recipe.evaluation, task, corpus.folder, tuned.folder, folder, progress),
    )
    _tell(evaluated, progress)

    stages = {"corpus": corpus, "examination": examined, "tuning": tuned, "evaluation": evaluated}
    return publish_run(recipe, root, stages)


def examination_of(recipe: Recipe, pretrained: Pretrained, corpus: Path, summary: Mapping[str, Any]) -> Examination:
    """What the examination of a recipe's corpus starts from.

    Args:
        recipe: says what is looked for.
        pretrained: its model.
        corpus: folder of the corpus artifact.
        summary: of its manifest.
    """
    deidentified = recipe.corpus.deidentification is not None
    kinds = [step.kind for step in recipe.corpus.cleaning]
    return Examination(recipe.examination, recipe.task, pretrained, corpus, summary, kinds, deidentified)


def _tell(artifact: Artifact, progress: Progress) -> None:
    name, seconds = artifact.folder.name, artifact.manifest["seconds"]
    progress.note(f"  {name}: {'done before, kept' if artifact.reused else f'done in {seconds:.0f} s'}")
