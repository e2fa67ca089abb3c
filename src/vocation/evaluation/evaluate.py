"""The evaluation stage: the tuned model and a cheap baseline answer the same rows, and are measured with intervals.

The folder gets `metrics.json` (model, baseline, and their paired difference, each metric with its interval; what is
confused with what), `predictions.parquet` (one row a record), `mistakes.json`, and the ledger of what encoding cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from vocation.artifacts import Plan, write_json
from vocation.component import kinds
from vocation.errors import DataError
from vocation.evaluation.baselines import Baseline
from vocation.evaluation.mistakes import Scored, confusion, mistakes
from vocation.evaluation.predictions import write_predictions
from vocation.evaluation.scores import Scores
from vocation.evaluation.settings import EvaluationSettings
from vocation.evaluation.significance import Resampling
from vocation.ledger import Ledger
from vocation.progress import Progress
from vocation.records import Prediction, Record, read_records
from vocation.tasks import Cut, Task

VERSION = 1


def plan(settings: EvaluationSettings, task: Task, corpus_key: str, tuning_key: str) -> Plan:
    """What the artifact is made from; the report's language is not part of it."""
    values = {
        "evaluation": settings.model_dump(mode="json", exclude={"language"}),
        "task": task.model_dump(mode="json"),
    }
    return Plan("evaluation", VERSION, values, {"corpus": corpus_key, "tuning": tuning_key})


def evaluate(
    settings: EvaluationSettings, task: Task, corpus: Path, tuning: Path, folder: Path, progress: Progress
) -> dict[str, Any]:
    """Measures a tuned model; returns the summary for the manifest.

    Args:
        settings: what is measured.
        task: what the model learned.
        corpus: folder of the corpus artifact.
        tuning: folder of the tuning artifact.
        folder: takes what this stage writes.
        progress: shows how far it is.

    Raises:
        DataError: the corpus has no split to evaluate on.
        ModelError: the model cannot be loaded.
    """
    from vocation.prediction.predictor import Predictor

    split = choose_split(corpus, settings.split)
    records = list(read_records(corpus / f"{split}.parquet", task.record_schema))
    train = list(read_records(corpus / "train.parquet", task.record_schema))
    predictor = Predictor.load(tuning / "model", settings.token_budget)
    with Ledger(folder) as ledger:

        def note_cut(record: Record, cut: Cut) -> None:
            ledger.add("cut", task.kind, cut.reason, record, split=split, detail=cut.detail)

        predictions = predictor.predict_records(records, progress, note_cut)
    progress.note(f"baseline: {task.baseline} on {len(train)} training rows")
    baseline = cast("Baseline", kinds("vocation.evaluation.baselines")[task.baseline]())
    answers = baseline.fit_predict(train, records, task)
    labels = {label for record in (*train, *records) for label in task.labels(record)}
    labels |= {label for prediction in predictions for label in _answered(prediction)}  # The head may know more.
    return _measure(settings, task, split, sorted(labels), _scored(task, records, predictions, answers), folder)


def choose_split(corpus: Path, wanted: str | None) -> str:
    """The split to evaluate on: the wanted one, or else test, or else validation.

    Raises:
        DataError: the corpus has no such split.
    """
    found = [split for split in ("test", "validation") if (corpus / f"{split}.parquet").exists()]
    if wanted in found or (wanted is None and found):
        return wanted or found[0]
    raise DataError(
        f"the corpus has no {wanted or 'test or validation'} split, and evaluation needs one",
        received=f"splits: {', '.join(['train', *found])}",
        allowed=f"evaluation.split: {' or '.join(found)}" if found else None,
        remedy=f"give a source `split: {wanted or 'test'}`, or set corpus.splitting.{wanted or 'test'} above 0",
    )


def _answered(prediction: Prediction) -> list[str]:
    answer = prediction.answer
    return [answer] if isinstance(answer, str) else [span.label for span in answer]


def _scored(
    task: Task, records: Sequence[Record], predictions: Sequence[Prediction], answers: Sequence[Prediction]
) -> list[Scored]:
    return [
        Scored(record, task.answer(record), prediction, answer)
        for record, prediction, answer in zip(records, predictions, answers, strict=True)
    ]


def _measure(
    settings: EvaluationSettings, task: Task, split: str, labels: Sequence[str], scored: Sequence[Scored], folder: Path
) -> dict[str, Any]:
    """Writes every file of the stage from the answers; returns the summary."""
    groups = [one.record.group for one in scored]
    resampling = Resampling(settings.resamples, settings.confidence, settings.seed, groups)
    gold = [one.gold for one in scored]
    model = Scores.of(gold, [one.prediction.answer for one in scored], labels, task.answers)
    baseline = Scores.of(gold, [one.baseline.answer for one in scored], labels, task.answers)
    metrics = {
        "split": split,
        "records": len(scored),
        "answers": task.answers,
        "labels": list(labels),
        "primary": task.selection_metric,
        "resamples": settings.resamples,
        "confidence": settings.confidence,
        "seed": settings.seed,
        "model": {name: asdict(interval) for name, interval in model.intervals(resampling).items()},
        "baseline": {
            "kind": task.baseline,
            **{name: asdict(interval) for name, interval in baseline.intervals(resampling).items()},
        },
        "difference": {name: asdict(value) for name, value in model.differences(baseline, resampling).items()},
        "confusion": _confusion_json(scored),
    }
    write_json(folder / "metrics.json", metrics)
    write_json(folder / "mistakes.json", mistakes(scored, settings.mistakes))
    write_predictions(folder / "predictions.parquet", scored)
    return _summary(metrics)


def _confusion_json(scored: Sequence[Scored]) -> list[dict[str, Any]]:
    """The cells that are not zero; None stands for no entity."""
    cells = sorted(confusion(scored).items(), key=lambda cell: str(cell[0]))
    return [{"gold": gold, "predicted": predicted, "count": count} for (gold, predicted), count in cells]


def _summary(metrics: dict[str, Any]) -> dict[str, Any]:
    """The metrics over all labels; those of single labels stay in `metrics.json`."""
    overall = {
        part: {name: value for name, value in metrics[part].items() if ":" not in name}
        for part in ("model", "baseline", "difference")
    }
    return {name: metrics[name] for name in ("split", "records", "primary", "confidence")} | overall
