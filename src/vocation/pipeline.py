"""The story of a run: the stages, called in order, each handing its artifact to the next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vocation.artifacts import Artifact, Store
from vocation.corpus import refine
from vocation.evaluation import evaluate
from vocation.modeling.pretrained import resolve
from vocation.progress import SILENT, Progress
from vocation.recipe import Recipe, load_recipe
from vocation.runs import Run, publish_run
from vocation.tuning import tune
from vocation.tuning.tune import Tuning


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

    tuning = Tuning(
        recipe.tuning,
        task,
        resolve(recipe.model, base),
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

    return publish_run(recipe, root, corpus=corpus, tuning=tuned, evaluation=evaluated)


def _tell(artifact: Artifact, progress: Progress) -> None:
    name, seconds = artifact.folder.name, artifact.manifest["seconds"]
    progress.note(f"  {name}: {'done before, kept' if artifact.reused else f'done in {seconds:.0f} s'}")
