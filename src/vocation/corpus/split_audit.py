"""The audit of splits, given or made: what stands on two sides, what drifts, and what runs against time.

`audit_splits` looks at any split codes: those that the recipe gives (`index.given`) as well as the final ones. It
changes nothing; what happens to overlapping rows is decided by `vocation.corpus.deduplication`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation.corpus.drift import LabelDrift, label_drift
from vocation.corpus.index import SPLIT_NAMES, TEST, TRAIN, VALIDATION, Index

_PAIRS = ((TRAIN, VALIDATION), (TRAIN, TEST), (VALIDATION, TEST))
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Shared:
    """What stands in two splits.

    Args:
        between: the two splits.
        sets: number of texts, clusters or groups.
        rows: rows of these in the first split and in the second.
        examples: a few pairs of rows, one of each split, each as "file:row".
    """

    between: tuple[str, str]
    sets: int
    rows: tuple[int, int]
    examples: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class UnseenLabel:
    """A label that a split has and train has not.

    Args:
        label: its name.
        split: where it stands.
        rows: in how many rows.
    """

    label: str
    split: str
    rows: int


@dataclass(frozen=True, slots=True)
class Inversion:
    """How far the time order of two splits is broken: the second is meant to be later.

    Args:
        between: the two splits.
        rows: rows of the first that are newer than the oldest row of the second.
        share: share of all pairs, one row of each, in which that of the first is newer, ties counting half: 0 where
            the splits follow one another, about 0.5 where time had no part in them.
        undated: rows of both without a time.
        example: the newest row of the first and the oldest of the second, each as "file:row".
    """

    between: tuple[str, str]
    rows: int
    share: float
    undated: int
    example: tuple[str, str]


@dataclass(frozen=True, slots=True)
class SplitAudit:
    """What was found, each by pair of splits, and only where there is something.

    Args:
        rows: rows of each split that has any.
        equal_texts: texts that stand in two splits.
        near_texts: clusters of nearly equal texts that do, other than by equal texts.
        groups: groups that do.
        unseen_labels: labels that are tested and not learned.
        drift: how far the shares of labels differ; one entry for each pair of splits with labels.
        inversions: where the earlier split has newer rows; without times, nothing.
    """

    rows: dict[str, int]
    equal_texts: Sequence[Shared]
    near_texts: Sequence[Shared]
    groups: Sequence[Shared]
    unseen_labels: Sequence[UnseenLabel]
    drift: Sequence[LabelDrift]
    inversions: Sequence[Inversion]

    def summary(self) -> dict[str, Any]:
        """The audit in plain values, for a manifest."""
        return asdict(self)


def audit_splits(index: Index, split: NDArray[np.int8]) -> SplitAudit:
    """Compares every two of train, validation and test.

    Args:
        index: of all rows.
        split: [N] codes of `vocation.corpus.index`; rows of other codes do not count.
    """
    sides = {code: np.flatnonzero(split == code) for code in (TRAIN, VALIDATION, TEST)}
    pairs = [(first, second) for first, second in _PAIRS if len(sides[first]) and len(sides[second])]
    found = [_Pair(index, pair, sides[pair[0]], sides[pair[1]]) for pair in pairs]
    return SplitAudit(
        rows={SPLIT_NAMES[code]: len(rows) for code, rows in sides.items() if len(rows)},
        equal_texts=[shared for pair in found for shared in pair.shared(index.text)],
        near_texts=[shared for pair in found for shared in pair.nearly_shared()],
        groups=[shared for pair in found for shared in pair.shared(index.group)],
        unseen_labels=_unseen(index, split),
        drift=[drift for pair in found for drift in pair.drift()],
        inversions=[inversion for pair in found for inversion in pair.inversion()],
    )


def _unseen(index: Index, split: NDArray[np.int8]) -> list[UnseenLabel]:
    learned = index.label_counts(split == TRAIN) > 0
    if not (split == TRAIN).any():
        return []
    rows_of_entries = index.label_rows()
    unseen = []
    for code in (VALIDATION, TEST):
        entries = (split[rows_of_entries] == code) & ~learned[index.label]
        held = np.unique(np.stack([index.label[entries], rows_of_entries[entries]]), axis=1)[0]
        labels, rows = np.unique(held, return_counts=True)
        unseen += [
            UnseenLabel(index.labels[label], SPLIT_NAMES[code], count)
            for label, count in zip(labels.tolist(), rows.tolist(), strict=True)
        ]
    return unseen


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """Two splits side by side, each method giving one finding or none.

    Args:
        index: of all rows.
        codes: of the two splits.
        first: [n] rows of the first.
        second: [m] rows of the second.
    """

    index: Index
    codes: tuple[int, int]
    first: NDArray[np.int64]
    second: NDArray[np.int64]

    @property
    def names(self) -> tuple[str, str]:
        return SPLIT_NAMES[self.codes[0]], SPLIT_NAMES[self.codes[1]]

    def shared(self, numbers: NDArray[np.int64]) -> list[Shared]:
        """The texts, clusters or groups, [N] by number and negative for none, that stand on both sides."""
        first, second = (side[numbers[side] >= 0] for side in (self.first, self.second))
        common, in_first, in_second = np.intersect1d(numbers[first], numbers[second], return_indices=True)
        if not len(common):
            return []
        rows = [int(np.count_nonzero(np.isin(numbers[side], common))) for side in (first, second)]
        shown = np.argsort(in_first)[:_EXAMPLES]
        examples = [
            (self.index.place(int(first[in_first[place]])), self.index.place(int(second[in_second[place]])))
            for place in shown
        ]
        return [Shared(self.names, len(common), (rows[0], rows[1]), examples)]

    def nearly_shared(self) -> list[Shared]:
        """Clusters on both sides that have more than one text there."""
        cluster, rows = self.index.cluster, np.concatenate([self.first, self.second])
        common = np.intersect1d(cluster[self.first], cluster[self.second])
        rows = rows[np.isin(cluster[rows], common)]
        texts = np.unique(np.stack([cluster[rows], self.index.text[rows]]), axis=1)
        varied, counts = np.unique(texts[0], return_counts=True)
        return self.shared(np.where(np.isin(cluster, varied[counts > 1]), cluster, -1))

    def drift(self) -> list[LabelDrift]:
        drift = label_drift(self.index, self.names, self.first, self.second)
        return [] if drift is None else [drift]

    def inversion(self) -> list[Inversion]:
        time = self.index.time
        first, second = (side[~np.isnat(time[side])] for side in (self.first, self.second))
        if not len(first) or not len(second):
            return []
        newest, oldest = first[np.argmax(time[first])], second[np.argmin(time[second])]
        if time[newest] <= time[oldest]:
            return []
        later = np.sort(time[second])
        below = np.searchsorted(later, time[first], side="left") + np.searchsorted(later, time[first], side="right")
        undated = len(self.first) + len(self.second) - len(first) - len(second)
        return [
            Inversion(
                between=self.names,
                rows=int(np.count_nonzero(time[first] > time[oldest])),
                share=float(below.mean() / 2 / len(second)),
                undated=undated,
                example=(self.index.place(int(newest)), self.index.place(int(oldest))),
            )
        ]
