"""Span-level precision, recall and F2 of what was found against what is there, by type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class Place(NamedTuple):
    """A part of a text and its type; offsets in code points."""

    start: int
    end: int
    type: str


Find = Callable[[Sequence[str]], list[list[Place]]]
"""What a system finds in each of some texts."""


@dataclass
class Count:
    """What was seen of one type.

    Args:
        gold: how many there are.
        found: how many were found with the same bounds.
        touched: how many were found with bounds that overlap by at least half (intersection over union).
        false: how many were reported that overlap nothing that is there, of whatever type.
        reported: how many were reported.
    """

    gold: int = 0
    found: int = 0
    touched: int = 0
    false: int = 0
    reported: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    def scores(self) -> dict[str, Any]:
        """Counts, and precision, recall and F2 = 5PR / (4P + R), with the same bounds and with half an overlap."""
        exact = _scores(self.found, self.reported, self.gold)
        overlap = _scores(self.touched, self.reported, self.gold)
        return {
            "gold": self.gold,
            "reported": self.reported,
            "false": self.false,
            **exact,
            **{f"{name}_overlap": value for name, value in overlap.items()},
        }


def _scores(right: int, reported: int, gold: int) -> dict[str, float | None]:
    precision = right / reported if reported else None
    recall = right / gold if gold else None
    if precision is None or recall is None:
        return {"precision": precision, "recall": recall, "f2": 0.0 if gold else None}
    below = 4 * precision + recall
    return {"precision": precision, "recall": recall, "f2": 5 * precision * recall / below if below else 0.0}


def count(gold: Sequence[Iterable[Place]], found: Sequence[Iterable[Place]], types: Iterable[str]) -> dict[str, Count]:
    """The counts of each type over texts; places of other types are not looked at."""
    counts = {name: Count() for name in types}
    for there, reported in zip(map(list, gold), map(list, found), strict=True):
        for name, one in counts.items():
            mine = [place for place in reported if place.type == name]
            _add(one, [place for place in there if place.type == name], mine)
            one.false += sum(not any(overlap(a, b) for a in there) for b in mine)
    return counts


def _add(one: Count, there: list[Place], reported: list[Place]) -> None:
    one.gold += len(there)
    one.reported += len(reported)
    one.found += len(set(there) & set(reported))
    one.touched += sum(any(overlap(a, b) >= 0.5 for b in reported) for a in there)


def overlap(a: Place, b: Place) -> float:
    """What two places share, as a part of what both cover (intersection over union)."""
    shared = min(a.end, b.end) - max(a.start, b.start)
    return max(0, shared) / (max(a.end, b.end) - min(a.start, b.start))


def pooled(counts: Mapping[str, Count], types: Iterable[str]) -> Count:
    """The counts of several types together."""
    return sum((counts[name] for name in types), Count())
