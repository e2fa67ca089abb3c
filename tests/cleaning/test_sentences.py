"""The step `sentences`."""

from __future__ import annotations

from vocation.cleaning import Pieces
from vocation.cleaning.sentences import Sentences
from vocation.text import Span, Text


def pieces(text: Text, step: Sentences | None = None) -> list[str]:
    divided = (step or Sentences())(text)
    assert isinstance(divided, Pieces)
    return [piece.content for piece in divided.texts]


def test_every_sentence_becomes_a_piece() -> None:
    assert pieces(Text("Dr. A. Smith came. He left.")) == ["Dr. A. Smith came.", "He left."]
    assert pieces(Text("他来了。\n他走了！")) == ["他来了。", "他走了！"]


def test_spans_go_with_their_sentence() -> None:
    divided = Sentences()(Text("Fever. Bad cough.", (Span(0, 5, "A"), Span(11, 16, "B"))))
    assert isinstance(divided, Pieces)
    assert [piece.spans for piece in divided.texts] == [(Span(0, 5, "A"),), (Span(4, 9, "B"),)]


def test_a_span_keeps_its_sentences_together() -> None:
    text = Text("One. Two. Three.", (Span(0, 8, "A"),))
    assert pieces(text) == ["One. Two.", "Three."]


def test_a_protected_term_is_not_divided() -> None:
    text = Text("He asked Yahoo! Answers about it. Then he left.")
    assert len(pieces(text)) == 3
    (protected, last) = pieces(text.protect([(9, 23)]))
    assert (protected, last) == ("He asked Yahoo! Answers about it.", "Then he left.")


def test_one_sentence_stays_as_it_is() -> None:
    text = Text(" One alone. ")
    assert Sentences()(text) is text


def test_wrapped_lines_are_one_sentence_on_demand() -> None:
    text = Text("One goes\non here. Two.")
    assert pieces(text) == ["One goes", "on here.", "Two."]
    assert pieces(text, Sentences(wrapped_lines=True)) == ["One goes\non here.", "Two."]
