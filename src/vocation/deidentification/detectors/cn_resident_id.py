"""Chinese resident identity numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from vocation.deidentification import Finding
from vocation.deidentification.checks import PROVINCES, compact, date_exists, resident_id_valid
from vocation.deidentification.contexts import listed, mentioned, named_otherwise, preceded
from vocation.deidentification.detectors import LABELLED, LONG_NUMBER, NAMED, PATTERN, POSSIBLE, VALIDATED, Detector
from vocation.deidentification.long_numbers import numbers
from vocation.deidentification.shapes import Shape

# A pattern that begins with a class of characters is skipped to; its bound on the left is looked at behind that. The
# rest stands in a lookahead, so that a number which only looks like one never hides the next.
_EIGHTEEN = re.compile(r"[1-9](?<![0-9].)(?<![0-9]\..)(?=((?:[ -]?[0-9]){16}[ -]?[0-9Xx])(?![0-9]))")
_FIFTEEN = re.compile(
    r"[1-9](?<![0-9A-Za-z].)(?<![0-9][.-].)[0-9]{5}(?P<date>[0-9]{6})[0-9]{3}(?![0-9A-Za-z]|[.-][0-9])"
)
_WORDS = listed("身份证|公民身份|证件|身份号|id card|identity|resident id")


class CnResidentId(Detector):
    """Chinese resident identity numbers: 18 characters with a valid region, date of birth and check digit.

    Single spaces or dashes may stand between the characters, and any text may stand right beside them. The form and
    its check are those of GB 11643. The 15-digit form, issued until 1999, has no check digit: its region and date are
    looked at.
    """

    categories: ClassVar[tuple[str, ...]] = ("CN_RESIDENT_ID",)
    needs: ClassVar[str] = LONG_NUMBER
    needs_too: ClassVar[str] = Shape("0(?<!00)(?:[ -]?0){14}")
    languages: ClassVar[tuple[str, ...]] = ("zh",)

    fifteen_digits: bool = Field(default=True, description="Whether the 15-digit form is found as well.")

    def find(self, text: str) -> Iterator[Finding]:
        for match in numbers(_EIGHTEEN, text):
            if resident_id_valid(compact(match[0] + match[1])):
                yield self.finding(match.start(), match.end(1), VALIDATED)
        if self.fifteen_digits:
            for match in numbers(_FIFTEEN, text):
                if match[0][:2] in PROVINCES and date_exists(f"19{match['date']}"):
                    yield self.finding(*match.span(), _score_without_check(text, *match.span()))


def _score_without_check(text: str, start: int, end: int) -> float:
    if preceded(text, start, _WORDS):
        return LABELLED
    if mentioned(text, start, end, _WORDS):
        return NAMED
    return POSSIBLE if named_otherwise(text, start) else PATTERN
