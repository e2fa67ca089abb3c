"""Precision, recall and F1 of entities: a span counts when both its boundaries and its type are right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from vocation.metrics import AnswerKind, Metric
from vocation.metrics.precision_recall_f1 import mean, ratios
from vocation.records import Answer
from vocation.text import Span


class EntityF1(Metric):
    """`precision`, `recall` and `f1` over all entities, `f1_macro` over types, and all three as `<name>:<type>`.

    A predicted span is right when a gold span has the same first and last character and the same type (the
    CoNLL-2003 definition, which seqeval computes on tags). Spans may overlap; one that is repeated counts once.
    `f1_macro` is the mean over the types that occur in gold or in the predictions.
    """

    answers: ClassVar[AnswerKind] = "spans"

    def statistics(
        self, gold: Sequence[Answer], predicted: Sequence[Answer], labels: Sequence[str]
    ) -> NDArray[np.float64]:
        """Shape [N, 3L]: for every type right, then gold, then predicted.

        Raises:
            ValueError: a span's type is not among the labels.
        """
        index = {label: position for position, label in enumerate(labels)}
        counts = np.zeros((len(gold), 3, len(labels)))
        try:
            for row, (true, found) in enumerate(zip(map(_spans, gold), map(_spans, predicted), strict=True)):
                for part, spans in zip(counts[row], (true & found, true, found), strict=True):
                    for span in spans:
                        part[index[span.label]] += 1.0
        except KeyError as error:
            raise ValueError(
                f"the entity type {error.args[0]!r} is not among the {len(labels)} types that are scored"
            ) from None
        return counts.reshape(len(gold), 3 * len(labels))

    def values(self, totals: NDArray[np.float64], labels: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        counts = totals.reshape(*totals.shape[:-1], 3, len(labels))
        right, gold, predicted = counts[..., 0, :], counts[..., 1, :], counts[..., 2, :]  # each [..., L]
        single = ratios(right, gold, predicted)
        result = ratios(right.sum(-1), gold.sum(-1), predicted.sum(-1))
        result["f1_macro"] = mean(single["f1"], gold + predicted > 0)
        for name, value in single.items():
            result |= {f"{name}:{label}": value[..., position] for position, label in enumerate(labels)}
        return result


def _spans(answer: Answer) -> set[Span]:
    if isinstance(answer, str):
        raise TypeError(f"entity_f1 scores spans, and was given the label {answer!r}")
    return set(answer)
