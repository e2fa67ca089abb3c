"""The story of a run: the stages, called in order, each handing its artifact to the next.

Where a launcher started several processes, each goes through this story. The main one does the stages; the others wait
for each, and take their share of tuning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vocation.artifacts import Artifact, Plan, Store, load
from vocation.corpus import refine
from vocation.earlier_runs import build_needs, check_fit, find_needs, starting_model
from vocation.evaluation import evaluate
from vocation.examination import examine
from vocation.examination.examine import Examination
from vocation.modeling.pretrained import Pretrained
from vocation.progress import SILENT, Progress
from vocation.recipe import Recipe, load_recipe
from vocation.runs import Run, named_run, publish_run
from vocation.training.processes import Team, join
from vocation.training.waiting import sleep_if_busy
from vocation.tuning import tune
from vocation.tuning.material import Supply, Tuning


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
    asleep, team = sleep_if_busy(), join()
    if asleep and team.is_main:
        progress.note("other processes compute on this machine: threads sleep while they wait, and make room")
    with team.failure_told():
        return _follow(recipe, base, root, Builder(Store(root / "store"), team, progress if team.is_main else SILENT))


def _follow(recipe: Recipe, base: Path, root: Path, builder: Builder) -> Run:
    task, progress = recipe.task, builder.progress
    pretrained, needs = starting_model(recipe, base), find_needs(recipe, base)

    corpus_plan = refine.plan(recipe.corpus, task, base)
    progress.note("corpus: reading, cleaning, splitting")
    corpus = builder.build(
        corpus_plan,
        lambda folder: refine.refine(recipe.corpus, task, base, corpus_plan, folder, progress),
        resumable=True,
    )

    check_fit(recipe, needs, pretrained, corpus.summary)

    progress.note("examination: lengths, identifiers, leakage")
    examination = examination_of(recipe, pretrained, corpus.folder, corpus.summary)
    examined = builder.build(
        examine.plan(recipe.examination, task, pretrained, corpus.key),
        lambda folder: examine.examine(examination, folder, progress),
    )

    tuning = tuning_of(recipe, pretrained, corpus.folder, build_needs(needs, builder.store, builder.build, progress))
    progress.note(f"tuning: {recipe.model} learns {task.kind}")
    tuned = builder.build(
        tune.plan(tuning, corpus.key),
        lambda folder: tune.tune(tuning, folder, progress),
        lambda folder: tune.assist(tuning, folder),
        resumable=True,
    )

    evaluation_plan = evaluate.plan(recipe.evaluation, task, corpus.key, tuned.key)
    progress.note("evaluation: the model beside the baseline")
    evaluated = builder.build(
        evaluation_plan,
        lambda folder: evaluate.evaluate(recipe.evaluation, task, corpus.folder, tuned.folder, folder, progress),
    )

    stages = {"corpus": corpus, "examination": examined, "tuning": tuned, "evaluation": evaluated}
    run = publish_run(recipe, root, stages) if builder.team.is_main else named_run(recipe, root, stages)
    builder.team.share(None)  # The others stay until all is written.
    return run


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds the artifact of each stage, or waits for it.

    Args:
        store: where artifacts lie, on a disk that every process sees.
        team: the processes that go through the story together.
        progress: shows how far it is.
    """

    store: Store
    team: Team
    progress: Progress

    def build(
        self,
        plan: Plan,
        write: Callable[[Path], Mapping[str, Any]],
        assist: Callable[[Path], None] | None = None,
        *,
        resumable: bool = False,
    ) -> Artifact:
        """The artifact of a plan, in every process.

        Args:
            plan: what it is made from.
            write: makes it, in the main process.
            assist: what the others do meanwhile, in the same folder; they wait unless given.
            resumable: whether `write` goes on from what a killed run left in the folder.

        Raises:
            AbandonedError: the main process failed.
        """
        if not self.team.is_main:
            while "reused" not in (word := self.team.hear()):
                if assist:
                    with self.team.left_alone():
                        assist(Path(word["folder"]))
            return load(self.store.root / plan.folder_name, reused=word["reused"])

        def told(folder: Path) -> Mapping[str, Any]:
            self.team.tell({"folder": str(folder.absolute())})
            return write(folder)

        artifact = self.store.build(plan, told, resumable=resumable)
        self.team.tell({"reused": artifact.reused})
        _tell(artifact, self.progress)
        return artifact


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


def tuning_of(recipe: Recipe, pretrained: Pretrained, corpus: Path, supplies: Mapping[str, Supply]) -> Tuning:
    """What the tuning of a recipe starts from.

    Args:
        recipe: says how the model learns.
        pretrained: its model.
        corpus: folder of the corpus artifact.
        supplies: what the strategies take from earlier runs, by the needs' names.
    """
    deidentification = recipe.corpus.deidentification
    return Tuning(recipe.tuning, recipe.task, pretrained, recipe.corpus.cleaning, corpus, deidentification, supplies)


def _tell(artifact: Artifact, progress: Progress) -> None:
    name, seconds = artifact.folder.name, artifact.manifest["seconds"]
    progress.note(f"  {name}: {'done before, kept' if artifact.reused else f'done in {seconds:.0f} s'}")
