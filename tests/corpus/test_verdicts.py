"""Verdicts, found again by row."""

from __future__ import annotations

import numpy as np

from vocation.corpus.verdicts import Verdict, VerdictsByRow


def verdict(reason: str, *rows: int) -> Verdict:
    return Verdict("reported", "step", reason, np.array(rows, dtype=np.int64), str)


def test_verdicts_come_in_the_order_of_rows_several_on_one_row_too() -> None:
    by_row = VerdictsByRow([verdict("a", 5, 1), verdict("b", 1, 2)])
    assert [(row, found.reason) for row, found in by_row.between(0, 5)] == [(1, "a"), (1, "b"), (2, "b")]
    assert [(row, found.reason) for row, found in by_row.between(5, 9)] == [(5, "a")]


def test_no_verdicts_are_none() -> None:
    assert VerdictsByRow([]).between(0, 9) == []
