"""Every sentence on a line of its own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pydantic import Field

from vocation.cleaning import CleaningStep
from vocation.language.sentences import sentence_bounds
from vocation.text import Edit, Text


class SentenceLines(CleaningStep):
    """Put a newline between sentences, in the place of the space that stands there.

    Line ends that stand already stay as they are. The rules are those of `sentences`, which makes every sentence a
    record.
    """

    wrapped_lines: bool = Field(
        default=False,
        description="Whether lines are broken at a width, as in a page or a mail: then line ends inside a sentence "
        "become a space (nothing between two Chinese characters), and only a blank line ends one by itself.",
    )

    def __call__(self, text: Text) -> Text:
        whole = [*((span.start, span.end) for span in text.spans), *text.protected]
        bounds = sentence_bounds(text.content, whole, wrapped=self.wrapped_lines)
        gaps = ((end, start) for (_, end), (start, _) in pairwise(bounds))
        edits = [Edit(end, start, "\n") for end, start in gaps if "\n" not in text.content[end:start]]
        if not self.wrapped_lines:
            return text.edit(edits)
        joined = [edit for start, end in bounds for edit in _joins(text.content, start, end, whole)]
        return text.edit(sorted([*edits, *joined]))


def _joins(content: str, start: int, end: int, whole: Sequence[tuple[int, int]]) -> list[Edit]:
    """The edits that put a wrapped sentence on one line; of a span that is nothing but line ends something stays."""
    edits, place = [], content.find("\n", start, end)
    while place >= 0:
        before, behind = content[place - 1 : place], content[place + 1 : place + 2]
        alone = any(first <= place < last and not content[first:last].strip() for first, last in whole)
        glued = before >= "\u2e80" and behind >= "\u2e80" and not alone
        edits.append(Edit(place, place + 1, "" if glued else " "))
        place = content.find("\n", place + 1, end)
    return edits
