"""The results as the page shows them: the judgement in words, and the rows of its tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vocation.evaluation.report.evidence import Evidence
from vocation.evaluation.report.matrix import no_entity

Verdict = Literal["better", "not_shown", "worse"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the main metric says, in one sentence.

    Args:
        verdict: whether the model is better than the baseline.
        metric: the main metric.
        sentence: the judgement in words.
    """

    verdict: Verdict
    metric: str
    sentence: str


def judge(evidence: Evidence, words: Mapping[str, str]) -> Judgement:
    """Better or worse when the interval of the paired difference leaves out 0; otherwise not shown."""
    metrics = evidence.metrics
    name = metrics["primary"]
    difference = metrics["difference"][name]
    verdict: Verdict = "better" if difference["low"] > 0 else "worse" if difference["high"] < 0 else "not_shown"
    sentence = words[f"judgement_{verdict}"].format(
        metric=metric_name(name, words),
        model=percent(metrics["model"][name]["value"]),
        baseline=percent(metrics["baseline"][name]["value"]),
        difference=points(difference["value"]),
        low=points(difference["low"]),
        high=points(difference["high"]),
        confidence=percent(metrics["confidence"], digits=0),
    )
    return Judgement(verdict, name, sentence)


def overall_rows(evidence: Evidence, words: Mapping[str, str]) -> list[dict[str, Any]]:
    """One row for each metric over all labels: `name`, and `model`, `baseline`, `difference` with their intervals."""
    metrics = evidence.metrics
    return [
        {
            "name": metric_name(name, words),
            **{part: metrics[part][name] for part in ("model", "baseline", "difference")},
        }
        for name in evidence.overall
    ]


def chart_row(name: str, model: Mapping[str, float], baseline: Mapping[str, float]) -> dict[str, Any]:
    """A line of an interval chart."""
    return {
        "name": name,
        **{key: model[key] for key in ("value", "low", "high")},
        "baseline": baseline["value"],
        "baseline_low": baseline["low"],
        "baseline_high": baseline["high"],
    }


def label_rows(evidence: Evidence) -> list[dict[str, Any]]:
    """One row for each label that occurs, the lowest F1 first: `label`, `support`, metrics, and the baseline's F1."""
    metrics, support = evidence.metrics, evidence.support
    rows = [
        {
            "label": label,
            "support": support[label],
            **{name: metrics["model"][f"{name}:{label}"] for name in ("precision", "recall", "f1")},
            "baseline": metrics["baseline"][f"f1:{label}"],
        }
        for label in metrics["labels"]
        if support[label]
    ]
    return sorted(rows, key=lambda row: (row["f1"]["value"], row["label"]))


def confusion_cells(evidence: Evidence, words: Mapping[str, str]) -> Counter[tuple[str, str]]:
    """The confusion counts, with a name for "no entity"."""
    nothing = no_entity(words)
    cells: Counter[tuple[str, str]] = Counter()
    for cell in evidence.metrics["confusion"]:
        gold, predicted = (nothing if cell[side] is None else cell[side] for side in ("gold", "predicted"))
        cells[gold, predicted] += cell["count"]
    return cells


def metric_name(name: str, words: Mapping[str, str]) -> str:
    """The name of a metric in the language of the page; one without a translation stays as it is."""
    return words.get(f"metric_{name}", name)


def percent(share: float, digits: int = 1) -> str:
    """A share as a percentage without its sign: 0.9214 is 92.1."""
    return f"{100 * share:.{digits}f}"


def points(difference: float) -> str:
    """A difference of shares in percentage points, with its sign: 0.021 is +2.1."""
    rounded = round(100 * difference, 1)
    return f"{rounded:+.1f}".replace("-", "−") if rounded else "0.0"
