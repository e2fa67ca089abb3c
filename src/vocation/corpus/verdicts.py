"""Verdicts: what the corpus decisions say of rows, for the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vocation.ledger import Action


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """One decision about some rows.

    Args:
        action: what happens to them.
        step: which decision it is.
        reason: a few words that are counted.
        rows: [n] rows of the index.
        detail: what to say of one of these rows, such as which other row it repeats.
    """

    action: Action
    step: str
    reason: str
    rows: NDArray[np.int64]
    detail: Callable[[int], str]


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """What was decided on every row.

    Args:
        split: [N] code of its final split, DROPPED for rows that go.
        origin: [N] code of the split that a row would be in, or UNSPLIT, where it goes; else its final split.
        verdicts: why.
    """

    split: NDArray[np.int8]
    origin: NDArray[np.int8]
    verdicts: Sequence[Verdict]


class VerdictsByRow:
    """Verdicts in the order of the rows that they are on."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        rows = np.concatenate([np.empty(0, dtype=np.int64), *(verdict.rows for verdict in verdicts)])
        numbers = np.repeat(np.arange(len(verdicts)), [len(verdict.rows) for verdict in verdicts])
        order = np.argsort(rows, kind="stable")
        self._rows, self._numbers, self._verdicts = rows[order], numbers[order], verdicts

    def between(self, first: int, end: int) -> list[tuple[int, Verdict]]:
        """The rows from `first` to before `end` that have verdicts, one entry a verdict."""
        low, high = np.searchsorted(self._rows, [first, end])
        return [(int(self._rows[place]), self._verdicts[self._numbers[place]]) for place in range(low, high)]
