"""What a recipe takes from runs that are finished: found and checked before anything trains, built before tuning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from vocation import artifacts
from vocation.artifacts import Plan, Store
from vocation.errors import RecipeError, VocationError
from vocation.modeling.additions import has_addition
from vocation.modeling.pretrained import Pretrained, resolve
from vocation.progress import Progress
from vocation.recipe import Recipe
from vocation.runs import RUN_FILE, Run, find_run
from vocation.strategies import Need, Start
from vocation.tuning import fisher
from vocation.tuning.material import Supply

Build = Callable[[Plan, Callable[[Path], Mapping[str, Any]]], Any]
"""Builds the artifact of a plan, given what fills its folder, unless it is there."""
RUN_PREFIX = "run:"
"""`model: run:PATH` starts from the model of a run, or of the newest run of a recipe."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a strategy needs, found.

    Args:
        need: what was asked for.
        source: the folder that is there: a corpus or a model.
        key: of the source, or of what is built from it.
        plan: of what is built; None where the source itself is what is needed.
        write: fills the folder of what is built, and returns the summary for its manifest.
    """

    need: Need
    source: Path
    key: str
    plan: Plan | None = None
    write: Callable[[Progress, Path], Mapping[str, Any]] | None = None


def starting_model(recipe: Recipe, base: Path) -> Pretrained:
    """The model that a recipe starts from.

    Args:
        recipe: names it.
        base: folder of the recipe.

    Raises:
        ModelError: it is nowhere, or cannot be used.
        RecipeError: it is that of a run, and there is no such run.
    """
    if not recipe.model.startswith(RUN_PREFIX):
        return resolve(recipe.model, base)
    run = _run(recipe.model.removeprefix(RUN_PREFIX), base, f"`model` is {recipe.model}")
    if has_addition(run.model):
        raise RecipeError(
            f"`model` is {recipe.model}, whose model has something beside its architecture (a prompt, a prefix or "
            "adapters), from which no training can start.\n"
            "  what to do: train that run with `full` or `lora`, which leave a plain model"
        )
    return Pretrained(recipe.model, run.model, resolve(str(run.model), base).fingerprint)


def find_needs(recipe: Recipe, base: Path) -> list[Found]:
    """What the recipe's strategies need.

    Args:
        recipe: lists the strategies.
        base: folder of the recipe, from which the needs' places start.

    Raises:
        RecipeError: there is no such run, or one of its artifacts is missing.
    """
    strategies = recipe.tuning.strategies
    return [_find(need, base, strategy.kind) for strategy in strategies for need in strategy.needs()]


def check_fit(recipe: Recipe, found: Sequence[Found], pretrained: Pretrained, summary: Mapping[str, Any]) -> None:
    """Refuses earlier runs that do not fit, before anything is built or trained.

    Args:
        recipe: lists the strategies.
        found: what they need.
        pretrained: the model that training starts from.
        summary: of the corpus.

    Raises:
        RecipeError: a strategy cannot use what was found.
    """
    if not found:
        return
    rehearsed = [artifacts.load(one.source).summary for one in found if one.need.part == "corpus"]
    labels = sorted({label for given in (summary, *rehearsed) for label in given["splits"]["train"]["labels"]})
    start = Start(pretrained.folder, recipe.task.kind, recipe.task.head_labels(labels))
    sources = {one.need.name: one.source for one in found}
    for strategy in recipe.tuning.strategies:
        strategy.check(sources, start)


def build_needs(found: Sequence[Found], store: Store, build: Build, progress: Progress) -> dict[str, Supply]:
    """What the strategies need, by the needs' names; what is not there yet is built.

    Args:
        found: what was asked for.
        store: takes what is built.
        build: builds the artifact of a plan, in every process.
        progress: shows how far it is.
    """
    for one in found:
        if one.plan and one.write:
            progress.note(f"{one.need.name}: for the strategies of tuning")
            build(one.plan, partial(one.write, progress))
    return planned_needs(found, store)


def planned_needs(found: Sequence[Found], store: Store) -> dict[str, Supply]:
    """What `build_needs` gives, without building anything."""
    return {
        one.need.name: Supply(store.root / one.plan.folder_name if one.plan else one.source, one.key) for one in found
    }


def _find(need: Need, base: Path, kind: str) -> Found:
    place = base / Path(need.place).expanduser()
    if need.part == "model" and (place / "config.json").exists():
        return Found(need, place, resolve(str(place), base).fingerprint)
    run = _run(need.place, base, f"tuning.strategies: {kind} names {need.place}")
    if need.part == "corpus":
        return Found(need, run.corpus.folder, run.corpus.key)
    if need.part == "model":
        return Found(need, run.model, run.tuning.key)
    settings = dict(need.settings)
    plan = fisher.plan(settings, run.tuning.key, run.corpus.key)

    def write(progress: Progress, folder: Path) -> Mapping[str, Any]:
        return fisher.build(settings, run.model, run.corpus.folder, folder, progress)

    return Found(need, run.model, plan.key, plan, write)


def _run(place: str, base: Path, asks: str) -> Run:
    path = base / Path(place).expanduser()
    if path.is_dir() and not (path / RUN_FILE).exists():  # Its newest run could be one of this very recipe.
        raise RecipeError(
            f"{asks}, which is no run.\n  allowed: the folder of a run (it holds {RUN_FILE}), or a recipe that was run"
        )
    try:
        return find_run(path)
    except VocationError as error:
        raise RecipeError(f"{asks}, and no finished run can be used from there.\n{error}") from error
