"""The texts inside rows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.deidentification.row_texts import texts_of, with_texts
from vocation.errors import DataError

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def test_strings_at_any_depth_and_long_numbers_are_texts() -> None:
    fields = {"a": "x", "n": 13800138000, "age": 45, "messages": [{"role": "user", "content": "hi"}], "ok": True}
    assert [(place, text.content) for place, text in texts_of(fields)] == [
        (("a",), "x"),
        (("n",), "13800138000"),
        (("messages", 0, "content"), "hi"),
    ]


def test_spans_and_answers_move_with_their_text() -> None:
    fields = {
        "text": "Ann ill",
        "spans": [{"start": 4, "end": 7, "label": "S", "by": "me"}],
        "context": "Bob ill",
        "answers": [{"text": "ill", "start": 4}],
    }
    new = {place: text.replace(0, 3, "[PERSON]") for place, text in texts_of(fields)}
    assert with_texts(fields, new) == {
        "text": "[PERSON] ill",
        "spans": [{"start": 9, "end": 12, "label": "S", "by": "me"}],
        "context": "[PERSON] ill",
        "answers": [{"text": "ill", "start": 9}],
    }


def test_spans_that_are_lists_move_and_stay_lists() -> None:
    fields = {"text": "Ann ill, Ann", "spans": [[4, 7, "S"], (9, 12, "P")], "n": 1}
    new = {place: text.replace(0, 3, "[PERSON]") for place, text in texts_of(fields)}
    assert with_texts(fields, new) == {"text": "[PERSON] ill, Ann", "spans": [[9, 12, "S"], [14, 17, "P"]], "n": 1}


@pytest.mark.parametrize(
    ("span", "received"),
    [
        ([0, 3], "[0, 3]"),
        ("Ann", "'Ann'"),
        ({"begin": 0, "end": 3}, "a mapping with begin, end"),
        ({"start": 0}, "a mapping with start"),
        (["a", 3, "P"], "invalid literal for int() with base 10: 'a'"),
    ],
)
def test_spans_of_another_form_are_refused_with_what_they_are(span: Any, received: str) -> None:
    with pytest.raises(DataError, match="does not lie in its text") as caught:
        texts_of({"text": "Ann ill", "spans": [span]})
    assert (caught.value.received, caught.value.column) == (received, "spans")
    assert caught.value.remedy


def test_columns_choose_and_a_wrong_span_is_refused() -> None:
    fields: dict[str, Any] = {"text": "Ann", "other": "Bob", "spans": [{"start": 2, "end": 9, "label": "S"}]}
    assert [place for place, _ in texts_of(fields, ("other",))] == [("other",)]
    with pytest.raises(DataError, match="does not lie in its text"):
        texts_of(fields)


@given(st.dictionaries(st.text(max_size=4).filter(lambda name: name not in ("text", "context")), _VALUES, max_size=4))
def test_a_row_whose_texts_do_not_change_is_the_same_row(fields: dict[str, Any]) -> None:
    assert with_texts(fields, dict(texts_of(fields))) == fields
