"""Rows that are to be written."""

from __future__ import annotations

from typing import Any

import pytest

from vocation.corpus.written_rows import WrittenSpan, text_and_spans, unwritable
from vocation.errors import DataError


def test_spans_may_be_mappings_or_lists_and_come_ordered() -> None:
    row = {"text": "a pain", "spans": [{"start": 2, "end": 6, "label": "S", "id": 7}, [0, 1, "D"]]}
    assert text_and_spans(row) == ("a pain", [WrittenSpan(0, 1, "D"), WrittenSpan(2, 6, "S", "7")])
    assert text_and_spans({"body": "x"}, "body") == ("x", [])


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"text": None},
        {"text": "a", "spans": "x"},
        {"text": "a", "spans": [3]},
        {"text": "a", "spans": [[0, 1]]},
        {"text": "a", "spans": [[0, 2, "S"]]},
        {"text": "a", "spans": [{"start": 0, "end": 1}]},
    ],
)
def test_a_row_that_cannot_be_written_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(DataError) as caught:
        text_and_spans(row)
    assert caught.value.remedy


def test_what_a_file_cannot_hold_is_told_with_the_row() -> None:
    error = unwritable(UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), "out.conll", 3)
    assert "out.conll, row 3: The row holds half of a surrogate pair" in str(error)
    assert str(unwritable(DataError("no"), "out.conll", 3)) == "out.conll, row 3: no"
