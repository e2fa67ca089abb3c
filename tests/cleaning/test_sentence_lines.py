"""The step `sentence_lines`."""

from __future__ import annotations

from vocation.cleaning.sentence_lines import SentenceLines
from vocation.text import Span, Text


def test_every_sentence_gets_a_line_and_spans_move_with_it() -> None:
    text = SentenceLines()(Text("Fever.  A cough. 他来了。他走了。", (Span(8, 15, "X"),)))
    assert text.content == "Fever.\nA cough.\n他来了。\n他走了。"
    assert text.spans == (Span(7, 14, "X"),)


def test_lines_that_stand_already_stay() -> None:
    text = Text("One.\n\nTwo.\nThree")
    assert SentenceLines()(text) is text


def test_wrapped_lines_are_joined_on_demand() -> None:
    text = Text("The text\ngoes on. 患者\n入院。\n\nNext")
    assert SentenceLines(wrapped_lines=True)(text).content == "The text goes on.\n患者入院。\n\nNext"


def test_a_span_that_is_nothing_but_a_line_end_is_not_lost() -> None:
    text = Text("、\n、", (Span(1, 2, "X"),))
    assert SentenceLines(wrapped_lines=True)(text) == Text("、 、", (Span(1, 2, "X"),))
