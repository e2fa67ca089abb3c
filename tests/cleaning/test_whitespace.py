"""The step `whitespace`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.cleaning.whitespace import Whitespace
from vocation.text import Span, Text


@pytest.mark.parametrize(
    ("content", "kept", "folded"),
    [
        ("  a  b\t\tc ", "a b c", "a b c"),
        ("a \n b", "a\nb", "a b"),
        ("a\n\n\n\n b", "a\n\nb", "a b"),
        ("a\r\n\r\nb", "a\n\nb", "a b"),
        ("\n\na\n", "a", "a"),
        ("中\u3000\u3000文", "中 文", "中 文"),
        (" \n ", "", ""),
    ],
)
def test_runs_become_one(content: str, kept: str, folded: str) -> None:
    assert Whitespace()(Text(content)).content == kept
    assert Whitespace(newlines="space")(Text(content)).content == folded


@pytest.mark.parametrize(
    ("span", "covered"),
    [
        (Span(0, 4, "X"), "foo"),  # ends inside the run
        (Span(4, 9, "X"), "bar"),  # begins inside it
        (Span(0, 9, "X"), "foo bar"),  # holds it
        (Span(0, 6, "X"), "foo "),  # ends behind it
    ],
)
def test_a_span_that_ends_inside_a_run_keeps_its_words(span: Span, covered: str) -> None:
    text = Whitespace()(Text("foo   bar", (span,)))
    assert text.content == "foo bar"
    assert text.cut == ()
    moved = text.spans[0]
    assert text.content[moved.start : moved.end] == covered


def test_two_spans_that_share_a_run_both_keep_their_words() -> None:
    text = Whitespace()(Text("foo    bar", (Span(0, 5, "A"), Span(5, 10, "B"))))
    assert text.content == "foo bar"
    assert sorted(text.content[span.start : span.end].strip() for span in text.spans) == ["bar", "foo"]


def test_a_span_of_space_alone_is_reported_as_cut() -> None:
    assert Whitespace()(Text("a   b", (Span(2, 3, "X"),))).cut == (Span(2, 3, "X"),)


@given(st.text("ab \t\n\r\u3000", max_size=30), st.data())
def test_a_span_with_words_always_survives_with_these_words(content: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    if content[start:end].strip():
        text = Whitespace()(Text(content, (Span(start, end, "X"),)))
        assert text.cut == ()
        moved = text.spans[0]
        assert text.content[moved.start : moved.end].split() == content[start:end].split()
