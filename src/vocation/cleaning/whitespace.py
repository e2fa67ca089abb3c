"""Spaces and newlines: one where there were many, none at the ends."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

from pydantic import Field

from vocation.cleaning import CleaningStep
from vocation.text import Edit, Span, Text

# Runs that may have to change: none of the single spaces, and single newlines, between words.
_RUNS = {
    "keep": re.compile(r"\s(?:\s++|(?<![ \n])|(?<=\A.)|\Z)", re.DOTALL),
    "space": re.compile(r"\s(?:\s++|(?<! )|(?<=\A.)|\Z)", re.DOTALL),
}
_NEWLINE = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")


class Whitespace(CleaningStep):
    """Make runs of spaces and tabs one space, runs of blank lines one blank line, and trim both ends.

    Spaces beside a newline go. A span that begins or ends inside a run keeps its words: what stays of the run stands
    outside the span where it can.
    """

    newlines: Literal["keep", "space"] = Field(
        default="keep",
        description="Whether newlines stay (with at most one blank line between lines), or become spaces.",
    )

    def __call__(self, text: Text) -> Text:
        bounds = sorted({bound for span in text.spans for bound in (span.start, span.end)})
        runs = _RUNS[self.newlines].finditer(text.content)
        return text.edit(edit for run in runs for edit in self._edits(run, text, bounds))

    def _edits(self, run: re.Match[str], text: Text, bounds: list[int]) -> Iterator[Edit]:
        new = self._replacement(run, len(text.content))
        if new == run[0]:
            return
        inside = bounds[bisect_right(bounds, run.start()) : bisect_left(bounds, run.end())]
        cuts = [run.start(), *inside, run.end()]
        pieces = list(pairwise(cuts))
        kept = min(pieces, key=lambda piece: _covering(text.spans, *piece)) if len(pieces) > 1 else pieces[0]
        for piece in pieces:
            yield Edit(*piece, new if piece == kept else "")

    def _replacement(self, run: re.Match[str], size: int) -> str:
        if run.start() == 0 or run.end() == size:
            return ""
        newlines = len(_NEWLINE.findall(run[0]))
        return " " if not newlines or self.newlines == "space" else "\n" * min(newlines, 2)


def _covering(spans: tuple[Span, ...], start: int, end: int) -> int:
    """How many spans hold the piece."""
    return sum(span.start <= start and end <= span.end for span in spans)
