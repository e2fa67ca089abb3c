"""A quick look at a text never misses what a slow one finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.deidentification.contexts import any_word
from vocation.deidentification.shapes import Shape, any_of, shape_of, small

WORDS = st.sampled_from(["ski", "Skin", "KISS", "病历 id", "病历号", "driver’s license", "driving licence", "no. 1"])
TEXT = st.lists(
    st.sampled_from([*"skiSKI 病历号’.1", "\u0130", "\u0131", "\u212a", "\u017f", "riv", "driv", "licen"]), max_size=12
)


def test_a_shape_has_a_byte_for_every_character() -> None:
    assert shape_of("Ab9 é病😀?") == b"aa0 \xe9???"
    assert len(shape_of("a\udc80😀é")) == 4


@given(st.lists(WORDS, min_size=1, max_size=5), TEXT.map("".join))
def test_where_re_finds_a_word_in_any_case_the_quick_look_finds_one(words: list[str], text: str) -> None:
    ignoring_case = re.search("|".join(map(re.escape, words)), text, re.IGNORECASE)
    needed = any_of(words)
    quick = any(word.encode("ascii") in small(text) if word.isascii() else word in text for word in needed)
    assert quick or not (ignoring_case or re.search(any_word(words), text))


def test_words_are_looked_for_as_few_and_short_ones() -> None:
    assert any_of(("policy number", "Policy No", "policy id", "id")) == ("id", "policy ")
    assert any_of(("患者id", "患者", "病历号", "病历编号")) == ("患者", "病历号", "病历编号")


def test_words_that_are_written_small_in_more_than_one_way_stand_for_any_text() -> None:
    assert any_of(("ΟΔΟΣ", "road")) == ()


@pytest.mark.parametrize(
    ("shape", "plain"), [("0000", True), ("://", True), ("@", True), ("0+", False), (r"\.a", False)]
)
def test_a_plain_shape_is_told_from_an_expression(shape: str, plain: bool) -> None:
    assert Shape(shape).is_plain == plain
