"""The additive statistics of one system, and every metric that comes from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from vocation.evaluation.significance import Difference, Interval, Resampling, intervals, paired_differences
from vocation.metrics import AnswerKind, Metric, metrics_for
from vocation.records import Answer


@dataclass(frozen=True, eq=False)
class Scores:
    """Statistics of one system's answers, for every metric of their kind.

    Args:
        statistics: [N, K], those of the metrics side by side.
        parts: each metric and its columns.
        labels: the labels or types that are scored.
    """

    statistics: NDArray[np.float64]
    parts: tuple[tuple[Metric, slice], ...]
    labels: tuple[str, ...]

    @classmethod
    def of(
        cls, gold: Sequence[Answer], predicted: Sequence[Answer], labels: Sequence[str], answers: AnswerKind
    ) -> Self:
        """Counts what is right and wrong in every answer.

        Raises:
            ValueError: an answer holds a label that is not among `labels`.
        """
        parts, columns, position = [], [], 0
        for metric in metrics_for(answers):
            statistics = metric.statistics(gold, predicted, labels)
            parts.append((metric, slice(position, position + statistics.shape[1])))
            columns.append(statistics)
            position += statistics.shape[1]
        return cls(np.concatenate(columns, axis=1), tuple(parts), tuple(labels))

    def values(self, totals: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Every metric by name, each of shape [...], from summed statistics [..., K]."""
        result: dict[str, NDArray[np.float64]] = {}
        for metric, columns in self.parts:
            result |= metric.values(totals[..., columns], self.labels)
        return result

    def intervals(self, resampling: Resampling) -> dict[str, Interval]:
        """Every metric with its interval."""
        return intervals(self.statistics, self.values, resampling)

    def differences(self, other: Scores, resampling: Resampling) -> dict[str, Difference]:
        """Every metric of this system minus that of the other, on the same resamples of the same rows."""
        return paired_differences(self.statistics, other.statistics, self.values, resampling)
