"""The index: equal texts, groups and labels as numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus.index import UNSPLIT, Index, connected, rows_in_common, text_key, with_clusters
from vocation.records import Record
from vocation.text import Text

IndexOf = Callable[..., Index]


def record(*texts: str) -> Record:
    return Record("a:1", {str(place): Text(text) for place, text in enumerate(texts)})


@pytest.mark.parametrize("other", ["STRASSE  １", " straße\n1", "Straße 1", "strasse\u00a01"])
def test_width_case_and_spacing_do_not_make_a_text_another(other: str) -> None:
    assert text_key(record("Straße 1")) == text_key(record(other))


@pytest.mark.parametrize("other", [("ab",), ("a", "b", ""), ("b", "a"), ("", "ab"), ("a b",)])
def test_other_texts_and_other_places_of_them_have_other_keys(other: tuple[str, ...]) -> None:
    assert text_key(record("a", "b")) != text_key(record(*other))


def test_rows_as_numbers(index_of: IndexOf) -> None:
    index = index_of(
        [("Hi", "b", "train"), ("there", "a", None, "g"), ("HI", "b", "test", "g"), ("new", None, "unlabelled")]
    )
    assert len(index) == 4
    assert index.text[0] == index.text[2] != index.text[1]
    assert index.answer[0] == index.answer[2] != index.answer[1]
    assert index.group.tolist() == [-1, index.group[1], index.group[1], -1]
    assert index.given.tolist() == [0, UNSPLIT, 2, 3]
    assert index.length.tolist() == [2, 5, 2, 3]
    assert index.labels == ("a", "b")
    assert [index.answer_words(row) for row in range(4)] == ["b", "a", "b", "nothing"]
    assert index.label_counts(np.array([True, True, False, True])).tolist() == [1, 1]
    assert index.place(1) == "data.csv:3"


def test_labels_of_entities_are_counted_with_repetitions(entity_index_of: IndexOf) -> None:
    index = entity_index_of([["B", "A", "B"], []])
    assert index.answer_words(0) == "A, B ×2"
    assert index.label_rows().tolist() == [0, 0, 0]


def test_times_are_kept_in_utc_and_rows_without_one_have_none(index_of: IndexOf) -> None:
    index = index_of([("a", "x", None, None, "2023-05-01T08:00:00+08:00"), ("b", "x"), ("c", "x", None, None, "1969")])
    assert index.time.tolist() == [datetime(2023, 5, 1), None, datetime(1969, 1, 1)]  # noqa: DTZ001 (numpy has no zones)
    assert np.isnat(index.time).tolist() == [False, True, False]


def test_clusters_are_equal_texts_until_others_are_given(index_of: IndexOf) -> None:
    index = index_of([("a", "x"), ("A", "y"), ("b", "x"), ("c", "x")])
    assert index.cluster.tolist() == index.text.tolist()
    near = with_clusters(index, np.array([0, 1, 1, 2])).cluster
    assert near[0] == near[1] == near[2] != near[3], "equal texts join the clusters that they stand in"
    assert with_clusters(index, np.array([5, 5, 9, 7])).text.tolist() == index.text.tolist()


@given(st.lists(st.tuples(st.integers(-2, 9), st.integers(-2, 9)), max_size=30))
def test_rows_are_connected_when_a_chain_of_equal_numbers_ties_them(pairs: list[tuple[int, int]]) -> None:
    first, second = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    slow = list(range(len(pairs)))
    for _ in pairs:
        for a, b in combinations(range(len(pairs)), 2):
            if any(pairs[a][side] == pairs[b][side] >= 0 for side in (0, 1)):
                slow[a] = slow[b] = min(slow[a], slow[b])
    found = connected(first, second).tolist()
    assert all((found[a] == found[b]) == (slow[a] == slow[b]) for a, b in combinations(range(len(pairs)), 2))


def test_an_empty_index_has_no_rows(index_of: IndexOf) -> None:
    index = index_of([])
    assert len(index) == 0
    assert list(rows_in_common(index.text)) == []


def test_rows_in_common_are_those_of_every_repeated_number() -> None:
    numbers = np.array([3, 0, 3, 1, 0, 3, 2])
    assert [rows.tolist() for rows in rows_in_common(numbers)] == [[1, 4], [0, 2, 5]]
