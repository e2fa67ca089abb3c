"""Iterative stratification."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vocation.corpus import stratification
from vocation.corpus.stratification import stratify
from vocation.corpus.units import Units

FRACTIONS = [0.7, 0.1, 0.2]
Unit = tuple[int, Mapping[int, int]]
"""Rows of a unit, and how often each label occurs in them."""


def units_of(units: Sequence[Unit], labels: int = 64) -> Units:
    held = [sorted(counts.items()) for _, counts in units]
    return Units(
        of=np.repeat(np.arange(len(units)), [size for size, _ in units]),
        size=np.array([size for size, _ in units], dtype=np.int64),
        start=np.cumsum([0, *map(len, held)]),
        label=np.array([label for pairs in held for label, _ in pairs], dtype=np.int64),
        count=np.array([count for pairs in held for _, count in pairs], dtype=np.int64),
        labels=labels,
    )


def divided(units: Sequence[Unit], fractions: Sequence[float] = FRACTIONS, **fixed: int) -> list[int]:
    parts = np.full(len(units), -1, dtype=np.int64)
    for unit, part in fixed.items():
        parts[int(unit[1:])] = part
    found: NDArray[np.int64] = stratify(units_of(units), fractions, parts)
    return [int(part) for part in found]


def imbalance(units: Sequence[Unit], parts: Sequence[int]) -> float:
    """Mean distance, over labels and parts, between the share of a label that a part has and should have."""
    totals: Counter[int] = Counter()
    has: Counter[tuple[int, int]] = Counter()
    for (_, labels), part in zip(units, parts, strict=True):
        for label, count in labels.items():
            totals[label] += count
            has[label, part] += count
    distances = [
        abs(has[label, part] / totals[label] - fraction) for label in totals for part, fraction in enumerate(FRACTIONS)
    ]
    return sum(distances) / len(distances)


@given(st.lists(st.integers(0, 5), min_size=30, max_size=120))
def test_single_labels_are_divided_to_within_one_row(labels: list[int]) -> None:
    parts = divided([(1, {label: 1}) for label in labels])
    for label, total in Counter(labels).items():
        for part, fraction in enumerate(FRACTIONS):
            count = sum(p == part for p, has in zip(parts, labels, strict=True) if has == label)
            assert abs(count - fraction * total) < 1.6
    for part, fraction in enumerate(FRACTIONS):
        assert abs(parts.count(part) - fraction * len(labels)) < 6


@pytest.mark.parametrize("seed", range(3))
def test_several_labels_a_unit_are_divided_far_better_than_by_chance(seed: int) -> None:
    chance = random.Random(seed)
    weights = [2.0 ** -(place / 2) for place in range(12)]
    units = [(1, Counter(chance.choices(range(12), weights, k=chance.randint(0, 4)))) for _ in range(400)]
    random_parts = [chance.choices(range(3), FRACTIONS)[0] for _ in units]
    assert imbalance(units, divided(units)) < 0.35 * imbalance(units, random_parts)


@given(
    groups=st.lists(
        st.tuples(st.integers(1, 3), st.dictionaries(st.integers(0, 4), st.integers(1, 3), max_size=3)), max_size=5
    ),
    many=st.lists(st.integers(1, 90), min_size=5, max_size=5),
)
def test_like_units_that_are_decided_together_are_divided_as_evenly_as_one_by_one(
    groups: list[tuple[int, dict[int, int]]], many: list[int]
) -> None:
    units = [group for group, count in zip(groups, many, strict=False) for _ in range(count)]
    together = divided(units)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stratification, "_ONE_BY_ONE", 10**9)
        single = divided(units)
    for part in range(3):
        both = [Counter[int](), Counter[int]()]
        for parts, found in zip((together, single), both, strict=True):
            for (_, labels), place in zip(units, parts, strict=True):
                if place == part:
                    found.update(labels)
        assert all(abs(both[0][label] - both[1][label]) <= 6 for label in range(5))


def test_the_closed_form_leaves_every_part_lacking_the_same() -> None:
    lack, step, many = [70.0, 10.0, 20.0, -3.0], 2, 40
    greedy, left = [0] * 4, list(lack)
    for _ in range(many):
        part = left.index(max(left))
        greedy[part] += 1
        left[part] -= step
    found = stratification._level(lack, step, many)
    assert all(most - 3 <= least <= most for least, most in zip(found, greedy, strict=True))
    assert found[3] == 0


def test_parts_keep_their_size_where_every_label_is_too_rare_to_decide() -> None:
    parts = Counter(divided([(1, {place // 3: 1}) for place in range(60)]))
    assert parts[1] >= 4
    assert parts[2] >= 9


def test_units_without_labels_are_divided_by_their_rows() -> None:
    assert divided([(size, {}) for size in (50, 20, 20, 10)]) == [0, 0, 2, 1]


def test_fixed_units_stay_and_count() -> None:
    parts = divided([(1, {0: 1}) for _ in range(10)], _0=1, _1=1, _2=1)
    assert parts[:3] == [1, 1, 1]
    assert parts.count(1) == 3


def test_nothing_is_divided_into_nothing() -> None:
    assert divided([]) == []
