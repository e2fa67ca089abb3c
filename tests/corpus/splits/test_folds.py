"""Cross-validation."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from vocation.corpus.index import TEST, TRAIN, VALIDATION, Index
from vocation.corpus.splits import folds
from vocation.corpus.splits.folds import Folds
from vocation.corpus.splitting import divide
from vocation.corpus.units import gather
from vocation.errors import DataError

IndexOf = Callable[..., Index]


def run(index: Index, **settings: Any) -> NDArray[np.int8]:
    return divide(index, np.ones(len(index), dtype=np.bool_), Folds(**settings)).split


@given(
    count=st.integers(20, 120), number=st.integers(2, 7), seed=st.integers(0, 3), groups=st.sampled_from([None, 2, 3])
)
def test_every_row_is_tested_in_one_fold_alone(
    index_of: IndexOf, count: int, number: int, seed: int, groups: int | None
) -> None:
    index = index_of([(f"t{place}", "ab"[place % 2], None, groups and f"g{place // groups}") for place in range(count)])
    tested: Counter[int] = Counter()
    for fold in range(number):
        split = run(index, folds=number, fold=fold, seed=seed)
        tested.update(np.flatnonzero(split == TEST).tolist())
        assert abs(np.count_nonzero(split == TEST) - count / number) <= 2 * (groups or 1)
    assert tested == Counter(range(count))


def test_equal_seeds_give_equal_folds_and_other_seeds_others(index_of: IndexOf) -> None:
    index = index_of([(f"t{place}", "ab"[place % 2]) for place in range(60)])
    assert run(index, seed=1).tolist() == run(index, seed=1).tolist()
    assert run(index, seed=1).tolist() != run(index, seed=2).tolist()


def test_the_folds_do_not_depend_on_validation(index_of: IndexOf) -> None:
    index = index_of([(f"t{place}", "aab"[place % 3]) for place in range(60)])
    without, with_validation = run(index, validation=0), run(index, validation=0.2)
    assert np.array_equal(without == TEST, with_validation == TEST)
    assert (without != VALIDATION).all()
    assert np.count_nonzero(with_validation == VALIDATION) == pytest.approx(12, abs=2)


@pytest.mark.parametrize("stratified", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_every_label_that_two_rows_have_is_learned_in_every_fold(
    entity_index_of: IndexOf, seed: int, stratified: bool
) -> None:
    chance = random.Random(seed)
    rows = [[f"L{chance.randint(0, 24)}" for _ in range(chance.randint(1, 3))] for _ in range(60)]
    index = entity_index_of(rows)
    holders = Counter(label for row in rows for label in set(row))
    often = np.array([holders[label] > 1 for label in index.labels])
    for fold in range(5):
        split = run(index, fold=fold, seed=seed, stratified=stratified, rare_labels="train", validation=0.2)
        assert (index.label_counts(split == TRAIN)[often] > 0).all()


def test_a_label_of_two_rows_is_learned_rather_than_validated(index_of: IndexOf) -> None:
    index = index_of([(f"t{place}", f"L{place // 2}") for place in range(40)])
    for fold in range(2):
        split = run(index, folds=2, fold=fold, validation=0.4)
        assert (index.label_counts(split == TRAIN) == 1).all()
        assert (index.label_counts(split == TEST) == 1).all()


def test_units_of_one_label_that_came_into_one_fold_are_parted(entity_index_of: IndexOf) -> None:
    index = entity_index_of([["A"], ["A", "A"], ["B"], ["B"], ["C"]])
    units = gather(index, np.arange(5), 0)
    fold = np.array([0, 0, 1, 2, 1])[np.argsort(units.of)]
    folds._part_labels(units, fold, 3)
    by_row = fold[units.of].tolist()
    assert by_row[0] != by_row[1], "A stood in fold 0 alone"
    assert by_row[2:] == [1, 2, 1], "B stands in two folds, and C has one row"


def test_a_rare_label_is_refused_or_tested_in_no_fold(index_of: IndexOf) -> None:
    index = index_of([*((f"t{place}", "ab"[place % 2]) for place in range(40)), ("one", "rare")])
    with pytest.raises(DataError, match=r"row 42: The label 'rare' stands in one row alone"):
        run(index)
    assert {int(run(index, fold=fold, rare_labels="train")[40]) for fold in range(5)} == {TRAIN}


def test_labels_have_equal_shares_of_every_fold(index_of: IndexOf) -> None:
    index = index_of([(f"t{place}", "aaaaaaabbc"[place % 10]) for place in range(200)])
    for fold in range(5):
        assert np.abs(index.label_counts(run(index, fold=fold) == TEST) - [28, 8, 4]).max() <= 1


def test_the_manifest_names_the_fold_and_the_size_of_each(index_of: IndexOf) -> None:
    index = index_of([(f"t{place}", "ab"[place % 2]) for place in range(50)])
    details = divide(index, np.ones(50, dtype=np.bool_), Folds(fold=3)).details
    assert details == {"fold": 3, "fold_rows": [10] * 5}


def test_fewer_groups_than_folds_are_refused(index_of: IndexOf) -> None:
    index = index_of([(f"t{place}", "a", None, f"g{place % 3}") for place in range(30)])
    with pytest.raises(DataError, match="do not make so many folds") as caught:
        run(index, rare_labels="train")
    assert "30 rows in 3 sets that stay together, for 5 folds" in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"fold": 5}, "fold 5 is none of 5 folds, which are counted from 0"),
        ({"folds": 2, "validation": 0.5}, "leave nothing for train"),
        ({"folds": 1}, "greater than or equal to 2"),
    ],
)
def test_folds_that_cannot_be_are_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Folds(**settings)
