"""Rows that stay together, and the order in which they are decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus.index import Index
from vocation.corpus.units import gather, seeded_order, slices

IndexOf = Callable[..., Index]


def test_orders_of_two_seeds_have_nothing_in_common() -> None:
    numbers = np.arange(1000, dtype=np.uint64)
    first, second = seeded_order(numbers, 0), seeded_order(numbers, 1)
    assert len(set(first.tolist())) == 1000
    assert abs(np.corrcoef(first.argsort().argsort(), second.argsort().argsort())[0, 1]) < 0.1


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from("abc"), st.none() | st.integers(0, 4)), min_size=1))
def test_units_hold_their_rows_and_labels_large_ones_first(
    index_of: IndexOf, rows: list[tuple[int, str, int | None]]
) -> None:
    index = index_of([(f"t{text}", label, None, group and f"g{group}") for text, label, group in rows])
    units = gather(index, np.arange(len(index)), 0)
    assert units.size.tolist() == sorted(units.size.tolist(), reverse=True)
    assert np.bincount(units.of).tolist() == units.size.tolist()
    for unit in range(len(units)):
        expected = Counter(int(index.labels_of(row)[0]) for row in np.flatnonzero(units.of == unit).tolist())
        counts = units.count[units.start[unit] : units.start[unit + 1]].tolist()
        assert dict(zip(units.labels_of(unit).tolist(), counts, strict=True)) == expected
    held = [sum(label in units.labels_of(unit) for unit in range(len(units))) for label in range(len(index.labels))]
    assert units.holders().tolist() == held


@given(st.lists(st.booleans(), min_size=12, max_size=12))
def test_some_of_the_units_keep_what_they_hold(entity_index_of: IndexOf, chosen: list[bool]) -> None:
    units = gather(entity_index_of([["A"] * (place % 3) + ["B"] for place in range(12)]), np.arange(12), 0)
    some = units.those(np.array(chosen))
    kept = np.flatnonzero(chosen).tolist()
    assert [some.labels_of(place).tolist() for place in range(len(some))] == [units.labels_of(u).tolist() for u in kept]
    assert some.size.tolist() == units.size[kept].tolist()
    assert [kept[unit] for unit in some.of.tolist()] == [unit for unit in units.of.tolist() if chosen[unit]]
    assert some.without_labels().holders().tolist() == [0, 0]


def test_slices_are_the_places_of_each_row_in_turn() -> None:
    start = np.array([0, 2, 2, 5, 6])
    assert slices(start, np.array([2, 0, 1, 3])).tolist() == [2, 3, 4, 0, 1, 5]
    assert slices(start, np.array([], dtype=np.int64)).tolist() == []
