"""JSON with equal names in one object, and with numbers of thousands of digits."""

from __future__ import annotations

import json
import sys
from json import JSONDecodeError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus.json_values import decode, decode_at
from vocation.errors import DataError

DIGITS = "9" * (sys.get_int_max_str_digits() + 1)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(value=VALUES, before=st.text(max_size=3), after=st.sampled_from(["", ",", " ]"]))
def test_sound_json_is_what_the_standard_library_reads(value: object, before: str, after: str) -> None:
    text = json.dumps(value)
    assert decode(f" {text}\n") == json.loads(text)
    assert decode_at(before + text + after, len(before)) == (value, len(before + text), None)


@pytest.mark.parametrize(
    ("text", "problem", "lenient"),
    [
        ('{"a": 1, "b": 2, "a": 3}', "A name stands twice", {"a": "3", "b": "2"}),
        ('[{"x": {"a": null, "\\u0061": 0}}]', "A name stands twice", [{"x": {"a": "0"}}]),
        (f'{{"a": {DIGITS}}}', "too many digits", {"a": DIGITS}),
        (f"-{DIGITS}", "too many digits", f"-{DIGITS}"),
    ],
)
def test_what_is_json_and_cannot_be_read_for_certain_is_refused_and_passed_over(
    text: str, problem: str, lenient: object
) -> None:
    with pytest.raises(DataError, match=problem) as caught:
        decode(text)
    assert caught.value.remedy
    value, end, fault = decode_at(f"[{text}, 1]", 1)
    assert (value, end) == (lenient, len(text) + 1)
    assert fault is not None
    assert problem in fault.problem


def test_equal_names_in_two_objects_and_long_fractions_are_sound() -> None:
    assert decode('{"a": {"b": 1}, "b": [{"b": 1}, {"b": 2}]}') == {"a": {"b": 1}, "b": [{"b": 1}, {"b": 2}]}
    assert decode(f"0.{DIGITS}") == 1.0


def test_what_is_shown_of_a_name_is_short() -> None:
    name = "x" * 500
    with pytest.raises(DataError) as caught:
        decode(f'{{"{name}": 1, "{name}": 2}}')
    assert len(caught.value.received or "") == 60


@pytest.mark.parametrize("text", ["", "{", '{"a": 1, "a": ', f"[{DIGITS}", "[1,]"])
def test_what_is_no_json_is_told_from_what_is(text: str) -> None:
    with pytest.raises(JSONDecodeError):
        decode_at(text, 0)
