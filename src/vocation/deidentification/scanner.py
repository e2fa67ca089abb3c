"""The scanner: runs detectors over texts, and decides where their findings overlap."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from vocation.deidentification import Finding
from vocation.deidentification.detectors import Detector
from vocation.deidentification.looks import Look, Together, looks

_CHUNK = 1 << 18  # characters put together at a time; a longer text stands alone


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
    _looks: tuple[Look, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_looks", tuple(looks(self.detectors)))

    def scan(self, texts: Sequence[str]) -> list[list[Finding]]:
        """The findings of each text, ordered by position; no two of them overlap.

        Where findings overlap, the one with the higher score stays, of equal ones the longer, then the earlier one.
        """
        return [findings for chunk in _chunks(texts) for findings in self._scan_chunk(chunk)]

    def _scan_chunk(self, texts: Sequence[str]) -> list[list[Finding]]:
        found: list[list[Finding]] = [[] for _ in texts]
        seen = [Together.of(texts)]
        for look in self._looks:
            there = seen[look.earlier].having(look)
            seen.append(there)
            for detector in look.detectors:
                for place, text in zip(there.places, there.texts, strict=True):
                    found[place] += detector.find(text)
        least = self.minimum_score
        return [resolve(one for one in some if one.score >= least) if some else [] for some in found]


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
    ranked, kept = list(findings), list[Finding]()
    if len(ranked) < 2:
        return ranked
    ranked.sort(key=_rank)
    for finding in ranked:
        place = bisect_left(kept, finding)
        before, after = kept[place - 1 : place], kept[place : place + 1]
        if not (before and before[0].end > finding.start) and not (after and after[0].start < finding.end):
            insort(kept, finding)
    return kept


def _rank(finding: Finding) -> tuple[float, int, int, str, str]:
    return -finding.score, finding.start - finding.end, finding.start, finding.category, finding.detector
