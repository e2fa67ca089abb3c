"""Ranges of a text, and quick questions about where they lie."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence


class Ranges:
    """Half-open ranges [start, end), merged where they overlap; empty ones are left out.

    Args:
        ranges: pairs of offsets, or longer tuples that begin with them (such as spans), in any order.
    """

    __slots__ = ("_ends", "_starts")

    def __init__(self, ranges: Iterable[Sequence[int] | tuple[int, int, str]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted((int(item[0]), int(item[1])) for item in ranges):
            if start >= end:
                continue
            if self._starts and start < self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def __bool__(self) -> bool:
        return bool(self._starts)

    def touch(self, start: int, end: int) -> bool:
        """Whether a range shares a character with [start, end), or holds the place `start` inside when it is empty."""
        if not self._starts:
            return False
        last = bisect_left(self._starts, max(end, start)) - 1
        return last >= 0 and self._ends[last] > start


class Bounds:
    """The starts and ends of ranges.

    Args:
        ranges: pairs of offsets, or longer tuples that begin with them (such as spans), in any order.
    """

    __slots__ = ("_places",)

    def __init__(self, ranges: Iterable[Sequence[int] | tuple[int, int, str]]) -> None:
        self._places = sorted({int(place) for item in ranges for place in item[:2]})

    def inside(self, start: int, end: int) -> bool:
        """Whether a bound lies inside (start, end): the replacement of these characters would cut through a range."""
        return bisect_right(self._places, start) < bisect_left(self._places, end)
