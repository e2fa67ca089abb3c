"""Units: rows that must stand on one side of every split, because they are nearly equal or belong to one group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vocation.corpus.index import Index, connected

_UNSEEN = np.iinfo(np.uint64).max


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """U units that divide some rows between them, large ones first, those of equal size in the order of a seed.

    Args:
        of: [P] the unit of each row.
        size: [U] rows in each.
        start: [U + 1] where the labels of each unit begin in `label`.
        label: [E] the distinct labels of one unit after the other, each ascending.
        count: [E] how often the unit has that label.
        labels: L, the number of labels that there are.
    """

    of: NDArray[np.int64]
    size: NDArray[np.int64]
    start: NDArray[np.int64]
    label: NDArray[np.int64]
    count: NDArray[np.int64]
    labels: int

    def __len__(self) -> int:
        return len(self.size)

    def holder(self) -> NDArray[np.int64]:
        """[E] the unit that each entry of `label` belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    def labels_of(self, unit: int) -> NDArray[np.int64]:
        """The distinct labels of a unit."""
        return self.label[self.start[unit] : self.start[unit + 1]]

    def holders(self, units: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """[L] how many units hold each label; of those that the mask [U] names, where there is one."""
        label = self.label if units is None else self.label[units[self.holder()]]
        return np.bincount(label, minlength=self.labels).astype(np.int64)

    def without_labels(self) -> Units:
        """The same units, holding no label."""
        nothing = np.empty(0, dtype=np.int64)
        return Units(self.of, self.size, np.zeros_like(self.start), nothing, nothing, self.labels)

    def those(self, chosen: NDArray[np.bool_]) -> Units:
        """The units that a mask [U] names, in the same order; `of` then says of their rows alone."""
        number = np.cumsum(chosen) - 1
        counts = np.diff(self.start)
        entries = np.repeat(chosen, counts)
        start = np.concatenate([[0], np.cumsum(counts[chosen])])
        rows = chosen[self.of]
        return Units(
            number[self.of[rows]], self.size[chosen], start, self.label[entries], self.count[entries], self.labels
        )


def gather(index: Index, rows: NDArray[np.int64], seed: int) -> Units:
    """The units of some rows, tied by cluster and by group.

    Args:
        index: of all rows.
        rows: [P] at least one.
        seed: of the order of units of equal size.
    """
    tied = connected(index.cluster[rows], index.group[rows])
    size = np.bincount(tied)
    first = np.full(len(size), _UNSEEN, dtype=np.uint64)
    np.minimum.at(first, tied, seeded_order(index.order[rows], seed))
    ranked = np.lexsort((first, -size))
    rank = np.empty(len(ranked), dtype=np.int64)
    rank[ranked] = np.arange(len(ranked))
    unit = rank[tied]
    return _with_labels(index, rows, unit, size[ranked])


def seeded_order(order: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """[N] the rows' order under a seed: SplitMix64 (Steele, Lea and Flood, 2014) of each row's number and it."""
    with np.errstate(over="ignore"):
        z = order + np.uint64((seed + 1) * 0x9E3779B97F4A7C15 % 2**64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def slices(start: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The places from `start[row]` to before `start[row + 1]` of each row, one row after the other."""
    counts = start[rows + 1] - start[rows]
    before = np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(rows) else counts
    places: NDArray[np.int64] = np.arange(int(counts.sum())) + np.repeat(start[rows] - before, counts)
    return places


def _with_labels(index: Index, rows: NDArray[np.int64], unit: NDArray[np.int64], size: NDArray[np.int64]) -> Units:
    labels = max(1, len(index.labels))
    per_row = index.label_start[rows + 1] - index.label_start[rows]
    keys = np.repeat(unit, per_row) * labels + index.label[slices(index.label_start, rows)]
    distinct, count = np.unique(keys, return_counts=True)
    start = np.searchsorted(distinct, np.arange(len(size) + 1) * labels)
    return Units(unit, size, start.astype(np.int64), distinct % labels, count.astype(np.int64), len(index.labels))
