"""What a recipe would do, and what is wrong with it: everything up to training, and no training."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vocation.artifacts import Plan, Store
from vocation.corpus import refine
from vocation.evaluation import evaluate
from vocation.ledger import Count, read_counts
from vocation.modeling.pretrained import Pretrained, load_tokenizer, resolve
from vocation.progress import SILENT, Progress
from vocation.recipe import Recipe, load_recipe
from vocation.records import SPLITS, read_records
from vocation.training.batches import Dealing, count_updates
from vocation.tuning import tune
from vocation.tuning.tune import Tuning

_FEW_TRAINING_ROWS = 8  # Below this, few-shot studies find fine-tuned encoders unreliable for a class.
_FEW_VALIDATION_ROWS = 100  # The 95 % interval of an accuracy of 0.9 is then about ±0.06.


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth knowing before training.

    Args:
        problem: what was seen.
        remedy: what to do about it.
    """

    problem: str
    remedy: str


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
    recipe: str | Path, overrides: Sequence[str] = (), output: str | Path | None = None, progress: Progress = SILENT
) -> Forecast:
    """Validates recipe, data and model as `run` would meet them; writes nothing that stays.

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
        return _forecast(settings, pretrained, done.folder, done.summary, store, plan)
    with tempfile.TemporaryDirectory(prefix="vocation-check-") as folder:
        summary = refine.refine(settings.corpus, settings.task, path.parent, plan, Path(folder), progress)
        return _forecast(settings, pretrained, Path(folder), summary, store, plan)


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
    settings = recipe.tuning
    dealing = Dealing(settings.batch_size, settings.token_budget, settings.epochs, settings.seed)
    return Forecast(
        recipe=recipe,
        corpus=summary,
        counts=read_counts(folder),
        cuts=cuts,
        updates=count_updates(examples, dealing) * settings.epochs,
        stages=stages,
        findings=list(_findings(summary, cuts)),
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
            examples = len(encoding.examples)
    return cuts, examples


def _findings(summary: Mapping[str, Any], cuts: Mapping[str, int]) -> Iterator[Finding]:
    splits = summary["splits"]
    for overlap in summary["overlap"]:
        left, right = overlap["between"]
        yield Finding(
            f"{overlap['texts']} texts stand in both {left} and {right} ({overlap['rows']} rows, {overlap['action']}).",
            "look at them in the ledger; corpus.deduplication.overlap decides what happens",
        )
    if summary["conflicts"]["texts"]:
        yield Finding(
            f"{summary['conflicts']['texts']} texts carry more than one answer ({summary['conflicts']['rows']} rows).",
            "correct the labels; corpus.deduplication.conflicts decides what happens",
        )
    if "test" not in splits:
        yield Finding(
            "There is no test split: results will be those on validation, which also chose the checkpoint.",
            "give a source `split: test`, or set corpus.splitting.test",
        )
    validation = splits.get("validation", {}).get("records", 0)
    if validation < _FEW_VALIDATION_ROWS:
        yield Finding(
            f"Validation has {validation} rows: the best checkpoint is chosen with much chance.",
            "raise corpus.splitting.validation, or label more rows",
        )
    few = {label: count for label, count in splits["train"]["labels"].items() if count < _FEW_TRAINING_ROWS}
    if few:
        named = ", ".join(
            f"{label[:40]} ({count})" for label, count in sorted(few.items(), key=lambda item: item[1])[:5]
        )
        yield Finding(
            f"{len(few)} labels have fewer than {_FEW_TRAINING_ROWS} training examples: {named}"
            f"{' …' if len(few) > 5 else ''}.",
            "label more of them, or merge them with a neighbour",
        )
    for place, count in cuts.items():
        remedy = (
            "raise task.max_length, if the model can read more"
            if "max_length" in place
            else "correct the spans, or set task.subtokens: all where it is first; these cannot be found exactly"
        )
        yield Finding(f"{count} rows of {place}.", remedy)
