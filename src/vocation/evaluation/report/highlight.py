"""Labelled spans shown in their text: pieces for the page, each plain or marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from vocation.text import Span

SIGNS = {
    "correct": "✓",
    "wrong boundary": "↔",
    "wrong type": "≠",
    "wrong boundary and type": "↔≠",
    "missed": "−",
    "spurious": "+",
}
"""What stands beside the type of a span, so that colour alone never carries the meaning."""


@dataclass(frozen=True, slots=True)
class Tag:
    """The end of a marked span: its type, and how it agrees with the other side."""

    label: str
    category: str

    @property
    def sign(self) -> str:
        """See `SIGNS`."""
        return SIGNS[self.category]

    @property
    def name(self) -> str:
        """The category as a name of a style."""
        return self.category.replace(" ", "-")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters that the same spans cover.

    Args:
        text: the characters.
        style: category of the shortest span that covers them, as a name of a style; empty for plain text.
        tags: the spans that end here.
    """

    text: str
    style: str = ""
    tags: tuple[Tag, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a text that is shown.

    Args:
        start: offset of its first character.
        end: offset behind its last one.
        before: characters that are left out in front.
        after: characters that are left out behind.
    """

    start: int
    end: int
    before: int
    after: int


def window(content: str, places: Sequence[int], size: int = 600) -> Window:
    """At most `size` characters of a text, around the first of the places."""
    first = min(places, default=0)
    start = max(0, min(first - size // 4, len(content) - size))
    end = min(len(content), start + size)
    return Window(start, end, start, len(content) - end)


def side(entry: Mapping[str, Any], name: str) -> list[tuple[Span, str]]:
    """The spans of one side of a mistake, each with its category.

    Args:
        entry: a mistake as `mistakes.json` holds it.
        name: "gold" or "predicted".
    """
    categories = {Span(*error[name]): error["category"] for error in entry["errors"] if error[name]}
    spans = sorted({Span(*span) for span in entry[name]})
    return [(span, categories.get(span, "correct")) for span in spans]


def pieces(content: str, spans: Sequence[tuple[Span, str]], shown: Window) -> list[Piece]:
    """The shown part of a text, cut where spans begin and end. Spans may overlap; the window's edges cut them.

    Args:
        content: the whole text.
        spans: each with its category.
        shown: the part to show.
    """
    inside = [
        (Span(max(span.start, shown.start), min(span.end, shown.end), span.label), category)
        for span, category in spans
        if span.start < shown.end and shown.start < span.end
    ]
    bounds = sorted({shown.start, shown.end, *(place for span, _ in inside for place in span[:2])})
    result = []
    for start, end in pairwise(bounds):
        covering = [
            (span.end - span.start, category) for span, category in inside if span.start < end and start < span.end
        ]
        tags = tuple(Tag(span.label, category) for span, category in inside if span.end == end)
        style = min(covering)[1].replace(" ", "-") if covering else ""
        result.append(Piece(content[start:end], style, tags))
    return result
