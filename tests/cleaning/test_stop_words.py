"""The step `stop_words`."""

from __future__ import annotations

from vocation.cleaning.stop_words import StopWords
from vocation.text import Span, Text


def test_stop_words_go_and_negations_stay() -> None:
    assert StopWords()(Text("The patient has no fever after the surgery")).content == "patient no fever surgery"
    assert StopWords()(Text("我的目的是治疗，但没有发热")).content == "目的治疗，没有发热"
    assert StopWords(keep_negations=False)(Text("no fever, 没有发热")).content == "fever, 发热"


def test_languages_and_words_are_chosen() -> None:
    text = Text("the fever 的 signs")
    assert StopWords(languages=("en",))(text).content == "fever 的 signs"
    assert StopWords(more=("fever",), fewer=("的",))(text).content == "的 signs"


def test_a_word_in_a_span_stays() -> None:
    text = StopWords()(Text("the end of the day", (Span(4, 14, "X"),)))
    assert text.content == "end of the day"
    assert text.spans == (Span(0, 10, "X"),)


def test_it_also_runs_at_prediction() -> None:
    assert StopWords.at_prediction
