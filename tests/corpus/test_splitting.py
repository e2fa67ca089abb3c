"""Splits: shares, units that stay together, determinism, and what is refused."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus.index import DROPPED, TEST, TRAIN, VALIDATION, Index, with_clusters
from vocation.corpus.splits.folds import Folds
from vocation.corpus.splits.random import Random
from vocation.corpus.splitting import Splits, divide
from vocation.errors import DataError, RecipeError

IndexOf = Callable[..., Index]
Row = tuple[str | None, ...]


def run(index: Index, kept: list[bool] | None = None, **settings: Any) -> Splits:
    mask = np.ones(len(index), dtype=np.bool_) if kept is None else np.array(kept)
    return divide(index, mask, Random(**settings))


def many(count: int, labels: str = "abc", split: str | None = None, prefix: str = "text") -> list[Row]:
    return [(f"{prefix} {place}", labels[place % len(labels)], split) for place in range(count)]


def counts(splits: Splits) -> dict[int, int]:
    return dict(Counter(splits.split.tolist()))


@given(
    count=st.integers(30, 300),
    labels=st.sampled_from(["ab", "aaaaaaaab", "abcde"]),
    validation=st.sampled_from([0.1, 0.2]),
    test=st.sampled_from([0.1, 0.25]),
    stratified=st.booleans(),
)
def test_shares_are_kept_in_rows_and_when_stratified_in_labels(
    index_of: IndexOf, count: int, labels: str, validation: float, test: float, stratified: bool
) -> None:
    index = index_of(many(count, labels))
    split = run(index, validation=validation, test=test, stratified=stratified).split
    shares = {VALIDATION: validation, TEST: test, TRAIN: 1 - validation - test}
    for code, share in shares.items():
        assert abs(np.count_nonzero(split == code) - share * count) < 1 + (3 if stratified else 1)
        if stratified:
            totals = index.label_counts(np.ones(count, dtype=np.bool_))
            assert np.all(np.abs(index.label_counts(split == code) - share * totals) < 2)


def test_another_seed_gives_another_division(index_of: IndexOf) -> None:
    index = index_of(many(100))
    assert run(index, seed=1).split.tolist() == run(index, seed=1).split.tolist()
    assert run(index, seed=1).split.tolist() != run(index, seed=2).split.tolist()


def test_dropped_rows_are_in_no_split(index_of: IndexOf) -> None:
    splits = run(index_of(many(40)), kept=[place != 3 for place in range(40)])
    assert np.flatnonzero(splits.split == DROPPED).tolist() == [3]


@pytest.mark.parametrize(
    ("rows", "expected", "made"),
    [
        (many(100), {TRAIN: 70, VALIDATION: 10, TEST: 20}, (True, True)),
        (many(100, split="train"), {TRAIN: 90, VALIDATION: 10}, (True, False)),
        (
            many(100, split="train") + many(9, split="test", prefix="x"),
            {TRAIN: 90, VALIDATION: 10, TEST: 9},
            (True, False),
        ),
        (many(100) + many(9, split="test", prefix="x"), {TRAIN: 90, VALIDATION: 10, TEST: 9}, (True, False)),
        (many(100) + many(9, split="validation", prefix="x"), {TRAIN: 80, VALIDATION: 9, TEST: 20}, (False, True)),
        (many(50, split="train") + many(100, prefix="x"), {TRAIN: 120, VALIDATION: 10, TEST: 20}, (True, True)),
        (
            many(9, split="train") + many(9, split="validation", prefix="v") + many(9, split="test", prefix="x"),
            {TRAIN: 9, VALIDATION: 9, TEST: 9},
            (False, False),
        ),
    ],
    ids=["none", "train", "train+test", "test", "validation", "train+rest", "all"],
)
def test_given_splits_stay_and_the_missing_ones_are_made(
    index_of: IndexOf, rows: list[Row], expected: dict[int, int], made: tuple[bool, bool]
) -> None:
    index = index_of(rows)
    splits = run(index)
    found = counts(splits)
    assert found.keys() == expected.keys()
    assert all(abs(found[code] - expected[code]) <= 2 for code in expected)
    assert splits.made == {"validation": made[0], "test": made[1]}
    held_out = (index.given == VALIDATION) | (index.given == TEST)
    assert np.array_equal(splits.split[held_out], index.given[held_out])


def test_a_share_of_nothing_makes_no_split(index_of: IndexOf) -> None:
    splits = run(index_of(many(30)), validation=0, test=0)
    assert counts(splits) == {TRAIN: 30}
    assert splits.made == {"validation": False, "test": False}


def test_a_label_in_one_row_is_refused_with_its_place(index_of: IndexOf) -> None:
    with pytest.raises(DataError, match=r"data\.csv, row 32: The label 'rare' stands in one row alone") as caught:
        run(index_of([*many(30), ("one", "rare")]))
    assert "rare_labels: train" in str(caught.value)
    assert "1 occurrence of 'rare'" in str(caught.value)


def test_a_label_in_one_group_is_refused_too(index_of: IndexOf) -> None:
    rows = [*many(30), ("one", "rare", None, "g"), ("two", "rare", None, "g")]
    with pytest.raises(DataError, match="2 occurrences of 'rare' in 2 rows that stay together"):
        run(index_of(rows))


def test_a_label_in_one_row_goes_to_train_on_demand(index_of: IndexOf) -> None:
    for seed in range(5):
        splits = run(index_of([*many(30), ("one", "rare")]), rare_labels="train", seed=seed)
        assert splits.split[30] == TRAIN


def test_a_rare_label_that_given_training_rows_have_is_not_rare(index_of: IndexOf) -> None:
    rows = [*many(30), ("one", "rare"), ("two", "rare", "train")]
    assert set(run(index_of(rows)).split.tolist()) == {TRAIN, VALIDATION, TEST}


def test_nothing_is_refused_where_nothing_is_divided(index_of: IndexOf) -> None:
    rows: list[Row] = [("one", "rare", "train"), ("two", "a", "validation"), ("three", "b", "test")]
    assert run(index_of(rows)).split.tolist() == [TRAIN, VALIDATION, TEST]


@pytest.mark.parametrize("stratified", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_every_label_is_learned(entity_index_of: IndexOf, stratified: bool, seed: int) -> None:
    chance = random.Random(seed)
    labels = [[f"L{chance.randint(0, 24)}" for _ in range(chance.randint(1, 3))] for _ in range(60)]
    index = entity_index_of(labels)
    splits = run(index, stratified=stratified, seed=seed, rare_labels="train", test=0.4)
    assert (index.label_counts(splits.split == TRAIN) > 0).all()


def test_rows_of_a_given_training_group_stay_in_train(index_of: IndexOf) -> None:
    rows = [("a", "x", "train", "g"), *((f"b{place}", "x", None, "g") for place in range(5)), *many(30, "xy")]
    assert set(run(index_of(rows)).split[:6].tolist()) == {TRAIN}


@pytest.mark.parametrize("seed", range(5))
def test_rows_with_the_text_of_a_given_training_row_stay_in_train(index_of: IndexOf, seed: int) -> None:
    given: list[Row] = [(f"Same {place}", "x", "train") for place in range(9)]
    repeated: list[Row] = [(f"same {place}", "y") for place in range(9)]
    split = run(index_of(given + repeated + many(30, "xy")), validation=0.3, test=0.3, seed=seed).split
    assert set(split[:18].tolist()) == {TRAIN}
    assert set(split.tolist()) == {TRAIN, VALIDATION, TEST}


@pytest.mark.parametrize("given_split", ["validation", "test"])
def test_rows_with_the_text_of_a_given_yardstick_that_stay_are_trained_on(index_of: IndexOf, given_split: str) -> None:
    given: list[Row] = [(f"Same {place}", "x", given_split) for place in range(9)]
    repeated: list[Row] = [(f"same {place}", "x") for place in range(9)]
    split = run(index_of(given + repeated + many(30, "xy")), validation=0.3, test=0.3).split
    assert set(split[9:18].tolist()) == {TRAIN}


def test_rows_whose_group_stands_in_a_given_test_split_are_refused(index_of: IndexOf) -> None:
    rows = [*many(30), ("a", "a", "test", "g"), ("b", "a", None, "g")]
    with pytest.raises(
        DataError, match="row 33: The row has no split, and its group stands in a given split"
    ) as caught:
        run(index_of(rows))
    assert "the group of data.csv:32, which is in test; 1 such rows" in str(caught.value)


def test_groups_in_two_given_splits_are_reported(index_of: IndexOf) -> None:
    rows = [*many(30, split="train"), ("a", "a", "test", "g"), ("b", "a", "train", "g"), ("v", "a", "validation")]
    (verdict,) = run(index_of(rows)).verdicts
    assert (verdict.action, verdict.reason) == ("reported", "group stands in two given splits")
    assert verdict.rows.tolist() == [31]
    assert verdict.detail(31) == "same group as data.csv:32"


def test_stratified_labels_are_nearer_to_their_share_than_unstratified_ones(index_of: IndexOf) -> None:
    index = index_of(many(300, "aaaaaaaaabbbc"))
    totals = index.label_counts(np.ones(300, dtype=np.bool_))

    def distance(stratified: bool) -> float:
        found = [run(index, stratified=stratified, seed=seed).split == TEST for seed in range(5)]
        return float(np.mean([np.abs(index.label_counts(mask) / totals - 0.2).mean() for mask in found]))

    assert distance(True) < 0.3 * distance(False)


def test_rows_near_a_given_training_row_stay_in_train(index_of: IndexOf) -> None:
    given: list[Row] = [(f"given {place}", "x", "train") for place in range(9)]
    near: list[Row] = [(f"near {place}", "x") for place in range(9)]
    index = index_of([*given, *near, *many(40, "xy")])
    cluster = np.arange(len(index))
    cluster[9:18] = cluster[:9]
    assert set(run(with_clusters(index, cluster), test=0.4).split[:18].tolist()) == {TRAIN}
    assert set(run(index, test=0.4).split[:18].tolist()) != {TRAIN}, "without clusters some of them are tested"


@pytest.mark.parametrize(
    "rows",
    [many(40, split="train"), many(40) + many(9, split="test", prefix="x"), []],
    ids=["all train", "test given", "no rows"],
)
def test_folds_without_rows_to_test_are_refused(index_of: IndexOf, rows: list[Row]) -> None:
    with pytest.raises(
        RecipeError, match=r"corpus\.splitting: kind folds makes test .*(?s:.*)set `corpus.splitting.kind"
    ):
        divide(index_of(rows), np.ones(len(rows), dtype=np.bool_), Folds())
