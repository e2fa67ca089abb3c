"""A smaller training split, for a quick trial."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vocation.corpus.index import TRAIN, Index
from vocation.corpus.units import seeded_order, slices
from vocation.corpus.verdicts import Verdict
from vocation.errors import RecipeError


def beyond_limit(index: Index, split: NDArray[np.int8], limit: int | None, seed: int) -> Verdict | None:
    """The training rows that a limit leaves out, or None.

    First rows stay that have every label between them, then rows so that labels keep their shares; rows of several
    labels count for the rarest. A larger limit keeps all the rows of a smaller one.

    Args:
        index: of all rows.
        split: [N] codes of the splits.
        limit: largest number of training rows.
        seed: of the order in which rows are taken.

    Raises:
        RecipeError: the limit is too small for every label to stay.
    """
    rows = np.flatnonzero(split == TRAIN)
    if limit is None or len(rows) <= limit:
        return None
    rows = rows[np.argsort(seeded_order(index.order[rows], seed), kind="stable")]
    totals = index.label_counts(split == TRAIN)
    first = _one_of_each_label(index, rows, totals)
    if int(first.sum()) > limit:
        raise RecipeError(
            f"corpus.limit: {limit} training rows cannot hold all {np.count_nonzero(totals)} labels.\n"
            f"  what to do: set it to {int(first.sum())} or more"
        )
    rank, size = _ranks(_rarest(index, rows, totals))
    chosen = np.lexsort(((rank + 0.5) / size, ~first))[:limit]
    left_out = np.sort(np.delete(rows, chosen))
    return Verdict("dropped", "limit", "sampled out", left_out, lambda _row: f"beyond {limit} training rows")


def _one_of_each_label(index: Index, rows: NDArray[np.int64], totals: NDArray[np.int64]) -> NDArray[np.bool_]:
    """[n] a few rows that have every label between them; the rarest labels choose first."""
    labels, places = _labels(index, rows)
    held, entry = np.unique(labels, return_index=True)  # The first of equal labels is that of the first row.
    first, seen = np.zeros(len(rows), dtype=np.bool_), set[int]()
    for choice in np.lexsort((held, totals[held])).tolist():
        if held[choice] not in seen:
            place = int(places[entry[choice]])
            first[place] = True
            seen.update(index.labels_of(int(rows[place])).tolist())
    return first


def _rarest(index: Index, rows: NDArray[np.int64], totals: NDArray[np.int64]) -> NDArray[np.int64]:
    """[n] the label of each row that the fewest rows have, or -1."""
    labels, places = _labels(index, rows)
    order = np.lexsort((labels, totals[labels], places))
    row, entry = np.unique(places[order], return_index=True)
    rarest = np.full(len(rows), -1, dtype=np.int64)
    rarest[row] = labels[order[entry]]
    return rarest


def _labels(index: Index, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The labels of some rows, one row after the other, and the place in `rows` that each belongs to."""
    places = np.repeat(np.arange(len(rows)), index.label_start[rows + 1] - index.label_start[rows])
    return index.label[slices(index.label_start, rows)].astype(np.int64), places


def _ranks(label: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each place: how many places before it have the same label, and how many have it in all."""
    _, group, counts = np.unique(label, return_inverse=True, return_counts=True)
    order = np.argsort(group, kind="stable")
    starts = np.cumsum(counts) - counts
    rank = np.empty(len(label), dtype=np.int64)
    rank[order] = np.arange(len(label)) - starts[group[order]]
    return rank, counts[group].astype(np.int64)
