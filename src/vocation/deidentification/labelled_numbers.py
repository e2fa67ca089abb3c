"""Numbers that are known by the word in front of them: 保单号：…, MRN ….

What such detectors share. One of them says its words, its pattern and its category, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from vocation.deidentification import Finding
from vocation.deidentification.contexts import labelled_values
from vocation.deidentification.detectors import NAMED, Detector
from vocation.deidentification.patterns import Pattern, Word
from vocation.deidentification.shapes import any_of

Words = Annotated[
    tuple[Word, ...],
    Field(min_length=1, description="What stands right before the number and names it, in any case."),
]
"""The words of a labelled number. A detector gives them as its default."""
NumberPattern = Annotated[
    Pattern,
    Field(description="Regular expression of the number itself; it is bounded by what is neither letter nor digit."),
]
"""The pattern of a labelled number. A detector gives it as its default; capitals and small letters are the same."""


class LabelledNumber(Detector, family=True):
    """Finds a number right behind one of the words that name it. For numbers with a form of their own, see `Detector`.

    `needs` has to hold for every number of the default pattern; with another pattern every text is looked at.
    """

    certainty: ClassVar[float] = NAMED
    """Score of a finding."""

    words: Words
    pattern: NumberPattern

    def find(self, text: str) -> Iterator[Finding]:
        for start, end in labelled_values(text, self.words, self.pattern):
            yield self.finding(start, end, self.certainty)

    def needed(self) -> tuple[tuple[str, ...], ...]:
        as_given = self.pattern == type(self).model_fields["pattern"].default
        return (*(super().needed() if as_given else ()), *filter(None, (any_of(self.words),)))
