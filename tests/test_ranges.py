"""Ranges and bounds, against a slow and obvious twin."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vocation.ranges import Bounds, Ranges

PAIRS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=6)
PLACE = st.integers(0, 20)


@given(PAIRS, PLACE, PLACE)
def test_touch_is_sharing_a_character(pairs: list[tuple[int, int]], start: int, end: int) -> None:
    start, end = min(start, end), max(start, end)
    kept = [pair for pair in pairs if pair[0] < pair[1]]
    if start < end:
        expected = any(set(range(*pair)) & set(range(start, end)) for pair in kept)
    else:
        merged = set().union(*({(place, place + 1) for place in range(low, high - 1)} for low, high in kept))
        expected = (start - 1, start) in merged
    assert Ranges(pairs).touch(start, end) == expected


@given(PAIRS, PLACE, PLACE)
def test_a_bound_inside_is_one_that_a_replacement_would_cut(pairs: list[tuple[int, int]], start: int, end: int) -> None:
    start, end = min(start, end), max(start, end)
    assert Bounds(pairs).inside(start, end) == any(start < place < end for pair in pairs for place in pair)


def test_spans_can_be_given_and_empty_ranges_are_none() -> None:
    assert not Ranges([(3, 3)])
    assert Ranges([(3, 3), (1, 2)])
