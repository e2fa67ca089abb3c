"""Label drift between two splits."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from vocation.corpus.drift import label_drift
from vocation.corpus.index import Index

IndexOf = Callable[..., Index]
NAMES = ("train", "test")


def halves(index: Index) -> tuple[np.ndarray, np.ndarray]:
    middle = len(index) // 2
    return np.arange(middle), np.arange(middle, len(index))


def test_rows_of_one_label_are_tested_as_by_the_reference(index_of: IndexOf) -> None:
    index = index_of([(f"t{place}", "aab"[place % 3] if place < 150 else "abc"[place % 3]) for place in range(300)])
    drift = label_drift(index, NAMES, *halves(index))
    assert drift is not None
    reference = chi2_contingency([[100, 50, 0], [50, 50, 50]])
    assert drift.chi_square == pytest.approx(reference.statistic)
    assert drift.p_value == pytest.approx(reference.pvalue)
    assert drift.degrees == 2
    assert drift.design_effect == pytest.approx(1)
    assert drift.total_variation == pytest.approx(1 / 3)
    assert [share.label for share in drift.largest] == ["a", "c"]
    assert [drift.largest[0].first, drift.largest[0].second] == pytest.approx([2 / 3, 1 / 3])


def test_rare_labels_are_counted_as_one(index_of: IndexOf) -> None:
    labels = [*"ab" * 40, *"cdefgh"]
    index = index_of([(f"t{place} {half}", label) for half in range(2) for place, label in enumerate(labels)])
    drift = label_drift(index, NAMES, *halves(index))
    assert drift is not None
    assert drift.degrees == 2
    assert [drift.chi_square, drift.p_value] == pytest.approx([0, 1])
    assert drift.largest == []


def test_repeated_rows_of_a_group_count_for_less(index_of: IndexOf) -> None:
    """Groups of ten equal labels: as if each group were one row, which the plain statistic takes for ten."""
    chance, rejected = random.Random(3), {True: 0, False: 0}
    for _ in range(60):
        labels = [chance.choice("ab") for _ in range(60)]
        for grouped in (True, False):
            index = index_of(
                [
                    (f"{g} {r}", label, None, f"g{g}" if grouped else None)
                    for g, label in enumerate(labels)
                    for r in range(10)
                ]
            )
            drift = label_drift(index, NAMES, *halves(index))
            assert drift is not None
            assert drift.design_effect == pytest.approx(10.0 if grouped else 1.0)
            rejected[grouped] += drift.p_value < 0.05
    assert rejected[True] <= 8
    assert rejected[False] >= 20


def test_splits_without_labels_do_not_drift(entity_index_of: IndexOf) -> None:
    index = entity_index_of([["A"], ["A"], [], []])
    assert label_drift(index, NAMES, *halves(index)) is None


def test_one_label_alone_cannot_drift(index_of: IndexOf) -> None:
    index = index_of([(f"t{place}", "a") for place in range(40)])
    drift = label_drift(index, NAMES, *halves(index))
    assert drift is not None
    assert (drift.total_variation, drift.p_value, drift.degrees) == (0, 1, 0)
