"""Iterative stratification: units with labels divided so that every part has its share of every label.

After Sechidis, Tsoumakas and Vlahavas (2011), "On the stratification of multi-label data": the label with the fewest
undecided units goes first, and each of its units goes to the part that lacks this label most. A unit may hold many
rows, so its labels are counted, and a part that has fallen behind in rows is preferred where labels leave a choice.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PRESSURE = 0.5
"""Largest weight of a part's lack of rows against its lack of the label, in label occurrences: less than one, so that
it decides between parts whose lack of the label is about the same and never overrules a whole missing occurrence."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Rows that must stay together.

    Args:
        size: number of rows.
        labels: how often each label occurs in them.
    """

    size: int
    labels: Mapping[int, int]


def stratify(units: Sequence[Unit], fractions: Sequence[float], fixed: Mapping[int, int]) -> list[int]:
    """Divides units into parts.

    Args:
        units: in the order in which they are to be decided where nothing else orders them.
        fractions: share of the rows that each part is to have; they sum to 1.
        fixed: units that are decided already, with their part.

    Returns:
        The part of each unit.
    """
    state = _State(units, fractions)
    for place, part in fixed.items():
        state.put(place, part)
    holders: dict[int, list[int]] = {}
    for place, unit in enumerate(units):
        for label in unit.labels:
            holders.setdefault(label, []).append(place)
    while (rarest := state.rarest()) is not None:
        for place in holders[rarest]:
            if state.parts[place] < 0:
                state.put(place, state.part_lacking(rarest))
    for place, part in enumerate(state.parts):
        if part < 0:
            state.put(place, state.part_lacking(None))
    return state.parts


class _State:
    """What every part still lacks."""

    def __init__(self, units: Sequence[Unit], fractions: Sequence[float]) -> None:
        self.parts = [-1] * len(units)
        self._units, self._fractions = units, fractions
        self._rows_left = sum(unit.size for unit in units)
        self._rows = [fraction * self._rows_left for fraction in fractions]
        totals: dict[int, int] = {}
        self._undecided: dict[int, int] = {}
        for unit in units:
            for label, count in unit.labels.items():
                totals[label] = totals.get(label, 0) + count
                self._undecided[label] = self._undecided.get(label, 0) + 1
        self._lack = {label: [fraction * total for fraction in fractions] for label, total in totals.items()}
        self._heap = [(count, label) for label, count in self._undecided.items()]
        heapq.heapify(self._heap)

    def put(self, place: int, part: int) -> None:
        unit = self._units[place]
        self.parts[place] = part
        self._rows[part] -= unit.size
        self._rows_left -= unit.size
        for label, count in unit.labels.items():
            self._lack[label][part] -= count
            self._undecided[label] -= 1
            heapq.heappush(self._heap, (self._undecided[label], label))

    def rarest(self) -> int | None:
        """The label with the fewest undecided units, at least one; None when there is none left."""
        while self._heap:
            count, label = heapq.heappop(self._heap)
            if count and count == self._undecided[label]:
                return label
        return None

    def part_lacking(self, label: int | None) -> int:
        """The part that lacks the label (or, for None, rows) most."""
        if label is None:
            return max(range(len(self._rows)), key=lambda part: self._rows[part])
        lack = self._lack[label]
        return max(range(len(lack)), key=lambda part: lack[part] + self._pressure(part))

    def _pressure(self, part: int) -> float:
        behind = self._rows[part] / self._rows_left - self._fractions[part]
        return min(PRESSURE, max(-PRESSURE, behind))
