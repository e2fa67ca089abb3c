"""A smaller training split, for a quick trial."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vocation.corpus.index import TRAIN, Index
from vocation.corpus.splitting import seeded_order
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
    rank, size = _ranks(np.array([_rarest(index, row, totals) for row in rows.tolist()], dtype=np.int64))
    chosen = np.lexsort(((rank + 0.5) / size, ~first))[:limit]
    left_out = np.sort(np.delete(rows, chosen))
    return Verdict("dropped", "limit", "sampled out", left_out, lambda _row: f"beyond {limit} training rows")


def _one_of_each_label(index: Index, rows: NDArray[np.int64], totals: NDArray[np.int64]) -> NDArray[np.bool_]:
    """[n] a few rows that have every label between them; the rarest labels choose first."""
    holder: dict[int, int] = {}
    for place, row in enumerate(rows.tolist()):
        for label in index.labels_of(row).tolist():
            holder.setdefault(label, place)
    first, seen = np.zeros(len(rows), dtype=np.bool_), set[int]()
    for label in sorted(holder, key=lambda label: (totals[label], label)):
        if label not in seen:
            first[holder[label]] = True
            seen.update(index.labels_of(int(rows[holder[label]])).tolist())
    return first


def _rarest(index: Index, row: int, totals: NDArray[np.int64]) -> int:
    labels = index.labels_of(row)
    return int(labels[np.argmin(totals[labels])]) if len(labels) else -1


def _ranks(label: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each place: how many places before it have the same label, and how many have it in all."""
    _, group, counts = np.unique(label, return_inverse=True, return_counts=True)
    order = np.argsort(group, kind="stable")
    starts = np.cumsum(counts) - counts
    rank = np.empty(len(label), dtype=np.int64)
    rank[order] = np.arange(len(label)) - starts[group[order]]
    return rank, counts[group].astype(np.int64)
