"""Offsets of other units, and spans checked against what a file quotes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus.offsets import (
    Mark,
    OffsetUnit,
    depends_on_unit,
    fits,
    from_code_points,
    located,
    to_code_points,
)
from vocation.errors import DataError

UNITS: tuple[OffsetUnit, ...] = ("code_points", "utf16", "bytes")
TEXT = "胃😀痛 pain"


def counted(text: str, unit: OffsetUnit) -> int:
    """The slow and obvious twin: encode what stands before an offset, and count."""
    if unit == "code_points":
        return len(text)
    return len(text.encode("utf-16-le")) // 2 if unit == "utf16" else len(text.encode())


@pytest.mark.parametrize("unit", UNITS)
@given(text=st.text(st.sampled_from("aé中😀𠮷\n"), max_size=30), data=st.data())
def test_offsets_are_those_of_the_encoded_text_and_come_back(text: str, unit: OffsetUnit, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=6))
    offsets = [counted(text[:place], unit) for place in places]
    assert from_code_points(text, places, unit) == offsets
    assert to_code_points(text, offsets, unit) == places


def test_half_of_a_surrogate_pair_is_one_unit_and_stops_nothing() -> None:
    assert to_code_points("a\ud800b", [2], "utf16") == [2]
    assert to_code_points("a\ud800😀b", [4, 5], "utf16") == [3, 4]


@pytest.mark.parametrize(("unit", "offset"), [("utf16", 2), ("bytes", 1), ("bytes", 5)])
def test_an_offset_inside_a_character_is_refused(unit: OffsetUnit, offset: int) -> None:
    with pytest.raises(ValueError, match="lies inside a character"):
        to_code_points(TEXT, [0, offset], unit)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("offset", [-1, 99])
@pytest.mark.parametrize("text", [TEXT, "ascii"])
def test_an_offset_outside_the_text_is_refused(text: str, unit: OffsetUnit, offset: int) -> None:
    with pytest.raises(ValueError, match=f"offset {offset} lies outside a text of"):
        to_code_points(text, [offset], unit)


@pytest.mark.parametrize(("unit", "start", "end"), [("code_points", 2, 3), ("utf16", 3, 4), ("bytes", 7, 10)])
def test_marks_become_spans_in_code_points(unit: OffsetUnit, start: int, end: int) -> None:
    assert located(TEXT, [Mark(start, end, "S", "痛")], unit) == [{"start": 2, "end": 3, "label": "S"}]
    assert located(TEXT, [Mark(start, end, "S", id="T1")], unit)[0]["id"] == "T1"


@pytest.mark.parametrize(
    ("given_unit", "mark", "remedy"),
    [
        ("code_points", Mark(3, 4, "S", "痛"), "set `offsets: utf16`"),
        ("utf16", Mark(2, 3, "S", "痛"), "set `offsets: code_points`"),
        ("code_points", Mark(7, 10, "S", "痛"), "set `offsets: bytes`"),
    ],
)
def test_offsets_that_fit_in_another_unit_say_so(given_unit: OffsetUnit, mark: Mark, remedy: str) -> None:
    with pytest.raises(DataError) as caught:
        located(TEXT, [mark], given_unit)
    assert remedy in (caught.value.remedy or "")


def test_offsets_that_fit_in_no_unit_show_what_stands_there_and_what_should() -> None:
    with pytest.raises(DataError, match="do not fit the text that the file quotes") as caught:
        located("gastric pain", [Mark(0, 7, "S", "pain")], "code_points")
    assert caught.value.received == "'gastric' at 0:7 in code points"
    assert caught.value.allowed == "'pain'"
    assert "set `offsets:" not in (caught.value.remedy or "")


@pytest.mark.parametrize(
    "mark",
    [
        Mark(0, 99, "S"),
        Mark(-1, 2, "S"),
        Mark(2, 2, "S"),
        Mark(3, 2, "S"),
        Mark("0", 2, "S"),
        Mark(0.0, 2, "S"),
        Mark(True, 2, "S"),
        Mark(0, 2, ""),
        Mark(None, 2, "S"),
    ],
)
def test_a_malformed_span_is_refused_with_what_is_allowed(mark: Mark) -> None:
    with pytest.raises(DataError, match="span") as caught:
        located("gastric pain", [mark], "code_points")
    assert caught.value.allowed
    assert caught.value.remedy


def test_a_text_depends_on_the_unit_when_a_character_needs_more_than_16_bits() -> None:
    assert depends_on_unit(TEXT)
    assert not depends_on_unit("胃痛")
    assert fits(TEXT, [Mark(3, 4, "S", "痛")], "utf16")
    assert not fits(TEXT, [Mark(3, 4, "S", "痛")], "code_points")
    assert not fits(TEXT, [Mark(0, 99, "S")], "utf16")
