"""Identifiers that a recipe describes by a pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import ClassVar

from pydantic import Field

from vocation.deidentification import Finding
from vocation.deidentification.contexts import labelled_values
from vocation.deidentification.detectors import NAMED, Detector
from vocation.deidentification.patterns import CategoryName, Pattern, Word


class CustomPattern(Detector):
    """Identifiers of your own, by regular expression: staff numbers, case numbers, sample numbers.

    With `words`, only what one of them names is found ("工号：A1234"); the scanner's other detectors win where they
    are surer than `score`. For a list of known names use `custom_terms`.
    """

    on_request: ClassVar[bool] = True

    category: CategoryName = Field(description="What the finding is called, such as STAFF_ID.")
    pattern: Pattern = Field(description="Regular expression of the identifier, without the words before it.")
    words: tuple[Word, ...] = Field(default=(), description="Words of which one has to stand right before; none: any.")
    ignore_case: bool = Field(
        default=False, description="Whether capitals and small letters are the same; with `words` they are."
    )
    score: float = Field(default=NAMED, gt=0, le=1, description="How sure a match is.")

    def find(self, text: str) -> Iterator[Finding]:
        if self.words:
            places: Iterator[tuple[int, int]] = labelled_values(text, self.words, self.pattern)
        else:
            places = (match.span() for match in _compiled(self.pattern, self.ignore_case).finditer(text))
        for start, end in places:
            if start < end:
                yield self.finding(start, end, self.score)

    def found_categories(self) -> tuple[str, ...]:
        return (self.category,)


@cache
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE if ignore_case else 0)
