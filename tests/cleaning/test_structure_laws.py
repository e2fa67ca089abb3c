"""What the steps of structure, terms and quality promise together, for every text."""

from __future__ import annotations

import pickle
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.cleaning import CleaningStep, Drop, Pieces
from vocation.cleaning.boilerplate import Boilerplate
from vocation.cleaning.drop_matching import DropMatching
from vocation.cleaning.language import Language
from vocation.cleaning.maximum_length import MaximumLength
from vocation.cleaning.repetition import Repetition
from vocation.cleaning.sentence_lines import SentenceLines
from vocation.cleaning.sentences import Sentences
from vocation.cleaning.separators import Separators
from vocation.cleaning.stop_words import StopWords
from vocation.cleaning.symbol_ratio import SymbolRatio
from vocation.cleaning.terms import Terms
from vocation.language.dictionary import Term
from vocation.text import Span, Text

TERMS = (
    Term(term="a1", action="unify", replacement="b a1 c"),
    Term(term="中", action="expand", replacement="中文"),
    Term(term="B."),
)
EDITING: list[CleaningStep] = [
    SentenceLines(),
    SentenceLines(wrapped_lines=True),
    Separators(),
    Separators(bullets="remove", numbers="chinese"),
    Separators(bullets="keep", numbers="ascii", clause_lines=False),
    Terms(terms=TERMS),
    Terms(abbreviations="medical", ignore_case=True),
]
OTHERS: list[CleaningStep] = [
    Sentences(),
    StopWords(),
    Boilerplate(),
    MaximumLength(),
    SymbolRatio(),
    Repetition(),
    Language(),
    DropMatching(patterns=("a+b",)),
]
CHARACTERS = "aB1.中 \n。；：:①（一)(2)、•-*“”第条的H₂OCTİ"


@st.composite
def texts(draw: st.DrawFn) -> Text:
    content = draw(st.text(st.sampled_from(CHARACTERS), max_size=30))
    pairs = draw(st.lists(st.tuples(st.integers(0, len(content)), st.integers(0, len(content))), max_size=3))
    return Text(content, tuple(Span(*pair, "X") for pair in pairs if pair[0] < pair[1]))


@pytest.mark.parametrize("step", EDITING, ids=str)
@given(text=texts())
def test_a_second_time_changes_nothing(step: CleaningStep, text: Text) -> None:
    once = step(text)
    assert isinstance(once, Text)
    again = step(once)
    assert isinstance(again, Text)
    assert again.content == once.content


@pytest.mark.parametrize("step", [*EDITING, StopWords()], ids=str)
@given(text=texts())
def test_no_span_is_ever_cut(step: CleaningStep, text: Text) -> None:
    cleaned = step(text)
    assert isinstance(cleaned, Text)
    assert cleaned.cut == ()
    assert len(cleaned.spans) == len(text.spans)


@pytest.mark.parametrize("step", [Separators(numbers="ascii"), StopWords(), SentenceLines()], ids=str)
@given(text=texts())
def test_a_span_covers_what_it_covered(step: CleaningStep, text: Text) -> None:
    cleaned = step(text)
    assert isinstance(cleaned, Text)
    before = sorted(text.content[span.start : span.end] for span in text.spans)
    assert sorted(cleaned.content[span.start : span.end] for span in cleaned.spans) == before


@pytest.mark.parametrize(
    "step", [Separators(numbers="ascii"), StopWords(), SentenceLines(), Terms(terms=TERMS)], ids=str
)
@given(text=texts())
def test_a_protected_text_stays_as_it_is(step: CleaningStep, text: Text) -> None:
    if text.content:
        protected = text.protect([(0, len(text.content))])
        cleaned = step(protected)
        assert isinstance(cleaned, Text)
        assert cleaned.content.replace("\n", "") == text.content.replace("\n", "")


@given(text=texts())
def test_pieces_hold_every_word_and_every_span(text: Text) -> None:
    divided = Sentences()(text)
    pieces = divided.texts if isinstance(divided, Pieces) else (divided,)
    assert "".join("".join(piece.content.split()) for piece in pieces) == "".join(text.content.split())
    found = Counter(piece.content[span.start : span.end] for piece in pieces for span in piece.spans)
    assert found == Counter(text.content[span.start : span.end] for span in text.spans)
    for piece in pieces:
        for span in piece.spans:
            start, end = piece.source_span(span.start, span.end)
            assert text.content[start:end] == piece.content[span.start : span.end]


@pytest.mark.parametrize("step", [*EDITING, *OTHERS], ids=str)
def test_steps_are_picklable_before_and_after_use(step: CleaningStep) -> None:
    text = Text("Two plain things", (Span(4, 9, "X"),))
    assert pickle.loads(pickle.dumps(step)) == step
    assert step(text) == text
    assert pickle.loads(pickle.dumps(step)) == step


@pytest.mark.parametrize("step", OTHERS, ids=str)
def test_an_empty_text_is_no_trouble(step: CleaningStep) -> None:
    assert step(Text("")) == Text("")


@pytest.mark.parametrize("step", [*EDITING, *OTHERS], ids=str)
def test_what_drops_divides_or_learns_does_not_run_at_prediction(step: CleaningStep) -> None:
    drops = isinstance(step, MaximumLength | SymbolRatio | Repetition | Language | DropMatching)
    assert step.at_prediction != (drops or step.divides or step.learns)


def test_a_drop_has_a_reason_that_is_the_same_for_all() -> None:
    step = MaximumLength(characters=3)
    first, second = step(Text("abcd")), step(Text("abcdefg"))
    assert isinstance(first, Drop)
    assert isinstance(second, Drop)
    assert first.reason == second.reason
    assert first.detail != second.detail
