"""Metrics, one module each: pure functions of gold and predicted answers.

A metric is computed from statistics that add up over records, so that a bootstrap resamples rows of one matrix
instead of scoring thousands of times.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from vocation.component import Component, kinds
from vocation.records import Answer

AnswerKind = Literal["label", "spans"]


class Metric(Component, family=True):
    """One metric, or several that come from the same counts."""

    answers: ClassVar[AnswerKind]
    """Which kind of answers it scores; it is computed for every task that gives this kind."""

    def statistics(
        self, gold: Sequence[Answer], predicted: Sequence[Answer], labels: Sequence[str]
    ) -> NDArray[np.float64]:
        """Additive statistics, shape [N, K]: a row a record, K as the metric needs."""
        raise NotImplementedError

    def values(self, totals: NDArray[np.float64], labels: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        """The metrics by name, each of shape [...], from summed statistics of shape [..., K].

        A ratio with nothing in its denominator is 0.
        """
        raise NotImplementedError


def metrics_for(answers: AnswerKind) -> list[Metric]:
    """Every metric that scores this kind of answers, ordered by kind."""
    family = kinds("vocation.metrics").values()
    return [metric() for metric in family if issubclass(metric, Metric) and metric.answers == answers]


def score(
    gold: Sequence[Answer], predicted: Sequence[Answer], labels: Sequence[str], answers: AnswerKind
) -> dict[str, float]:
    """Every metric for this kind of answers, by name."""
    values: dict[str, float] = {}
    for metric in metrics_for(answers):
        totals = metric.statistics(gold, predicted, labels).sum(axis=0)
        values |= {name: float(value) for name, value in metric.values(totals, labels).items()}
    return values
