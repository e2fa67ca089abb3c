"""Equal texts: duplicates, conflicts, overlap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from vocation.corpus.deduplication import Deduplication, DeduplicationSettings, deduplicate, unlabelled_overlap
from vocation.corpus.index import DROPPED, TEST, UNLABELLED, Index
from vocation.errors import DataError

IndexOf = Callable[..., Index]


def run(index: Index, **settings: Any) -> Deduplication:
    return deduplicate(index, DeduplicationSettings(**settings))


def entries(found: Deduplication) -> list[tuple[str, str, int, str]]:
    return [(v.action, v.reason, int(row), v.detail(int(row))) for v in found.verdicts for row in v.rows]


def test_the_first_of_equal_training_rows_stays(index_of: IndexOf) -> None:
    found = run(index_of([("Hi", "a", "train"), ("other", "a"), ("hi ", "a"), ("HI", "a", "train")]))
    assert found.kept.tolist() == [True, True, False, False]
    assert entries(found) == [
        ("dropped", "duplicate", 2, "same text as data.csv:2"),
        ("dropped", "duplicate", 3, "same text as data.csv:2"),
    ]
    assert found.duplicates == {"train": 2, "validation": 0, "test": 0, "unlabelled": 0}


@pytest.mark.parametrize("split", ["validation", "test"])
def test_duplicates_in_a_given_yardstick_stay_and_are_reported(index_of: IndexOf, split: str) -> None:
    found = run(index_of([("hi", "a", split), ("hi", "a", split)]))
    assert found.kept.all()
    assert entries(found) == [("reported", "duplicate in a given split", 1, "same text as data.csv:2")]
    assert found.duplicates[split] == 1


CONFLICT = [("hi", "a"), ("hi", "b"), ("hi", "b"), ("bye", "c")]


def test_conflicting_answers_stay_and_are_reported_with_all_answers(index_of: IndexOf) -> None:
    found = run(index_of(CONFLICT))
    assert found.kept.tolist() == [True, True, False, True]
    both = "a (data.csv:2); b (data.csv:3)"
    assert entries(found) == [
        ("dropped", "duplicate", 2, "same text as data.csv:3"),
        *(("reported", "conflicting answers", row, both) for row in (0, 1, 2)),
    ]
    assert found.summary()["conflicts"] == {"texts": 1, "rows": 3}


def test_conflicting_answers_are_dropped_on_demand_but_not_from_a_yardstick(index_of: IndexOf) -> None:
    found = run(index_of([*CONFLICT, ("x", "a", "test"), ("x", "b", "test")]), conflicts="drop")
    assert found.kept.tolist() == [False, False, False, True, True, True]
    assert found.conflicting_texts == 2


def test_conflicting_answers_are_refused_on_demand(index_of: IndexOf) -> None:
    with pytest.raises(DataError, match=r"data\.csv, row 2: Equal texts have different answers \(1 texts\)") as caught:
        run(index_of(CONFLICT), conflicts="refuse")
    assert caught.value.received == "a (data.csv:2); b (data.csv:3)"


def test_long_labels_are_cut_in_the_message_and_whole_in_the_ledger(index_of: IndexOf) -> None:
    index = index_of([("hi", "x" * 80), ("hi", "b")])
    with pytest.raises(DataError) as caught:
        run(index, conflicts="refuse")
    assert caught.value.received == f"{'x' * 60} (data.csv:2); b (data.csv:3)"
    assert entries(run(index))[0][3] == f"{'x' * 80} (data.csv:2); b (data.csv:3)"


def test_different_spans_of_equal_texts_are_a_conflict(entity_index_of: IndexOf) -> None:
    index = entity_index_of([["A"], ["A"]])
    assert run(index).conflicting_texts == 0
    index.text[:] = 0
    assert run(index).duplicates["train"] == 1
    index = entity_index_of([["A"], ["B"]])
    index.text[:] = 0
    assert run(index).conflicting_texts == 1


OVERLAP = [
    ("t", "a", "train"),
    ("t", "a", "train"),
    ("v", "a"),
    ("v", "a", "validation"),
    ("t", "a", "test"),
    ("v", "a", "test"),
]


def test_overlap_leaves_train_and_then_validation(index_of: IndexOf) -> None:
    found = run(index_of(OVERLAP))
    assert found.kept.tolist() == [False, False, False, False, True, True]
    assert found.summary()["overlap"] == [
        {"between": ["train", "validation"], "texts": 1, "rows": 1, "action": "removed from train"},
        {"between": ["train", "test"], "texts": 2, "rows": 3, "action": "removed from train"},
        {"between": ["validation", "test"], "texts": 1, "rows": 1, "action": "removed from validation"},
    ]
    assert ("dropped", "text stands in two given splits", 0, "same text as data.csv:6") in entries(found)
    assert found.duplicates["train"] == 0


def test_overlap_can_be_reported_alone(index_of: IndexOf) -> None:
    found = run(index_of(OVERLAP), overlap="report")
    assert found.kept.tolist() == [True, False, True, True, True, True]
    assert {o.action for o in found.overlaps} == {"reported"}
    assert ("reported", "text stands in two given splits", 3, "same text as data.csv:7") in entries(found)


def test_overlap_can_be_refused(index_of: IndexOf) -> None:
    with pytest.raises(DataError, match="row 4: 1 texts stand in both train and validation") as caught:
        run(index_of(OVERLAP[2:], first_line=4), overlap="refuse")
    assert "remove_from_train" in str(caught.value)


def test_a_conflict_across_splits_is_reported(index_of: IndexOf) -> None:
    found = run(index_of([("hi", "a", "train"), ("hi", "b", "test")]))
    assert found.conflicting_rows == 2
    assert found.kept.tolist() == [False, True]


def test_unlabelled_rows_repeat_one_another_but_may_repeat_train(index_of: IndexOf) -> None:
    found = run(index_of([("hi", "a"), ("hi", None, "unlabelled"), ("hi", None, "unlabelled")]))
    assert found.kept.tolist() == [True, True, False]
    assert found.conflicting_texts == 0
    assert found.duplicates["unlabelled"] == 1


def test_unlabelled_rows_with_a_held_out_text_go(index_of: IndexOf) -> None:
    index = index_of([("a", "x", "train"), ("b", "x", "test"), ("a", None, "unlabelled"), ("b", None, "unlabelled")])
    (verdict,) = unlabelled_overlap(index, index.given)
    assert verdict.rows.tolist() == [3]
    assert verdict.detail(3) == "same text as data.csv:3 in test"
    made = np.array([TEST, DROPPED, UNLABELLED, UNLABELLED], dtype=np.int8)
    (other,) = unlabelled_overlap(index, made)
    assert other.rows.tolist() == [2]
    assert unlabelled_overlap(index_of([("a", "x"), ("b", None, "unlabelled")]), index.given[[0, 2]]) == []


def test_more_than_ten_answers_are_counted(index_of: IndexOf) -> None:
    found = run(index_of([("hi", f"label {n:02}") for n in range(12)]))
    assert entries(found)[0][3].endswith("label 09 (data.csv:11); and 2 more")
