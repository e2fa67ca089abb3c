"""Iterative stratification."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus.stratification import Unit, stratify

FRACTIONS = [0.7, 0.1, 0.2]


def imbalance(units: list[Unit], parts: list[int]) -> float:
    """Mean distance, over labels and parts, between the share of a label that a part has and should have."""
    totals: Counter[int] = Counter()
    has: Counter[tuple[int, int]] = Counter()
    for unit, part in zip(units, parts, strict=True):
        for label, count in unit.labels.items():
            totals[label] += count
            has[label, part] += count
    distances = [
        abs(has[label, part] / totals[label] - fraction) for label in totals for part, fraction in enumerate(FRACTIONS)
    ]
    return sum(distances) / len(distances)


@given(st.lists(st.integers(0, 5), min_size=30, max_size=120))
def test_single_labels_are_divided_to_within_one_row(labels: list[int]) -> None:
    units = [Unit(1, {label: 1}) for label in labels]
    parts = stratify(units, FRACTIONS, {})
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
    units = [Unit(1, Counter(chance.choices(range(12), weights, k=chance.randint(0, 4)))) for _ in range(400)]
    random_parts = [chance.choices(range(3), FRACTIONS)[0] for _ in units]
    assert imbalance(units, stratify(units, FRACTIONS, {})) < 0.35 * imbalance(units, random_parts)


def test_parts_keep_their_size_where_every_label_is_too_rare_to_decide() -> None:
    units = [Unit(1, {place // 3: 1}) for place in range(60)]
    parts = Counter(stratify(units, FRACTIONS, {}))
    assert parts[1] >= 4
    assert parts[2] >= 9


def test_units_without_labels_are_divided_by_their_rows() -> None:
    parts = stratify([Unit(size, {}) for size in (50, 20, 20, 10)], FRACTIONS, {})
    assert parts == [0, 0, 2, 1]


def test_fixed_units_stay_and_count() -> None:
    units = [Unit(1, {0: 1}) for _ in range(10)]
    parts = stratify(units, FRACTIONS, {0: 1, 1: 1, 2: 1})
    assert parts[:3] == [1, 1, 1]
    assert parts.count(1) == 3
