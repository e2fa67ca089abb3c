"""The scanner: runs detectors over texts, and decides where their findings overlap."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, NamedTuple

from vocation.deidentification import Finding
from vocation.deidentification.detectors import Detector
from vocation.deidentification.shapes import Shape, Word, shape_of, small
from vocation.deidentification.widths import fold

_SEPARATOR = "\0"
_CHUNK = 1 << 18  # characters put together at a time; a longer text stands alone


class _Look(NamedTuple):
    """A look at texts, at those alone in which an earlier one found something.

    Args:
        earlier: number of the earlier look; the first one, at all texts, is 0.
        words: of which one is enough, in the small letters of a text.
        other_words: the same without ASCII, in a text as it is.
        shapes: parts of a text's shape, of which one is enough as well.
        patterns: regular expressions that are enough: of a text, or of its shape, which is bytes.
        detectors: what is run where something was found.
    """

    earlier: int
    words: tuple[bytes, ...]
    other_words: tuple[str, ...]
    shapes: tuple[bytes, ...]
    patterns: tuple[re.Pattern[Any], ...]
    detectors: tuple[Detector, ...]

    @classmethod
    def at(cls, earlier: int, needed: Iterable[str], detectors: Iterable[Detector]) -> _Look:
        words, others, shapes, patterns = list[bytes](), list[str](), list[bytes](), list[re.Pattern[Any]]()
        for one in needed:
            if isinstance(one, Word) and one.isascii():
                words.append(one.encode("ascii"))
            elif isinstance(one, Word):
                others.append(one)
            elif isinstance(one, Shape) and one.is_plain:
                shapes.append(one.encode("ascii"))
            else:
                patterns.append(re.compile(one.encode("ascii") if isinstance(one, Shape) else one))
        return cls(earlier, tuple(words), tuple(others), tuple(shapes), tuple(patterns), tuple(detectors))


@dataclass(frozen=True)
class Scanner:
    """Finds identifiers in texts. Picklable: a process pool may share the work.

    What a detector needs is looked for in many texts at once, so that a text with no digit and no @ costs little more
    than reading it.

    Args:
        detectors: what to look with; the order plays no part.
        minimum_score: findings below are left out, before overlaps are resolved.
    """

    detectors: tuple[Detector, ...]
    minimum_score: float = 0.5
    _looks: tuple[_Look, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_looks", tuple(_looks(self.detectors)))

    def scan(self, texts: Sequence[str]) -> list[list[Finding]]:
        """The findings of each text, ordered by position; no two of them overlap.

        Where findings overlap, the one with the higher score stays, of equal ones the longer, then the earlier one.
        """
        return [findings for chunk in _chunks(texts) for findings in self._scan_chunk(chunk)]

    def _scan_chunk(self, texts: Sequence[str]) -> list[list[Finding]]:
        found: list[list[Finding]] = [[] for _ in texts]
        seen = [_Together.of(texts)]
        for look in self._looks:
            there = seen[look.earlier].having(look)
            seen.append(there)
            for detector in look.detectors:
                for place, text in zip(there.places, there.texts, strict=True):
                    found[place] += detector.find(text)
        least = self.minimum_score
        return [resolve(one for one in some if one.score >= least) if some else [] for some in found]


def _looks(detectors: Iterable[Detector]) -> Iterator[_Look]:
    """What detectors need, each thing once, earlier looks before those that follow them."""
    members: dict[tuple[tuple[str, ...], ...], list[Detector]] = {}
    for detector in detectors:
        needed = detector.needed()
        for end in range(len(needed)):
            members.setdefault(needed[:end], [])
        members.setdefault(needed, []).append(detector)
    number = {needed: place for place, needed in enumerate(sorted(members, key=len), start=1)}
    for needed in number:
        yield _Look.at(number.get(needed[:-1], 0) if needed else 0, needed[-1] if needed else (), members[needed])


class _Together:
    """Texts put together, each with its place among all. What they are looked at as is made when it is first needed."""

    def __init__(self, places: Sequence[int], texts: Sequence[str], joined: str | None = None) -> None:
        self.places, self.texts = places, texts
        self._joined, self._shape, self._small, self._ends = joined, b"", b"", list[int]()

    @classmethod
    def of(cls, texts: Sequence[str]) -> _Together:
        joined = _SEPARATOR.join(texts)
        folded = fold(joined)
        if folded is not joined:
            ends = accumulate(len(text) + 1 for text in texts)
            texts = [folded[end - 1 - len(text) : end - 1] for text, end in zip(texts, ends, strict=True)]
        return cls(range(len(texts)), texts, folded)

    def having(self, look: _Look) -> _Together:
        """Those that have one of the things looked for; a text in which it merely begins is one of them."""
        things = len(look.words) + len(look.other_words) + len(look.shapes) + len(look.patterns)
        if not self.texts or not things:
            return self
        if self._joined is None:
            self._joined = _SEPARATOR.join(self.texts)
        chosen: list[int] = []
        for pattern in look.patterns:
            chosen += self._matched(pattern, self._joined if isinstance(pattern.pattern, str) else self._form())
        for shape in look.shapes:
            chosen += self._found(shape, self._form())
        for word in look.words:
            chosen += self._found(word, self._small_letters())
        if look.other_words and not self._joined.isascii():
            for place, text in enumerate(self.texts):
                if not text.isascii() and any(map(text.__contains__, look.other_words)):
                    chosen.append(place)
        if things > 1:
            chosen = sorted(set(chosen))
        return _Together([self.places[place] for place in chosen], [self.texts[place] for place in chosen])

    def _form(self) -> bytes:
        self._shape = self._shape or shape_of(self._joined or "")
        return self._shape

    def _small_letters(self) -> bytes:
        self._small = self._small or small(self._joined or "")
        return self._small

    def _places_end(self) -> list[int]:
        self._ends = self._ends or list(accumulate(len(text) + 1 for text in self.texts))
        return self._ends

    def _matched(self, pattern: re.Pattern[Any], looked_at: Any) -> list[int]:
        """Which texts a pattern matches in, or begins to match in."""
        chosen: list[int] = []
        match, size = pattern.search(looked_at), len(looked_at)
        while match:
            ends = self._places_end()
            place = bisect_right(ends, match.start())
            chosen.append(place)
            match = pattern.search(looked_at, ends[place]) if ends[place] < size else None
        return chosen

    def _found(self, part: bytes, looked_at: bytes) -> list[int]:
        """Which texts a part begins in."""
        chosen: list[int] = []
        position = looked_at.find(part)
        while position >= 0:
            ends = self._places_end()
            place = bisect_right(ends, position)
            chosen.append(place)
            position = looked_at.find(part, ends[place])
        return chosen


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start, size = 0, 0
    for place, text in enumerate(texts):
        if size and size + len(text) > _CHUNK:
            yield texts[start:place]
            start, size = place, 0
        size += len(text) + 1
    if start < len(texts):
        yield texts[start:]


def resolve(findings: Iterable[Finding]) -> list[Finding]:
    """Of findings that overlap, the best: highest score, then longest, then earliest; ordered by position."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=_rank):
        place = bisect_left(kept, finding)
        before, after = kept[place - 1 : place], kept[place : place + 1]
        if not (before and before[0].end > finding.start) and not (after and after[0].start < finding.end):
            insort(kept, finding)
    return kept


def _rank(finding: Finding) -> tuple[float, int, int, str, str]:
    return -finding.score, finding.start - finding.end, finding.start, finding.category, finding.detector
