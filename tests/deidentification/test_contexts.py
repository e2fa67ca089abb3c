"""Words beside a number that say what it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.deidentification.contexts import (
    any_word,
    labelled_values,
    listed,
    mentioned,
    named_otherwise,
    preceded,
)

WORDS = listed("病历号|MRN|patient id|claim #")


@pytest.mark.parametrize("text", ["病历号：7", "MRN 7", "mrn: 7", "Patient ID is 7", "claim # 7", "病历号码为 7"])
def test_word_right_before_a_place_names_it(text: str) -> None:
    assert preceded(text, text.index("7"), WORDS)


@pytest.mark.parametrize("text", ["病历号在别处，是 7", "xmrn 7", "mrnx 7", "patient ideas 7", "7"])
def test_word_further_away_or_inside_another_does_not(text: str) -> None:
    assert not preceded(text, text.index("7"), WORDS)


def test_words_within_reach_are_mentioned_before_and_shortly_behind() -> None:
    text = f"MRN{' ' * 30}7{' ' * 5}MRN{' ' * 60}8"
    assert mentioned(text, text.index("7"), text.index("7") + 1, ("mrn",))
    assert mentioned("7  mrn", 0, 1, ("mrn",))
    assert not mentioned(f"7{' ' * 12}mrn", 0, 1, ("mrn",))
    assert not mentioned(text, text.index("8"), text.index("8") + 1, ("mrn",))


@pytest.mark.parametrize("text", ["订单号：7", "快递单号7", "order #7", "Invoice No. 7", "工单编号为7"])
def test_numbers_of_things_are_told_from_those_of_people(text: str) -> None:
    assert named_otherwise(text, text.index("7"))
    assert not named_otherwise("电话：7", 3)


def test_values_end_where_letters_and_digits_end() -> None:
    assert list(labelled_values("MRN A12, mrn B34x MRN: C56", ("mrn",), "[A-Z][0-9]{2}")) == [(4, 7), (23, 26)]


@given(st.lists(st.text("aAbcé病历 #.", min_size=1).map(str.strip).filter(bool), min_size=1, max_size=5), st.data())
def test_any_word_finds_each_of_its_words(words: list[str], data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(words))
    assert re.search(any_word(words), f"、{word}、")
