"""Runs side by side: their metrics, and whether each differs from the first by more than chance."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vocation.errors import ArtifactError
from vocation.evaluation.predictions import Answers, read_answers
from vocation.evaluation.scores import Scores
from vocation.evaluation.significance import Difference, Interval, Resampling


@dataclass(frozen=True, slots=True)
class Compared:
    """One run.

    Args:
        folder: of its evaluation artifact.
        split: the split that was answered.
        records: how many rows.
        metrics: by name, with intervals; metrics of single labels are left out.
        differences: each metric minus that of the first run, on the same resamples; empty for the first run and where
            the two cannot be paired.
        note: why there are no differences; empty where there are.
    """

    folder: Path
    split: str
    records: int
    metrics: dict[str, Interval]
    differences: dict[str, Difference] = field(default_factory=dict)
    note: str = ""


def compare(folders: Sequence[Path]) -> list[Compared]:
    """The runs in the order given.

    Args:
        folders: of evaluation artifacts.

    Raises:
        ArtifactError: a folder holds no evaluation.
    """
    runs = [_read(folder) for folder in folders]
    first = _answers(folders[0], runs[0]) if len(runs) > 1 else None
    result = []
    for position, (folder, metrics) in enumerate(zip(folders, runs, strict=True)):
        differences: dict[str, Difference] = {}
        note = ""
        if position and first is not None:
            own = _answers(folder, metrics)
            note = _why_not(runs[0], first, metrics, own)
            differences = {} if note else _differences(metrics, own, runs[0], first)
        overall = {name: Interval(**value) for name, value in metrics["model"].items() if ":" not in name}
        result.append(Compared(folder, metrics["split"], metrics["records"], overall, differences, note))
    return result


def _read(folder: Path) -> dict[str, Any]:
    try:
        metrics: dict[str, Any] = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArtifactError(
            f"{folder} holds no evaluation ({error}).\n  what to do: name runs that have finished"
        ) from error
    return metrics


def _answers(folder: Path, metrics: dict[str, Any]) -> Answers:
    try:
        return read_answers(folder / "predictions.parquet", metrics["answers"])
    except OSError as error:
        raise ArtifactError(
            f"{folder} has no readable predictions.parquet ({error}).\n  what to do: delete the folder and run again"
        ) from error


def _why_not(first_metrics: dict[str, Any], first: Answers, metrics: dict[str, Any], own: Answers) -> str:
    """Why two runs cannot be paired; empty when they can."""
    if first_metrics["answers"] != metrics["answers"]:
        return "not comparable: another kind of task"
    if first.ids != own.ids:
        return "not comparable: other rows were scored"
    if any(set(one) != set(other) for one, other in zip(map(_parts, first.gold), map(_parts, own.gold), strict=True)):
        return "not comparable: the same rows have other gold answers"
    return ""


def _parts(answer: Any) -> tuple[Any, ...]:
    return (answer,) if isinstance(answer, str) else tuple(answer)


def _differences(
    metrics: dict[str, Any], own: Answers, first_metrics: dict[str, Any], first: Answers
) -> dict[str, Difference]:
    labels = sorted({*metrics["labels"], *first_metrics["labels"]})
    kind = metrics["answers"]
    resampling = Resampling(metrics["resamples"], metrics["confidence"], metrics["seed"], own.groups)
    mine = Scores.of(own.gold, own.predicted, labels, kind)
    theirs = Scores.of(first.gold, first.predicted, labels, kind)
    return {name: value for name, value in mine.differences(theirs, resampling).items() if ":" not in name}
