"""The index: equal texts, groups and labels as numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from vocation.corpus.index import UNSPLIT, Index, rows_in_common, text_key
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


def test_an_empty_index_has_no_rows(index_of: IndexOf) -> None:
    index = index_of([])
    assert len(index) == 0
    assert list(rows_in_common(index.text)) == []


def test_rows_in_common_are_those_of_every_repeated_number() -> None:
    numbers = np.array([3, 0, 3, 1, 0, 3, 2])
    assert [rows.tolist() for rows in rows_in_common(numbers)] == [[1, 4], [0, 2, 5]]
