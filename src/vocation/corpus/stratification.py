"""Iterative stratification: units with labels divided so that every part has its share of every label.

After Sechidis, Tsoumakas and Vlahavas (2011), "On the stratification of multi-label data": the label with the fewest
undecided units goes first, and each of its units goes to the part that lacks this label most. A unit may hold many
rows, so its labels are counted, and a part that has fallen behind in rows is preferred where labels leave a choice.

Units of equal size and equal labels are interchangeable, so they are decided together: most of them by the closed
form of the same greedy rule (all parts end up lacking the label equally), the last few one by one. A million rows of a
few thousand combinations of labels take about as long as those combinations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vocation.corpus.units import Units, seeded_order, slices

PRESSURE = 0.5
"""Largest weight of a part's lack of rows against its lack of the label, in label occurrences: less than one, so that
it decides between parts whose lack of the label is about the same and never overrules a whole missing occurrence."""

_ONE_BY_ONE = 8
"""Units of a kind, per part, up to which each is decided by itself."""
_SPARED = 2
"""Units per part that the closed form leaves for deciding one by one: pressure moves the outcome by less than that."""


def stratify(units: Units, fractions: Sequence[float], fixed: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """Divides units into parts.

    Args:
        units: in the order in which they are to be decided where nothing else orders them.
        fractions: share of the rows that each part is to have; they sum to 1.
        fixed: [U] the part of each unit that is decided already, -1 for every other.

    Returns:
        [U] the part of each unit.
    """
    parts = np.full(len(units), -1, dtype=np.int64) if fixed is None else fixed.copy()
    state = _State(units, fractions, parts)
    kinds = _kinds(units, np.flatnonzero(parts < 0))
    first, start = kinds.first.tolist(), kinds.start.tolist()
    sizes, labels, counts = kinds.size.tolist(), kinds.label.tolist(), kinds.count.tolist()
    taken: list[list[int]] = [[]] * len(sizes)
    for kind, label in _turns(kinds, units.labels):
        low, high = start[kind], start[kind + 1]
        held = list(zip(labels[low:high], counts[low:high], strict=True))
        taken[kind] = state.place(held, sizes[kind], first[kind + 1] - first[kind], label)
    each = np.tile(np.arange(len(fractions)), len(sizes))
    parts[kinds.members] = np.repeat(each, np.array(taken, dtype=np.int64).reshape(-1))
    return parts


@dataclass(frozen=True, slots=True, eq=False)
class _Kinds:
    """K kinds of undecided units, equal in size and labels, in the order of their first member.

    Args:
        members: the units, kind after kind.
        first: [K + 1] where the members of each kind begin.
        size: [K] rows of a member.
        start: [K + 1] where the labels of each kind begin in `label`.
        label: [E] the labels of one kind after the other.
        count: [E] how often a member has that label.
    """

    members: NDArray[np.int64]
    first: NDArray[np.int64]
    size: NDArray[np.int64]
    start: NDArray[np.int64]
    label: NDArray[np.int64]
    count: NDArray[np.int64]


def _kinds(units: Units, undecided: NDArray[np.int64]) -> _Kinds:
    with np.errstate(over="ignore"):
        signature = seeded_order(units.size.astype(np.uint64), 0)
        held = seeded_order(units.count.astype(np.uint64), units.labels) + units.label.astype(np.uint64)
        # Equal signatures of unlike units, 64 bits apart by chance, would only blur the shares a little.
        np.add.at(signature, units.holder(), seeded_order(held, 1))
    _, example, kind = np.unique(signature[undecided], return_index=True, return_inverse=True)
    rank = np.empty(len(example), dtype=np.int64)
    rank[np.argsort(example)] = np.arange(len(example))
    kind = rank[kind.reshape(-1)]
    representatives = undecided[np.sort(example)]
    counts = units.start[representatives + 1] - units.start[representatives]
    entries = slices(units.start, representatives)
    return _Kinds(
        members=undecided[np.argsort(kind, kind="stable")],
        first=np.concatenate([[0], np.cumsum(np.bincount(kind, minlength=len(example)))]).astype(np.int64),
        size=units.size[representatives],
        start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        label=units.label[entries],
        count=units.count[entries],
    )


def _turns(kinds: _Kinds, labels: int) -> list[tuple[int, int | None]]:
    """Every kind in the order in which it is decided, with the label that decides it; None for one without labels."""
    sizes = np.diff(kinds.first)
    holder = np.repeat(np.arange(len(sizes)), np.diff(kinds.start))
    left = np.bincount(kinds.label, weights=sizes[holder], minlength=labels).astype(np.int64)
    by_label = np.argsort(kinds.label, kind="stable")
    of_label = holder[by_label]
    begin = np.searchsorted(kinds.label[by_label], np.arange(labels + 1))
    waiting = np.ones(len(sizes), dtype=np.bool_)
    never = np.iinfo(np.int64).max
    turns: list[tuple[int, int | None]] = []
    left[left == 0] = never
    while left.min(initial=never) < never:
        rarest = int(np.argmin(left))
        candidates = of_label[begin[rarest] : begin[rarest + 1]]
        decided = candidates[waiting[candidates]]
        turns += [(kind, rarest) for kind in decided.tolist()]
        waiting[decided] = False
        entries = slices(kinds.start, decided)
        np.subtract.at(left, kinds.label[entries], sizes[holder[entries]])
        left[left <= 0] = never
    return turns + [(kind, None) for kind in np.flatnonzero(waiting).tolist()]


class _State:
    """What every part still lacks."""

    def __init__(self, units: Units, fractions: Sequence[float], parts: NDArray[np.int64]) -> None:
        self._fractions = list(fractions)
        total = int(units.size.sum())
        decided = parts >= 0
        rows = np.bincount(parts[decided], weights=units.size[decided], minlength=len(fractions))
        self._rows_left = total - int(rows.sum())
        self._rows: list[float] = (np.array(fractions) * total - rows).tolist()
        occurrences = np.bincount(units.label, weights=units.count, minlength=units.labels)
        lack = np.outer(occurrences, fractions)  # [L, parts]
        entries = decided[units.holder()]
        where = (units.label[entries], parts[units.holder()[entries]])
        np.subtract.at(lack, where, units.count[entries])
        self._lack: list[list[float]] = lack.tolist()

    def place(self, held: Sequence[tuple[int, int]], size: int, many: int, label: int | None) -> list[int]:
        """Decides on `many` units alike by their lack of a label; how many go to each part.

        Args:
            held: the labels of such a unit, each with its count.
            size: rows of such a unit.
            many: how many there are.
            label: one of the labels, or None to go by rows.
        """
        if label is None:
            taken = self._take(list(self._rows), size, many, size, pressed=False)
        else:
            step = next(count for each, count in held if each == label)
            taken = self._take(list(self._lack[label]), step, many, size, pressed=True)
        for each, count in held:
            lack = self._lack[each]
            for part, number in enumerate(taken):
                lack[part] -= count * number
        return taken

    def _take(self, lack: list[float], step: int, many: int, size: int, *, pressed: bool) -> list[int]:
        """How many of `many` units each part takes, when each of them takes `step` of what it lacks."""
        taken = [0] * len(lack)
        if many > _ONE_BY_ONE * len(lack):
            taken = _level(lack, step, many)
            for part, number in enumerate(taken):
                lack[part] -= step * number
                self._rows[part] -= size * number
                self._rows_left -= size * number
        for _ in range(many - sum(taken)):
            wishes = [lacking + self._pressure(part) for part, lacking in enumerate(lack)] if pressed else lack
            best = wishes.index(max(wishes))
            taken[best] += 1
            lack[best] -= step
            self._rows[best] -= size
            self._rows_left -= size
        return taken

    def _pressure(self, part: int) -> float:
        behind = self._rows[part] / self._rows_left - self._fractions[part]
        return min(PRESSURE, max(-PRESSURE, behind))


def _level(lack: Sequence[float], step: int, many: int) -> list[int]:
    """How many of `many` units each part takes at least, when each goes to the part that lacks most.

    In the end all parts that took any lack equally much, as water stands in joined vessels.
    """
    highest = sorted(lack, reverse=True)
    for count in range(1, len(lack) + 1):
        level = (sum(highest[:count]) - step * many) / count
        if count == len(lack) or level >= highest[count]:
            break
    return [max(0, math.floor((lacking - level) / step) - _SPARED) for lacking in lack]
