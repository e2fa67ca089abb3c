"""What is wrong with predicted spans: missed, spurious, or found with a wrong boundary or type.

Every gold span is paired with at most one predicted span and the other way round: first those that agree in both
boundaries, then those that overlap, the longest overlap first. The categories are those of MUC-5 (Chinchor &
Sundheim 1993) and SemEval-2013 task 9, with the partial match split into its two causes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vocation.text import Span

Category = Literal["correct", "wrong type", "wrong boundary", "wrong boundary and type", "missed", "spurious"]
CATEGORIES: tuple[Category, ...] = (
    "correct",
    "wrong boundary",
    "wrong type",
    "wrong boundary and type",
    "missed",
    "spurious",
)


@dataclass(frozen=True, slots=True)
class Pairing:
    """A gold span and the predicted span that stands for it; one of the two may be absent."""

    gold: Span | None
    predicted: Span | None

    @property
    def category(self) -> Category:
        """How the two agree."""
        if self.predicted is None:
            return "missed"
        if self.gold is None:
            return "spurious"
        boundaries = self.gold[:2] == self.predicted[:2]
        types = self.gold.label == self.predicted.label
        if boundaries:
            return "correct" if types else "wrong type"
        return "wrong boundary" if types else "wrong boundary and type"


def pair_spans(gold: Sequence[Span], predicted: Sequence[Span]) -> list[Pairing]:
    """Each distinct span of both sides in exactly one pairing, ordered by position.

    Overlapping candidates are taken by: same boundaries, longer overlap, same type, position. Quadratic in the spans
    of one text.
    """
    candidates = []
    golds, found = sorted(set(gold)), sorted(set(predicted))
    for true in golds:
        for guess in found:
            overlap = min(true.end, guess.end) - max(true.start, guess.start)
            if overlap > 0:
                rank = (true[:2] != guess[:2], -overlap, true.label != guess.label)
                candidates.append((rank, true, guess))
    pairings: list[Pairing] = []
    open_gold, open_found = set(golds), set(found)
    for _, true, guess in sorted(candidates):
        if true in open_gold and guess in open_found:
            pairings.append(Pairing(true, guess))
            open_gold.remove(true)
            open_found.remove(guess)
    pairings += [Pairing(true, None) for true in open_gold]
    pairings += [Pairing(None, guess) for guess in open_found]
    return sorted(pairings, key=_position)


def _position(pairing: Pairing) -> tuple[Span, bool]:
    span = pairing.gold or pairing.predicted
    assert span is not None
    return span, pairing.gold is None
