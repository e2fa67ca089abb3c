"""Text: a string, and labelled spans of it which survive every edit.

Offsets are Unicode code points, half open: `content[span.start:span.end]` is what a span covers. An edit moves every
span behind it. A span that an edit cuts through is taken out of `spans` and reported in `cut`; it is never silently
shortened. A text also remembers its edits, so that a place found in the edited text can be named in the original one
(`source_span`). Ranges can be protected: later edits leave them as they are.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import NamedTuple

_NEWLINE = re.compile(r"\r\n?|\n|\\n")


class Span(NamedTuple):
    """A labelled part of a text.

    Args:
        start: offset of the first character, in code points.
        end: offset behind the last character.
        label: what the part is.
    """

    start: int
    end: int
    label: str


class Edit(NamedTuple):
    """The replacement of `content[start:end]` by `new`; an insertion when `start == end`."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Text:
    """A string with labelled spans.

    Args:
        content: the string.
        spans: labelled parts, ordered by start, then end; they may nest or overlap.
        cut: spans that an edit destroyed, in the offsets they had just before that edit.
        history: the batches of edits that led here, first to last. Not compared.
        protected: ranges that no edit touches, ordered and apart from one another; see `protect`. Not compared.

    Raises:
        ValueError: a span is empty or lies outside the content.
    """

    content: str
    spans: tuple[Span, ...] = ()
    cut: tuple[Span, ...] = ()
    history: tuple[tuple[Edit, ...], ...] = field(default=(), compare=False, repr=False)
    protected: tuple[tuple[int, int], ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.spans:
            return
        size = len(self.content)
        for span in self.spans:
            if not 0 <= span.start < span.end <= size:
                raise ValueError(
                    f"span {span.start}:{span.end} ({span.label}) is not inside a text of {size} characters"
                )
        if any(earlier[:2] > later[:2] for earlier, later in zip(self.spans, self.spans[1:], strict=False)):
            object.__setattr__(self, "spans", tuple(sorted(self.spans)))

    def replace(self, start: int, end: int, new: str) -> Text:
        """`content[start:end]` replaced by `new`, spans moved; see `edit`."""
        return self.edit([Edit(start, end, new)])

    def edit(self, edits: Iterable[Edit]) -> Text:
        """All edits applied at once, in time linear in the text (plus a binary search for each span).

        What happens to a span [a, b) under the edit of [s, e):
            e <= a              moved by the difference in length (an insertion at `a` stays outside)
            s >= b              unchanged
            a <= s and e <= b   the end moves: the edit happened inside the span, or replaced it whole
            anything else       cut: reported in `cut` and removed from `spans`
        A span that an edit empties is cut as well. Edits that would change a protected range, or insert something
        into one, are left out.

        Args:
            edits: ordered by position and not overlapping, in the offsets of this text. Edits that change nothing
                are left out.

        Raises:
            ValueError: edits overlap, are out of order, or lie outside the text.
        """
        old, pieces, position = self.content, list[str](), 0
        batch = tuple([edit for edit in edits if old[edit[0] : edit[1]] != edit[2]])
        if self.protected:
            batch = _allowed(batch, self.protected)
        if not batch:
            return self
        for start, end, new in batch:
            if not position <= start <= end <= len(old):
                raise ValueError(f"edit {start}:{end} overlaps another or lies outside the text")
            pieces += (old[position:start], new)
            position = end
        content = "".join([*pieces, old[position:]])
        moved, cut = _move(self.spans, batch)
        return Text(content, moved, self.cut + cut, (*self.history, batch), _shifted(self.protected, batch))

    def protect(self, ranges: Iterable[tuple[int, int]]) -> Text:
        """The same text, whose ranges [start, end) stay as they are under every later edit.

        Args:
            ranges: in any order; those that touch or overlap, also ranges that are protected already, become one.

        Raises:
            ValueError: a range is empty or lies outside the content.
        """
        merged: list[tuple[int, int]] = []
        for start, end in sorted((*self.protected, *ranges)):
            if not 0 <= start < end <= len(self.content):
                raise ValueError(f"range {start}:{end} is not inside a text of {len(self.content)} characters")
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return replace(self, protected=tuple(merged))

    def parts(self, bounds: Iterable[tuple[int, int]]) -> tuple[Text, ...]:
        """Each `content[start:end]` as a text of its own, with the spans that lie inside it and the same history.

        Spans that lie outside a part are not in it; that is no cut. Takes time linear in the parts (plus binary
        searches for each), however many spans and protected ranges the text has.

        Args:
            bounds: the (start, end) of each part, in code points; they may stand in any order.

        Raises:
            ValueError: a span lies on both sides of a bound, or a range is not inside the text.
        """
        size, starts = len(self.content), [span.start for span in self.spans]
        reaches = list(accumulate((span.end for span in self.spans), max))
        low, high = [start for start, _ in self.protected], [end for _, end in self.protected]
        made = []
        for start, end in bounds:
            if not 0 <= start <= end <= size:
                raise ValueError(f"part {start}:{end} is not inside a text of {size} characters")
            first, last = bisect_left(starts, start), bisect_left(starts, end)
            if (first and reaches[first - 1] > start) or (last and reaches[last - 1] > end):
                raise ValueError(_crossing(self.spans, start, end))
            inside = self.spans[first:last]
            spans = tuple([Span(span.start - start, span.end - start, span.label) for span in inside])
            touching = self.protected[bisect_right(high, start) : bisect_left(low, end)] if start < end else ()
            protected = tuple([(max(left, start) - start, min(right, end) - start) for left, right in touching])
            removal = (Edit(0, start, ""),) if start else ()
            removal = (*removal, Edit(end, size, "")) if end < size else removal
            history = (*self.history, removal) if removal else self.history
            made.append(Text(self.content[start:end], spans, self.cut, history, protected))
        return tuple(made)

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Where `content[start:end]` stood in the text as it was before all edits.

        Where a bound falls inside a replacement, the range widens to the whole of what was replaced.

        Returns:
            Offsets in the original text, in code points.
        """
        for batch in reversed(self.history):
            start, end = _before(start, end, batch)
        return start, end


def is_quoted(covered: str, quoted: str) -> bool:
    """Whether a span covers what a file quotes, whatever way the quotation writes line ends (also as backslash, n)."""
    if covered == quoted:
        return True
    return _NEWLINE.sub(" ", covered) == _NEWLINE.sub(" ", quoted)


def _crossing(spans: tuple[Span, ...], start: int, end: int) -> str:
    """What to say of the first span that lies on both sides of a bound of [start, end)."""
    span = next(span for span in spans if span.start < start < span.end or span.start < end < span.end)
    return f"part {start}:{end} cuts through the span {span.start}:{span.end} ({span.label})"


def _allowed(batch: tuple[Edit, ...], protected: tuple[tuple[int, int], ...]) -> tuple[Edit, ...]:
    """The edits that touch no protected range; an insertion at a range's bound is outside of it."""
    starts, ends = [start for start, _ in protected], [end for _, end in protected]
    # The last range that begins before the edit ends is the only one that can reach into it.
    nearest = (bisect_left(starts, edit.end) - 1 for edit in batch)
    return tuple(edit for edit, place in zip(batch, nearest, strict=True) if place < 0 or ends[place] <= edit.start)


def _shifted(protected: tuple[tuple[int, int], ...], batch: tuple[Edit, ...]) -> tuple[tuple[int, int], ...]:
    """Where protected ranges stand after edits that lie outside of them."""
    if not protected:
        return ()
    ends = [edit.end for edit in batch]
    shifts = list(accumulate((len(edit.new) - (edit.end - edit.start) for edit in batch), initial=0))
    moves = (shifts[bisect_right(ends, start)] for start, _ in protected)
    return tuple((start + move, end + move) for (start, end), move in zip(protected, moves, strict=True))


def _move(spans: tuple[Span, ...], batch: tuple[Edit, ...]) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    if not spans:
        return (), ()
    starts = [edit.start for edit in batch]
    ends = [edit.end for edit in batch]
    shifts = list(accumulate((len(edit.new) - (edit.end - edit.start) for edit in batch), initial=0))
    moved, cut = [], []
    for span in spans:
        # Edits [first, last) touch the span; those before `first` lie wholly in front of it.
        first = bisect_right(ends, span.start)
        last = max(first, bisect_left(starts, span.end))
        inside = first == last or (starts[first] >= span.start and ends[last - 1] <= span.end)
        start, end = span.start + shifts[first], span.end + shifts[last]
        if inside and start < end:
            moved.append(Span(start, end, span.label))
        else:
            cut.append(span)
    return tuple(moved), tuple(cut)


def _before(start: int, end: int, batch: tuple[Edit, ...]) -> tuple[int, int]:
    old_start, old_end = start, end
    start_found, end_found = False, False
    shift = 0
    for edit in batch:
        new_start = edit.start + shift
        new_end = new_start + len(edit.new)
        if not start_found and start < new_end:
            old_start, start_found = (edit.start if start >= new_start else start - shift), True
        if not end_found and end <= new_end:
            old_end, end_found = (edit.end if end > new_start else end - shift), True
        shift += len(edit.new) - (edit.end - edit.start)
    return (old_start if start_found else start - shift), (old_end if end_found else end - shift)
