"""Headers, footers, page numbers and notices: lines that stand in many texts of the corpus."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from vocation.cleaning import CleaningStep, Drop
from vocation.ranges import Ranges
from vocation.text import Edit, Text

_LINE = re.compile(r"[^\n\f]+")
_NUMBERS = re.compile(r"[0-9０-９]+|(?<![a-z])[ivxlc]+(?![a-z])")
_WORD = re.compile(r"[^\W_]")
_PAGE_LINES = 3
"""Lines from the top and the bottom of a text or page that are its edges."""


class Boilerplate(CleaningStep):
    """Remove lines that repeat across the texts of the corpus: headers, footers, page numbers, notices.

    Two lines are the same when they differ only in digits, Roman numerals, case and spacing, so that `Page 3 of 12` and
    `Page 4 of 9` are. The first and last three lines of a text, and of each page where pages end with a form feed,
    are its edges: there a line has to stand in fewer texts to go. Labelled spans keep their lines. A text in which
    nothing else stands is dropped; a text of one line is never touched.

    The step `unicode` makes form feeds newlines: where texts have pages, put this step before it.

    The idea is that of CCNet's paragraph deduplication (Wenzek et al. 2020, arXiv 1911.00359), by lines and with a
    share in place of "seen before", so that the first copy goes as well.
    """

    at_prediction: ClassVar[bool] = False
    learns: ClassVar[bool] = True

    edge_share: float = Field(
        default=0.05, gt=0, le=1, description="Share of texts from which on a line at an edge is boilerplate."
    )
    share: float = Field(
        default=0.5, gt=0, le=1, description="Share of texts from which on a line anywhere is boilerplate."
    )
    minimum_texts: int = Field(
        default=5, ge=2, description="Texts that a line must stand in at least, however small the corpus is."
    )
    longest: int = Field(default=200, ge=1, description="Longest line that can be boilerplate, in characters.")
    ignore_numbers: bool = Field(
        default=True,
        description="Whether lines that differ in digits alone are the same, as page numbers and dated notices are.",
    )

    def __call__(self, text: Text) -> Text:
        """The text as it is: what repeats is known only to the step that `learned` gives."""
        return text

    def observe(self, text: Text) -> Iterable[int]:
        return {key for _, keys in _keyed_lines(text.content, self.longest, self.ignore_numbers) for key in keys}

    def learned(self, counts: Mapping[int, int], texts: int) -> Removal:
        """The step that removes the lines which stand in enough of the texts."""
        edge = max(self.minimum_texts, self.edge_share * texts)
        anywhere = max(self.minimum_texts, self.share * texts)
        frequent = (key for key, count in counts.items() if count >= (edge if key & 1 else anywhere))
        return Removal(frozenset(frequent), self.longest, self.ignore_numbers)


@dataclass(frozen=True, slots=True)
class Removal:
    """Removes known lines.

    Args:
        keys: of the lines (see `_keyed_lines`).
        longest: longest line that can be one of them, in characters.
        ignore_numbers: whether lines that differ in digits alone have one key.
    """

    keys: frozenset[int]
    longest: int
    ignore_numbers: bool

    def __call__(self, text: Text) -> Text | Drop:
        lines = list(_keyed_lines(text.content, self.longest, self.ignore_numbers)) if self.keys else []
        if len(lines) < 2:
            return text
        spans = Ranges(text.spans)
        known = [not self.keys.isdisjoint(keys) and not spans.touch(*place) for place, keys in lines]
        if not any(known):
            return text
        if all(known):
            return Drop("boilerplate alone", f"{len(lines)} lines that stand in many texts")
        return text.edit(_removals([place for place, _ in lines], known, spans))


def _removals(places: list[tuple[int, int]], known: list[bool], spans: Ranges) -> Iterator[Edit]:
    """The edits that take out runs of lines, each with the line ends in front of it or, at the top, behind it."""
    kept_end, position = 0, 0
    while position < len(places):
        if not known[position]:
            kept_end = places[position][1]
            position += 1
            continue
        last = position
        while last + 1 < len(places) and known[last + 1]:
            last += 1
        start, end = (kept_end, places[last][1]) if position else (0, places[last + 1][0])
        yield Edit(start, end, "") if not spans.touch(start, end) else Edit(places[position][0], places[last][1], "")
        position = last + 1


def _keyed_lines(content: str, longest: int, ignore_numbers: bool) -> Iterator[tuple[tuple[int, int], tuple[int, ...]]]:
    """Every line that is not blank, with its keys: even for the line anywhere, odd for the line at an edge.

    Lines that are too long, or have neither a letter nor a digit, have no key.
    """
    for lines in _pages(content):
        for place, (start, end) in enumerate(lines):
            line = content[start:end]
            if end - start > longest or not _WORD.search(line):
                yield (start, end), ()
                continue
            key = _key(line, ignore_numbers)
            at_edge = place < _PAGE_LINES or place >= len(lines) - _PAGE_LINES
            yield (start, end), (key, key | 1) if at_edge else (key,)


def _pages(content: str) -> Iterator[list[tuple[int, int]]]:
    """The places of the lines that are not blank, page by page."""
    start = 0
    while start <= len(content):
        end = content.find("\f", start)
        end = len(content) if end < 0 else end
        matches = _LINE.finditer(content, start, end)
        yield [match.span() for match in matches if not match[0].isspace()]
        start = end + 1


def _key(line: str, ignore_numbers: bool) -> int:
    """64 bits of BLAKE2 over the folded line, the last of them 0."""
    folded = " ".join(line.split()).casefold()
    if ignore_numbers:
        folded = _NUMBERS.sub("0", folded)
    digest = hashlib.blake2b(folded.encode("utf-8", errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") & ~1
