"""Text: spans survive every edit, or are reported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.text import Edit, Span, Text, is_quoted


@st.composite
def texts_with_edits(draw: st.DrawFn) -> tuple[Text, list[Edit]]:
    content = draw(st.text("ab 中文\n", max_size=30))
    size = len(content)
    bounds = st.tuples(st.integers(0, size), st.integers(0, size)).map(lambda pair: (min(pair), max(pair)))
    spans = [Span(*pair, "X") for pair in draw(st.lists(bounds, max_size=4)) if pair[0] < pair[1]]
    edits, position = [], 0
    for start, end in sorted(draw(st.lists(bounds, max_size=4))):
        if start >= position:
            edits.append(Edit(start, end, draw(st.text("xy", max_size=3))))
            position = end
    return Text(content, tuple(spans)), edits


@given(texts_with_edits())
def test_content_is_what_replacing_from_the_back_gives(case: tuple[Text, list[Edit]]) -> None:
    text, edits = case
    expected = text.content
    for start, end, new in reversed(edits):
        expected = expected[:start] + new + expected[end:]
    assert text.edit(edits).content == expected


@given(texts_with_edits())
def test_every_span_survives_or_is_reported_as_cut(case: tuple[Text, list[Edit]]) -> None:
    text, edits = case
    edited = text.edit(edits)
    assert len(edited.spans) + len(edited.cut) == len(text.spans)
    assert set(edited.cut) <= set(text.spans)


@given(texts_with_edits())
def test_a_surviving_span_covers_its_own_text_with_the_edits_inside_it(case: tuple[Text, list[Edit]]) -> None:
    text, edits = case
    for span in text.spans:
        edited = Text(text.content, (span,)).edit(edits)
        if edited.spans:
            covered = text.content[span.start : span.end]
            changing = [edit for edit in edits if text.content[edit.start : edit.end] != edit.new]
            for edit in reversed(changing):
                inside = edit.start >= span.start and edit.end <= span.end
                at_a_bound = edit.start == edit.end and edit.start in (span.start, span.end)
                if inside and not at_a_bound:
                    start, end = edit.start - span.start, edit.end - span.start
                    covered = covered[:start] + edit.new + covered[end:]
            moved = edited.spans[0]
            assert edited.content[moved.start : moved.end] == covered


@given(texts_with_edits(), texts_with_edits(), st.data())
def test_source_span_equals_following_every_character_back(
    case: tuple[Text, list[Edit]], more: tuple[Text, list[Edit]], data: st.DataObject
) -> None:
    """A slow twin: each character of the edited text carries the range that it came from."""
    text, edits = case
    origins = [(place, place + 1) for place in range(len(text.content))]
    edited = text
    for batch in (edits, [edit for edit in more[1] if edit.end <= len(text.edit(edits).content)]):
        changing = [edit for edit in batch if edited.content[edit.start : edit.end] != edit.new]
        for start, end, new in reversed(changing):
            if start == end:
                before = origins[start][0] if start < len(origins) else (origins[-1][1] if origins else 0)
                origin = (before, before)
            else:
                origin = (origins[start][0], origins[end - 1][1])
            origins[start:end] = [origin] * len(new)
        edited = edited.edit(changing)
    assert len(origins) == len(edited.content)
    if origins and not any(edit.start == edit.end for batch in edited.history for edit in batch):
        start = data.draw(st.integers(0, len(origins) - 1))
        end = data.draw(st.integers(start + 1, len(origins)))
        assert edited.source_span(start, end) == (origins[start][0], origins[end - 1][1])


def test_source_span_of_an_insertion_is_the_place_where_it_was_made() -> None:
    edited = Text("ab").replace(1, 1, "xyz")
    assert edited.source_span(1, 4) == (1, 1)
    assert edited.source_span(0, 2) == (0, 1)
    assert edited.source_span(3, 5) == (1, 2)


def test_replacement_moves_the_spans_behind_it_and_grows_the_span_around_it() -> None:
    text = Text("a colour film", (Span(2, 8, "WORD"), Span(9, 13, "NOUN")))
    edited = text.replace(6, 8, "r")
    assert edited.content == "a color film"
    assert edited.spans == (Span(2, 7, "WORD"), Span(8, 12, "NOUN"))
    assert edited.source_span(8, 12) == (9, 13)


def test_an_edit_across_a_bound_cuts_the_span_and_reports_it() -> None:
    text = Text("New York City", (Span(0, 8, "PLACE"),))
    edited = text.replace(4, 13, "Delhi")
    assert edited.spans == ()
    assert edited.cut == (Span(0, 8, "PLACE"),)


def test_an_edit_that_empties_a_span_cuts_it() -> None:
    assert Text("a b", (Span(2, 3, "X"),)).replace(2, 3, "").cut == (Span(2, 3, "X"),)


def test_insertions_at_a_spans_bounds_stay_outside() -> None:
    text = Text("ab", (Span(0, 2, "X"),))
    edited = text.edit([Edit(0, 0, "<"), Edit(2, 2, ">")])
    assert edited.content == "<ab>"
    assert edited.spans == (Span(1, 3, "X"),)


def test_an_edit_that_changes_nothing_leaves_the_text_itself() -> None:
    text = Text("same")
    assert text.edit([Edit(0, 2, "sa")]) is text


def test_spans_are_sorted_on_the_way_in() -> None:
    assert Text("abc", (Span(1, 2, "B"), Span(0, 1, "A"))).spans == (Span(0, 1, "A"), Span(1, 2, "B"))


@pytest.mark.parametrize("span", [Span(0, 0, "X"), Span(-1, 1, "X"), Span(2, 4, "X")])
def test_a_span_outside_the_text_is_refused(span: Span) -> None:
    with pytest.raises(ValueError, match="is not inside a text of 3 characters"):
        Text("abc", (span,))


@pytest.mark.parametrize(
    "edits", [[Edit(0, 2, "x"), Edit(1, 3, "y")], [Edit(2, 3, "x"), Edit(0, 1, "y")], [Edit(2, 9, "")]]
)
def test_edits_that_overlap_or_leave_the_text_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="overlaps another or lies outside"):
        Text("abc", ()).edit(edits)


@given(texts_with_edits(), st.data())
def test_a_protected_range_stays_as_it_is_and_all_other_edits_happen(
    case: tuple[Text, list[Edit]], data: st.DataObject
) -> None:
    text, edits = case
    if not text.content:
        return
    start = data.draw(st.integers(0, len(text.content) - 1))
    end = data.draw(st.integers(start + 1, len(text.content)))
    protected = text.protect([(start, end)])
    allowed = [edit for edit in edits if edit.end <= start or edit.start >= end]
    edited = protected.edit(edits)
    assert edited == text.edit(allowed)
    (low, high) = edited.protected[0]
    assert edited.content[low:high] == text.content[start:end]


def test_protected_ranges_that_touch_become_one_and_those_outside_are_refused() -> None:
    assert Text("abcdef").protect([(3, 5), (0, 2)]).protect([(2, 3)]).protected == ((0, 5),)
    with pytest.raises(ValueError, match="range 2:9 is not inside a text of 3 characters"):
        Text("abc").protect([(2, 9)])


def slow_part(text: Text, start: int, end: int) -> Text:
    """A slow twin of one part: what lies outside it is removed by an edit."""
    size = len(text.content)
    inside = tuple(span for span in text.spans if start <= span.start and span.end <= end)
    clipped = [(max(low, start), min(high, end)) for low, high in text.protected]
    whole = Text(text.content, inside, text.cut, text.history).edit([Edit(0, start, ""), Edit(end, size, "")])
    return whole.protect((low - start, high - start) for low, high in clipped if low < high)


@st.composite
def texts_with_bounds(draw: st.DrawFn) -> tuple[Text, list[tuple[int, int]]]:
    text, edits = draw(texts_with_edits())
    text = text.edit(edits)
    size = len(text.content)
    pairs = st.lists(st.tuples(st.integers(0, size), st.integers(0, size)).map(lambda pair: (min(pair), max(pair))))
    return text.protect(pair for pair in draw(pairs) if pair[0] < pair[1]), draw(pairs)


@given(texts_with_bounds())
def test_parts_are_what_removing_all_else_leaves(case: tuple[Text, list[tuple[int, int]]]) -> None:
    text, bounds = case
    crossed = [
        any(span.start < bound < span.end for span in text.spans for bound in (start, end)) for start, end in bounds
    ]
    if any(crossed):
        with pytest.raises(ValueError, match="cuts through the span"):
            text.parts(bounds)
    sound = [pair for pair, crosses in zip(bounds, crossed, strict=True) if not crosses]
    for part, (start, end) in zip(text.parts(sound), sound, strict=True):
        expected = slow_part(text, start, end)
        assert part == expected
        assert (part.history, part.protected) == (expected.history, expected.protected)


@given(texts_with_edits(), st.data())
def test_a_part_has_its_spans_and_knows_where_they_stood(case: tuple[Text, list[Edit]], data: st.DataObject) -> None:
    text, _ = case
    start = data.draw(st.integers(0, len(text.content)))
    end = data.draw(st.integers(start, len(text.content)))
    inside = tuple(span for span in text.spans if start <= span.start and span.end <= end)
    (part,) = Text(text.content, inside).parts([(start, end)])
    assert part.cut == ()
    assert [part.content[s.start : s.end] for s in part.spans] == [text.content[s.start : s.end] for s in inside]
    assert all(part.source_span(s.start, s.end) == (o.start, o.end) for s, o in zip(part.spans, inside, strict=True))


def test_a_part_keeps_what_of_a_protected_range_lies_in_it() -> None:
    (part,) = Text("abcdef").protect([(1, 4)]).parts([(2, 6)])
    assert part.protected == ((0, 2),)


def test_a_part_outside_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="part 2:4 is not inside a text of 3 characters"):
        Text("abc").parts([(0, 1), (2, 4)])


class Counting(tuple[Span, ...]):
    """Spans that count how many of them are looked at, one by one or as part of a slice."""

    looks = 0

    def __iter__(self) -> Iterator[Span]:
        Counting.looks += len(self)
        return super().__iter__()

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        Counting.looks += len(found) if isinstance(place, slice) else 1
        return found


def test_many_parts_do_not_look_at_every_span_again() -> None:
    count = 1000
    text = Text("ab " * count, tuple(Span(3 * place, 3 * place + 2, "X") for place in range(count)))
    object.__setattr__(text, "spans", Counting(text.spans))
    Counting.looks = 0
    parts = text.parts((3 * place, 3 * place + 2) for place in range(count))
    assert all(part.spans == (Span(0, 2, "X"),) for part in parts)
    assert Counting.looks <= 4 * count


def test_a_quotation_may_write_line_ends_in_its_own_way_and_nothing_else() -> None:
    assert is_quoted("a\r\nb", "a\\nb")
    assert is_quoted("a\nb", "a b")
    assert not is_quoted("a  b", "a b")
    assert not is_quoted(" ab", "ab")
