"""The audit of splits: what stands on two sides, what drifts, what runs against time."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np

from vocation.corpus.index import Index, with_clusters
from vocation.corpus.split_audit import Inversion, Shared, UnseenLabel, audit_splits
from vocation.corpus.splits.random import Random
from vocation.corpus.splits.time import Time
from vocation.corpus.splitting import divide

IndexOf = Callable[..., Index]


def test_sound_splits_have_nothing_against_them(index_of: IndexOf) -> None:
    rows = [
        (f"t{place}", "ab"[place % 2], "train" if place < 20 else "test", f"g{place // 4}", f"{1900 + place}")
        for place in range(40)
    ]
    audit = audit_splits(index := index_of(rows), index.given)
    assert audit.rows == {"train": 20, "test": 20}
    assert [audit.equal_texts, audit.near_texts, audit.groups, audit.unseen_labels, audit.inversions] == [[]] * 5
    (drift,) = audit.drift
    assert (drift.between, drift.total_variation, drift.p_value) == (("train", "test"), 0, 1)


def test_texts_clusters_and_groups_on_two_sides_are_counted_with_examples(index_of: IndexOf) -> None:
    index = index_of(
        [
            ("same", "a", "train"),
            ("SAME", "b", "train"),
            ("near", "a", "train"),
            ("own", "a", "train", "g"),
            ("same", "a", "test"),
            ("nearly", "a", "test"),
            ("other", "a", "test", "g"),
            ("else", "a", "test", "g"),
            ("same", "a", "unlabelled", "g"),
        ]
    )
    near = index.text.copy()
    near[5] = near[2]
    audit = audit_splits(with_clusters(index, near), index.given)
    between = ("train", "test")
    assert audit.equal_texts == [Shared(between, 1, (2, 1), [("data.csv:2", "data.csv:6")])]
    assert audit.near_texts == [Shared(between, 1, (1, 1), [("data.csv:4", "data.csv:7")])]
    assert audit.groups == [Shared(between, 1, (1, 2), [("data.csv:5", "data.csv:8")])]
    assert audit_splits(index, index.given).near_texts == [], "equal texts alone are not nearly equal ones"


def test_every_pair_of_splits_is_compared(index_of: IndexOf) -> None:
    index = index_of([("x", "a", name) for name in ("train", "validation", "test")])
    assert [shared.between for shared in audit_splits(index, index.given).equal_texts] == [
        ("train", "validation"),
        ("train", "test"),
        ("validation", "test"),
    ]


def test_labels_that_train_lacks_are_counted_in_rows(entity_index_of: IndexOf) -> None:
    index = entity_index_of([["A"], ["B", "B", "A"], ["B", "C"], ["A"]])
    split = np.array([0, 2, 2, 1], dtype=np.int8)
    assert audit_splits(index, split).unseen_labels == [UnseenLabel("B", "test", 2), UnseenLabel("C", "test", 1)]


def test_training_rows_newer_than_test_rows_are_inversions(index_of: IndexOf) -> None:
    index = index_of(
        [
            ("a", "x", "train", None, "2020"),
            ("b", "x", "train", None, "2023"),
            ("c", "x", "train"),
            ("d", "x", "test", None, "2021"),
            ("e", "x", "test", None, "2023"),
        ]
    )
    (inversion,) = audit_splits(index, index.given).inversions
    # Of the four dated pairs, 2023 against 2021 is inverted, and 2023 against 2023 a tie.
    assert inversion == Inversion(("train", "test"), 1, 1.5 / 4, 1, ("data.csv:3", "data.csv:5"))


def test_a_random_split_runs_against_time_and_a_split_by_time_does_not(index_of: IndexOf) -> None:
    rows = [(f"t{place}", "ab"[place % 2], None, None, f"{1000 + place}") for place in range(400)]
    index, kept = index_of(rows), np.ones(400, dtype=np.bool_)
    drawn = audit_splits(index, divide(index, kept, Random()).split)
    assert all(0.4 < inversion.share < 0.6 for inversion in drawn.inversions)
    assert len(drawn.inversions) == 3
    assert audit_splits(index, divide(index, kept, Time()).split).inversions == []


def test_the_summary_is_plain(index_of: IndexOf) -> None:
    index = index_of([("x", "a", "train", "g", "2023"), ("x", "b", "test", "g", "2022"), ("y", "a", "test")])
    summary = json.loads(json.dumps(audit_splits(index, index.given).summary()))
    assert summary["equal_texts"][0]["rows"] == [1, 1]
    assert summary["inversions"][0]["share"] == 1
    assert summary["drift"][0]["largest"][0]["label"] == "a"


def test_rows_in_no_split_do_not_count(index_of: IndexOf) -> None:
    index = index_of([("x", "a"), ("x", "a", "train"), ("x", "a", "unlabelled")])
    audit = audit_splits(index, index.given)
    assert audit.rows == {"train": 1}
    assert {name for name, found in audit.summary().items() if found} == {"rows"}
