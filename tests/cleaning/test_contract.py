"""What the steps of the default chain promise."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.cleaning import CleaningStep, Drop, clean
from vocation.cleaning.minimum_length import MinimumLength
from vocation.cleaning.unicode import Unicode
from vocation.cleaning.whitespace import Whitespace
from vocation.component import kinds
from vocation.text import Span, Text

STEPS = [
    Unicode(),
    Unicode(fullwidth_punctuation="ascii"),
    Whitespace(),
    Whitespace(newlines="space"),
    MinimumLength(characters=3),
]
CHARACTERS = "aé中 \t\n\r\u00a0\u3000\u200b\u200d\ufeff\u0301Ａ，ｶﾞﬁ⼀\uf900👩\u0915\u094d\ud800\x07가\u1112\u1161"


@st.composite
def texts(draw: st.DrawFn) -> Text:
    content = draw(st.text(st.one_of(st.sampled_from(CHARACTERS), st.characters()), max_size=25))
    pairs = draw(st.lists(st.tuples(st.integers(0, len(content)), st.integers(0, len(content))), max_size=3))
    return Text(content, tuple(Span(*pair, "X") for pair in pairs if pair[0] < pair[1]))


def test_every_step_of_the_family_has_tests_of_its_laws() -> None:
    """Those of the default chain here, the others in the files that say which laws hold for them."""
    files = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    for kind in kinds("vocation.cleaning"):
        assert any(f"from vocation.cleaning.{kind} import" in content for content in files), kind


@pytest.mark.parametrize("step", STEPS, ids=str)
@given(text=texts())
def test_a_second_time_changes_nothing(step: CleaningStep, text: Text) -> None:
    once = step(text)
    if isinstance(once, Text):
        twice = step(once)
        assert isinstance(twice, Text)
        assert twice.content == once.content


@pytest.mark.parametrize("step", STEPS, ids=str)
@given(text=texts())
def test_no_span_is_lost_without_being_reported(step: CleaningStep, text: Text) -> None:
    cleaned = step(text)
    if isinstance(cleaned, Text):
        assert len(cleaned.spans) + len(cleaned.cut) == len(text.spans)


@pytest.mark.parametrize("step", STEPS, ids=str)
@given(text=texts())
def test_a_span_that_survives_covers_what_cleaning_its_own_text_gives(step: CleaningStep, text: Text) -> None:
    for span in text.spans:
        cleaned = step(Text(text.content, (span,)))
        if isinstance(cleaned, Text) and cleaned.spans:
            moved = cleaned.spans[0]
            alone = step(Text(text.content[span.start : span.end]))
            covered = Text(cleaned.content[moved.start : moved.end])
            again = step(covered)
            assert isinstance(alone, Drop) == isinstance(again, Drop)
            if isinstance(alone, Text) and isinstance(again, Text):
                assert _letters(again.content) == _letters(alone.content)


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_steps_are_picklable_and_plain_ascii_passes_untouched(step: CleaningStep) -> None:
    text = Text("Two plain words", (Span(4, 9, "X"),))
    assert pickle.loads(pickle.dumps(step)) == step
    assert step(text) is text


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_only_steps_that_drop_nothing_run_at_prediction(step: CleaningStep) -> None:
    assert isinstance(step(Text("")), Drop) != step.at_prediction


def test_a_text_at_prediction_goes_through_the_steps_in_order() -> None:
    text = clean(Text("Ａ\u3000 Ｂ", (Span(3, 4, "X"),)), [Unicode(), Whitespace()])
    assert (text.content, text.spans) == ("A B", (Span(2, 3, "X"),))


def test_a_step_that_drops_at_prediction_is_refused() -> None:
    with pytest.raises(TypeError, match="the step minimum_length drops or divides texts"):
        clean(Text(""), [Unicode(), MinimumLength()])


def _letters(content: str) -> str:
    """Without what depends on the neighbours outside the span: white space and joiners."""
    return "".join(character for character in content if not character.isspace() and character not in "\u200c\u200d")
