"""The step `case`."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from vocation.cleaning.case import Case
from vocation.text import Span, Text


def test_letters_become_small() -> None:
    assert Case()(Text("Aspirin IST Gut")).content == "aspirin ist gut"
    assert Case()(Text("ÄRZTE ΟΔΟΣ")).content == "ärzte οδος"


def test_folding_makes_words_equal_that_differ_in_case_alone() -> None:
    fold = Case(form="fold")
    assert fold(Text("Straße ΟΔΟΣ ﬁn")).content == fold(Text("STRASSE οδοσ FIN")).content == "strasse οδοσ fin"


def test_spans_grow_with_letters_that_become_longer() -> None:
    text = Case()(Text("in İstanbul, AB", (Span(3, 11, "CITY"), Span(13, 14, "A"))))
    assert [text.content[span.start : span.end] for span in text.spans] == ["i̇stanbul", "a"]


def test_the_capital_i_with_a_dot_is_the_only_letter_whose_small_form_is_longer() -> None:
    """Upon which the step relies: with it gone, small letters stand where the capitals stood."""
    longer = [character for character in map(chr, range(sys.maxunicode + 1)) if len(character.lower()) > 1]
    assert longer == ["İ"]


@given(st.text())
def test_the_result_is_what_python_gives(content: str) -> None:
    assert Case()(Text(content)).content == content.lower().replace("i̇", "i̇")
    assert Case(form="fold")(Text(content)).content == content.casefold()
