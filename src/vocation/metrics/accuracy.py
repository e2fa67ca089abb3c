"""Share of records whose label is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from vocation.metrics import AnswerKind, Metric
from vocation.records import Answer


class Accuracy(Metric):
    """`accuracy` = right answers / records.

    Where classes are skewed, `f1_macro` of `precision_recall_f1` says more: it counts every class alike.
    """

    answers: ClassVar[AnswerKind] = "label"

    def statistics(
        self, gold: Sequence[Answer], predicted: Sequence[Answer], labels: Sequence[str]
    ) -> NDArray[np.float64]:
        """Shape [N, 2]: whether the answer is right, and 1."""
        right = [true == found for true, found in zip(gold, predicted, strict=True)]
        return np.stack([np.array(right, dtype=np.float64), np.ones(len(right))], axis=1)

    def values(self, totals: NDArray[np.float64], labels: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        right, records = totals[..., 0], totals[..., 1]
        return {"accuracy": right / np.maximum(records, 1.0)}
