"""The scanner: runs detectors over texts, and decides where their findings overlap."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from vocation.deidentification import Finding
from vocation.deidentification.detectors import Detector
from vocation.deidentification.widths import fold

_SEPARATOR = "\0"
_CHUNK = 1 << 18  # characters put together at a time; a longer text stands alone


@dataclass(frozen=True)
class Scanner:
    """Finds identifiers in texts. Picklable: a process pool may share the work.

    What a detector `needs` is looked for in many texts at once, so that a text with no digit and no @ costs little
    more than reading it.

    Args:
        detectors: what to look with; the order plays no part.
        minimum_score: findings below are left out, before overlaps are resolved.
    """

    detectors: tuple[Detector, ...]
    minimum_score: float = 0.5
    _groups: tuple[tuple[re.Pattern[str], tuple[Detector, ...]], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        groups: dict[str, list[Detector]] = {}
        for detector in self.detectors:
            groups.setdefault(detector.needed(), []).append(detector)
        compiled = tuple((re.compile(needs), tuple(members)) for needs, members in groups.items())
        object.__setattr__(self, "_groups", compiled)

    def scan(self, texts: Sequence[str]) -> list[list[Finding]]:
        """The findings of each text, ordered by position; no two of them overlap.

        Where findings overlap, the one with the higher score stays, of equal ones the longer, then the earlier one.
        """
        return [findings for chunk in _chunks(texts) for findings in self._scan_chunk(chunk)]

    def _scan_chunk(self, texts: Sequence[str]) -> Iterator[list[Finding]]:
        joined = fold(_SEPARATOR.join(texts))
        ends = list(accumulate(len(text) + 1 for text in texts))
        found: dict[int, list[Finding]] = {}
        for needs, detectors in self._groups:
            for place in _places(needs, joined, ends):
                end = ends[place] - 1
                text = joined[end - len(texts[place]) : end]
                for detector in detectors:
                    for finding in detector.find(text):
                        if finding.score >= self.minimum_score:
                            found.setdefault(place, []).append(finding)
        for place in range(len(texts)):
            yield resolve(found[place]) if place in found else []


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start, size = 0, 0
    for place, text in enumerate(texts):
        if size and size + len(text) > _CHUNK:
            yield texts[start:place]
            start, size = place, 0
        size += len(text) + 1
    if start < len(texts):
        yield texts[start:]


def _places(needs: re.Pattern[str], joined: str, ends: Sequence[int]) -> Iterator[int]:
    """Which texts have what is needed; a text in which the needed thing merely begins is one of them."""
    if not needs.pattern:
        yield from range(len(ends))
        return
    position, size = 0, len(joined)
    while position < size and (match := needs.search(joined, position)):
        place = bisect_right(ends, match.start())
        yield place
        position = ends[place]


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
