"""Numbers of driving licences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from vocation.deidentification import Finding
from vocation.deidentification.contexts import labelled_values, listed
from vocation.deidentification.detectors import FOUR_DIGITS, NAMED, Detector
from vocation.deidentification.patterns import Pattern, Word

_WORDS = listed(
    "driver's license|drivers license|driver license|driver's licence|driver’s license|drivers licence"
    "|driver licence|driving license|driving licence|license number|licence number"
)
_PATTERN = r"(?=[A-Z0-9-]{0,6}[0-9]{4})[A-Z0-9](?:[A-Z0-9]|-(?=[A-Z0-9])){4,17}"


class UsDriverLicense(Detector):
    """Driving licence numbers, where a word names them; their forms differ from state to state.

    The number of a Chinese driving licence is that of the resident ID.
    """

    categories: ClassVar[tuple[str, ...]] = ("US_DRIVER_LICENSE",)
    needs: ClassVar[str] = FOUR_DIGITS
    languages: ClassVar[tuple[str, ...]] = ("en",)

    words: tuple[Word, ...] = Field(
        default=_WORDS, min_length=1, description="What stands right before the number and names it, in any case."
    )
    pattern: Pattern = Field(
        default=_PATTERN,
        description="Regular expression of the number itself; it is bounded by what is neither letter nor digit.",
    )

    def find(self, text: str) -> Iterator[Finding]:
        for start, end in labelled_values(text, self.words, self.pattern):
            yield self.finding(start, end, NAMED)

    def needed(self) -> str:
        return self.needs if self.pattern == _PATTERN else ""
