"""What a recipe would do, and what is wrong with it: everything up to training, and no training."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vocation.artifacts import Plan, Store, write_errors
from vocation.corpus import refine
from vocation.earlier_runs import Found, check_fit, find_needs, planned_needs, starting_model
from vocation.evaluation import evaluate
from vocation.examination import examine
from vocation.examination.findings import Finding, findings
from vocation.examination.page.write import Examined, write_data_page
from vocation.examination.words import words_of
from vocation.ledger import Count
from vocation.modeling.pretrained import Pretrained, load_tokenizer
from vocation.pipeline import examination_of, tuning_of
from vocation.progress import SILENT, Progress
from vocation.recipe import Recipe, load_recipe
from vocation.runs import page_title
from vocation.strategies import Strategy
from vocation.training.batches import Dealing, epoch_order
from vocation.tuning import requirements, tune
from vocation.tuning.lesson import deal, shaped_loss
from vocation.tuning.material import Tuning, prepare_data


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run of the recipe would do.

    Args:
        recipe: the validated recipe.
        corpus: the summary that the corpus stage gives.
        counts: its ledger.
        examined: the summary of the examination.
        updates: optimiser steps if no early stopping happens.
        stages: name of each stage, and whether it is done already.
        findings: what is worth knowing.
        page: where the data page was written; None if none was asked for.
    """

    recipe: Recipe
    corpus: Mapping[str, Any]
    counts: Sequence[Count]
    examined: Mapping[str, Any]
    updates: int
    stages: Mapping[str, bool]
    findings: Sequence[Finding]
    page: Path | None


def default_page(recipe: Recipe, root: Path) -> Path:
    """Where `vocation check` writes the data page: in the folder of all runs."""
    return root / "checks" / f"{recipe.name}.html"


def inspect(
    recipe: str | Path,
    overrides: Sequence[str] = (),
    output: str | Path | None = None,
    progress: Progress = SILENT,
    *,
    leakage: bool = False,
    page: bool = False,
) -> Forecast:
    """Validates recipe, data and model as `run` would meet them; writes nothing that stays but the data page.

    Args:
        recipe: path of the recipe.
        overrides: settings that replace those in the file.
        output: folder of all runs and artifacts; `runs` beside the recipe unless given.
        progress: shows how far it is.
        leakage: whether the baseline is trained to say what a random split would have promised. What an earlier run
            has measured is told in any case.
        page: whether the data page is written, see `default_page`.

    Raises:
        VocationError: a run would fail for this reason.
    """
    path = Path(recipe)
    settings = load_recipe(path, overrides)
    pretrained, needs = starting_model(settings, path.parent), find_needs(settings, path.parent)
    root = Path(output) if output is not None else path.parent / "runs"
    plan = refine.plan(settings.corpus, settings.task, path.parent)
    inspection = _Inspection(settings, pretrained, needs, path.parent, plan, Store(root / "store"), progress)
    with inspection.examined(leakage=leakage) as examined:
        place = default_page(settings, root) if page else None
        if place:  # Before anything is refused: it shows why.
            with write_errors(root):
                place.parent.mkdir(parents=True, exist_ok=True)
                write_data_page(place, examined, page_title(settings), settings.evaluation.language)
        return inspection.forecast(examined, place)


@dataclass(frozen=True, slots=True)
class _Inspection:
    """What the stages would start from."""

    recipe: Recipe
    pretrained: Pretrained
    needs: Sequence[Found]
    base: Path
    corpus_plan: Plan
    store: Store
    progress: Progress

    @contextmanager
    def examined(self, *, leakage: bool) -> Iterator[Examined]:
        """The corpus and its examination: those that are in the store, or made for the time of the context."""
        plan = self.corpus_plan
        with tempfile.TemporaryDirectory(prefix="vocation-check-") as scratch:
            corpus, folder = self.store.find(plan), Path(scratch) / "corpus"
            if corpus:
                folder, summary = corpus.folder, corpus.summary
            else:
                folder.mkdir()
                summary = refine.refine(self.recipe.corpus, self.recipe.task, self.base, plan, folder, self.progress)
            check_fit(self.recipe, self.needs, self.pretrained, summary)
            _require_results(self.recipe, folder)
            tokenizer = load_tokenizer(self.pretrained.folder)
            requirements.check_length(self.recipe.task, tokenizer, self.recipe.model)
            done = self.store.find(self.examination_plan)
            if done:
                yield Examined(folder, summary, done.folder, done.summary)
                return
            place = Path(scratch) / "examination"
            place.mkdir()
            wanted = self.recipe.examination.model_copy(update={"leakage": leakage})
            recipe = self.recipe.model_copy(update={"examination": wanted})
            found = examine.examine(examination_of(recipe, self.pretrained, folder, summary), place, self.progress)
            yield Examined(folder, summary, place, found)

    @property
    def examination_plan(self) -> Plan:
        return examine.plan(self.recipe.examination, self.recipe.task, self.pretrained, self.corpus_plan.key)

    def forecast(self, examined: Examined, page: Path | None) -> Forecast:
        recipe, settings = self.recipe, self.recipe.tuning
        train = examined.summary["splits"]["train"]
        requirements.refuse_cuts(recipe.task, train["cuts"], train["cut_rows"], train["rows"], settings.largest_cut)
        facts = examined.facts
        return Forecast(
            recipe=recipe,
            corpus=examined.corpus_summary,
            counts=facts.counts,
            examined=examined.summary,
            updates=self._updates(examined.corpus, train["examples"]),
            stages=self._stages(examined.corpus),
            findings=findings(facts, words_of("en")),
            page=page,
        )

    def _tuning(self, corpus: Path) -> Tuning:
        return tuning_of(self.recipe, self.pretrained, corpus, planned_needs(self.needs, self.store))

    def _updates(self, corpus: Path, examples: int) -> int:
        """How many tuning would make; strategies that look at classes refuse now what they would refuse then."""
        settings = self.recipe.tuning
        if not any(_looks_at_classes(strategy) for strategy in settings.strategies):
            dealing = Dealing(settings.batch_size, settings.token_budget, settings.epochs, settings.seed)
            return len(epoch_order(np.ones(examples, dtype=np.int64), dealing, 1)) * settings.epochs
        with tempfile.TemporaryDirectory(prefix="vocation-check-") as scratch:
            tuning = self._tuning(corpus)
            _, context = deal(tuning, prepare_data(tuning, Path(scratch), SILENT))
        shaped_loss(settings, context)
        return context.updates

    def _stages(self, corpus: Path) -> dict[str, bool]:
        recipe, corpus_plan = self.recipe, self.corpus_plan
        tuning_plan = tune.plan(self._tuning(corpus), corpus_plan.key)
        plans = {
            "corpus": corpus_plan,
            "examination": self.examination_plan,
            "tuning": tuning_plan,
            "evaluation": evaluate.plan(recipe.evaluation, recipe.task, corpus_plan.key, tuning_plan.key),
        }
        return {stage: self.store.find(plan) is not None for stage, plan in plans.items()}


def _looks_at_classes(strategy: Strategy) -> bool:
    return type(strategy).order is not Strategy.order or type(strategy).shape is not Strategy.shape


def _require_results(recipe: Recipe, folder: Path) -> None:
    """Meets now what tuning and evaluation would refuse after a long wait."""
    train, validation = (requirements.read_split(folder, split, recipe.task) for split in ("train", "validation"))
    labels = sorted({label for record in train for label in recipe.task.labels(record)})
    requirements.selection_metric(recipe.tuning, recipe.task, validation, labels)
    evaluate.choose_split(folder, recipe.evaluation.split)
