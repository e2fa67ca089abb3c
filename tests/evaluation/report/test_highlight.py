from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vocation.evaluation.report.highlight import SIGNS, Tag, Window, pieces, side, window
from vocation.evaluation.span_errors import CATEGORIES
from vocation.text import Span

CONTENT = "口服阿司匹林 for gastric cancer"
WHOLE = Window(0, len(CONTENT), 0, 0)


def test_pieces_carry_style_and_tags() -> None:
    spans = [(Span(2, 6, "药物"), "correct"), (Span(11, 25, "Disease"), "wrong boundary")]
    found = pieces(CONTENT, spans, WHOLE)
    assert [(piece.text, piece.style) for piece in found] == [
        ("口服", ""),
        ("阿司匹林", "correct"),
        (" for ", ""),
        ("gastric cancer", "wrong-boundary"),
    ]
    assert found[3].tags == (Tag("Disease", "wrong boundary"),)
    assert (found[3].tags[0].sign, found[3].tags[0].name) == ("↔", "wrong-boundary")


def test_overlapping_spans_each_end_with_their_tag() -> None:
    found = pieces(CONTENT, [(Span(2, 6, "outer"), "missed"), (Span(4, 6, "inner"), "correct")], WHOLE)
    assert [(piece.text, piece.style, [tag.label for tag in piece.tags]) for piece in found[1:3]] == [
        ("阿司", "missed", []),
        ("匹林", "correct", ["outer", "inner"]),
    ]


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 5), st.sampled_from(CATEGORIES)), max_size=6))
def test_pieces_join_to_the_text_and_every_span_has_one_tag(raw: list[tuple[int, int, str]]) -> None:
    spans = [(Span(start, start + size, str(index)), category) for index, (start, size, category) in enumerate(raw)]
    found = pieces(CONTENT, spans, WHOLE)
    assert "".join(piece.text for piece in found) == CONTENT
    assert sorted(tag.label for piece in found for tag in piece.tags) == sorted(span.label for span, _ in spans)


def test_a_long_text_is_shown_around_its_first_mistake() -> None:
    content = "x" * 5000
    shown = window(content, [3000, 4000], size=400)
    assert (shown.start, shown.end, shown.before, shown.after) == (2900, 3300, 2900, 1700)
    assert window(content, [4999], size=400) == Window(4600, 5000, 4600, 0)
    assert window("short", [2], size=400) == Window(0, 5, 0, 0)
    found = pieces(content, [(Span(3000, 3010, "in"), "missed"), (Span(3290, 3310, "out"), "missed")], shown)
    assert [tag.label for piece in found for tag in piece.tags] == ["in", "out"]
    assert [piece.text for piece in found if piece.style] == ["x" * 10, "x" * 10]  # The second is cut at the edge.
    assert sum(len(piece.text) for piece in found) == 400


def test_the_sides_of_a_mistake_know_their_categories() -> None:
    entry = {
        "gold": [[0, 2, "A"], [3, 5, "B"]],
        "predicted": [[0, 2, "A"], [3, 6, "B"]],
        "errors": [{"category": "wrong boundary", "gold": [3, 5, "B"], "predicted": [3, 6, "B"]}],
    }
    assert side(entry, "gold") == [(Span(0, 2, "A"), "correct"), (Span(3, 5, "B"), "wrong boundary")]
    assert side(entry, "predicted")[1] == (Span(3, 6, "B"), "wrong boundary")


def test_every_category_has_its_own_sign() -> None:
    assert set(SIGNS) == set(CATEGORIES)
    assert len(set(SIGNS.values())) == len(SIGNS)
