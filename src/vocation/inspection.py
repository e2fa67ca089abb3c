"""What a recipe would do, and what is wrong with it: everything up to training, and no training."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vocation.artifacts import Plan, Store
from vocation.corpus import refine
from vocation.data_findings import Finding, corpus_findings, cut_findings, identifier_findings
from vocation.evaluation import evaluate
from vocation.evaluation.significance import Interval
from vocation.leakage import leakage_of
from vocation.ledger import Count, read_counts
from vocation.modeling.pretrained import Pretrained, load_tokenizer, resolve
from vocation.progress import SILENT, Progress
from vocation.recipe import Recipe, load_recipe
from vocation.records import SPLITS, read_records
from vocation.training.batches import Dealing, count_updates
from vocation.tuning import tune
from vocation.tuning.tune import Tuning


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run of the recipe would do.

    Args:
        recipe: the validated recipe.
        corpus: the summary that the corpus stage gives.
        counts: its ledger.
        cuts: what encoding could not keep, "split: reason" and how many rows.
        updates: optimiser steps if no early stopping happens.
        stages: name of each stage, and whether it is done already.
        findings: what is worth knowing.
    """

    recipe: Recipe
    corpus: Mapping[str, Any]
    counts: Sequence[Count]
    cuts: Mapping[str, int]
    updates: int
    stages: Mapping[str, bool]
    findings: Sequence[Finding]


def inspect(
    recipe: str | Path,
    overrides: Sequence[str] = (),
    output: str | Path | None = None,
    progress: Progress = SILENT,
    *,
    leakage: bool = False,
) -> Forecast:
    """Validates recipe, data and model as `run` would meet them; writes nothing that stays.

    Args:
        recipe: path of the recipe.
        overrides: settings that replace those in the file.
        output: folder of all runs and artifacts; `runs` beside the recipe unless given.
        progress: shows how far it is.
        leakage: whether the baseline is trained to say what a random split would have promised.

    Raises:
        VocationError: a run would fail for this reason.
    """
    path = Path(recipe)
    settings = load_recipe(path, overrides)
    pretrained = resolve(settings.model, path.parent)
    store = Store((Path(output) if output is not None else path.parent / "runs") / "store")
    plan = refine.plan(settings.corpus, settings.task, path.parent)
    done = store.find(plan)
    if done:
        forecast = _forecast(settings, pretrained, done.folder, done.summary, store, plan)
        return _with_leakage(forecast, done.folder) if leakage else forecast
    with tempfile.TemporaryDirectory(prefix="vocation-check-") as folder:
        summary = refine.refine(settings.corpus, settings.task, path.parent, plan, Path(folder), progress)
        forecast = _forecast(settings, pretrained, Path(folder), summary, store, plan)
        return _with_leakage(forecast, Path(folder)) if leakage else forecast


def _with_leakage(forecast: Forecast, folder: Path) -> Forecast:
    """The forecast, and how much a random split of single rows would have flattered the result."""
    found = leakage_of(folder, forecast.recipe.task)
    if found is None:
        return forecast
    honest, chance, difference = _scored(found.honest), _scored(found.random), _scored(found.difference, signed=True)
    verdict = "flatter the result" if found.flatters else "are not shown to flatter the result"
    problem = (
        f"Splits of single rows by chance {verdict}: the baseline's {found.metric} is {honest} on these splits, "
        f"{chance} on random ones of as many rows (difference {difference})."
    )
    remedy = "believe the first number; whoever splits rows by chance reports the second"
    return replace(forecast, findings=[*forecast.findings, Finding(problem, remedy)])


def _scored(interval: Interval, *, signed: bool = False) -> str:
    sign = "+" if signed else ""
    return f"{interval.value:{sign}.3f} [{interval.low:{sign}.3f}, {interval.high:{sign}.3f}]"


def _forecast(
    recipe: Recipe, pretrained: Pretrained, folder: Path, summary: Mapping[str, Any], store: Store, corpus_plan: Plan
) -> Forecast:
    tuning = Tuning(
        recipe.tuning, recipe.task, pretrained, recipe.corpus.cleaning, folder, recipe.corpus.deidentification
    )
    tuning_plan = tune.plan(tuning, corpus_plan.key)
    evaluation_plan = evaluate.plan(recipe.evaluation, recipe.task, corpus_plan.key, tuning_plan.key)
    stages = {
        "corpus": store.find(corpus_plan) is not None,
        "tuning": store.find(tuning_plan) is not None,
        "evaluation": store.find(evaluation_plan) is not None,
    }
    _require_results(recipe, folder)
    cuts, examples = _encode(recipe, pretrained, folder)
    counts = read_counts(folder)
    looked = recipe.corpus.deidentification is not None
    identifiers = () if looked else identifier_findings(folder, recipe.task)
    settings = recipe.tuning
    dealing = Dealing(settings.batch_size, settings.token_budget, settings.epochs, settings.seed)
    return Forecast(
        recipe=recipe,
        corpus=summary,
        counts=counts,
        cuts=cuts,
        updates=count_updates(examples, dealing) * settings.epochs,
        stages=stages,
        findings=[*corpus_findings(summary, counts), *identifiers, *cut_findings(cuts)],
    )


def _require_results(recipe: Recipe, folder: Path) -> None:
    """Meets now what tuning and evaluation would refuse after a long wait."""
    train, validation = (tune.read_split(folder, split, recipe.task) for split in ("train", "validation"))
    labels = sorted({label for record in train for label in recipe.task.labels(record)})
    tune.selection_metric(recipe.tuning, recipe.task, validation, labels)
    evaluate.choose_split(folder, recipe.evaluation.split)


def _encode(recipe: Recipe, pretrained: Pretrained, folder: Path) -> tuple[Counter[str], int]:
    """Rows that encoding cuts, by split and reason, and the number of training examples."""
    tokenizer = load_tokenizer(pretrained.folder)
    tune.check_length(recipe.task, tokenizer, recipe.model)
    cuts: Counter[str] = Counter()
    examples = 0
    for split in SPLITS:
        path = folder / f"{split}.parquet"
        if not path.exists():
            continue
        records = list(read_records(path, recipe.task.record_schema))
        names = sorted({label for record in records for label in recipe.task.labels(record)})
        encoding = recipe.task.encode(records, tokenizer, recipe.task.head_labels(names))
        cuts.update(f"{split}: {cut.reason}" for cut in encoding.cuts)
        if split == "train":
            tune.refuse_cuts(encoding, len(records), recipe.tuning.largest_cut)
            examples = len(encoding.examples)
    return cuts, examples
