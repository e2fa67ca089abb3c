"""Precision, recall and F1 of single labels: micro, macro, weighted, and for each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from vocation.metrics import AnswerKind, Metric
from vocation.records import Answer


class PrecisionRecallF1(Metric):
    """With t right answers of a class, g gold and p predicted ones: precision t/p, recall t/g, F1 2t/(g+p).

    Names: `precision`, `recall` and `f1`, each followed by `_micro`, `_macro`, `_weighted`, or `:<label>`.

    micro: t, g and p summed over the classes. With one label a record, all three equal the accuracy.
    macro: the mean over the classes that occur in gold or in the predictions.
    weighted: the mean over the classes, each weighted with g.

    These are scikit-learn's definitions (`precision_recall_fscore_support`, `zero_division=0`, `labels=None`).
    """

    answers: ClassVar[AnswerKind] = "label"

    def statistics(
        self, gold: Sequence[Answer], predicted: Sequence[Answer], labels: Sequence[str]
    ) -> NDArray[np.float64]:
        """Shape [N, 3L]: for every class right, then gold, then predicted.

        Raises:
            ValueError: an answer is not among the labels.
        """
        index = {label: position for position, label in enumerate(labels)}
        true, found = _positions(gold, index), _positions(predicted, index)
        rows, size = np.arange(len(true)), len(labels)
        counts = np.zeros((len(true), 3, size))
        counts[rows, 0, true] = true == found
        counts[rows, 1, true] = 1.0
        counts[rows, 2, found] = 1.0
        return counts.reshape(len(true), 3 * size)

    def values(self, totals: NDArray[np.float64], labels: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        counts = totals.reshape(*totals.shape[:-1], 3, len(labels))
        right, gold, predicted = counts[..., 0, :], counts[..., 1, :], counts[..., 2, :]  # each [..., L]
        single = ratios(right, gold, predicted)
        micro = ratios(right.sum(-1), gold.sum(-1), predicted.sum(-1))
        result = {f"{name}_micro": value for name, value in micro.items()}
        result |= {f"{name}_macro": mean(value, gold + predicted > 0) for name, value in single.items()}
        result |= {f"{name}_weighted": mean(value, gold) for name, value in single.items()}
        for name, value in single.items():
            result |= {f"{name}:{label}": value[..., position] for position, label in enumerate(labels)}
        return result


def ratios(
    right: NDArray[np.float64], gold: NDArray[np.float64], predicted: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """`precision`, `recall` and `f1` of counts of equal shape; 0 where a denominator is 0."""
    return {
        "precision": right / np.maximum(predicted, 1.0),
        "recall": right / np.maximum(gold, 1.0),
        "f1": 2.0 * right / np.maximum(gold + predicted, 1.0),
    }


def mean(values: NDArray[np.float64], weights: NDArray[np.float64] | NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weighted mean over the last axis; 0 where all weights are 0."""
    result: NDArray[np.float64] = (values * weights).sum(-1) / np.maximum(weights.sum(-1), 1.0)
    return result


def _positions(answers: Sequence[Answer], index: dict[str, int]) -> NDArray[np.int64]:
    try:
        return np.array([index[str(answer)] for answer in answers], dtype=np.int64)
    except KeyError as error:
        raise ValueError(f"the label {error.args[0]!r} is not among the {len(index)} labels that are scored") from None
