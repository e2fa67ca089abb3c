"""Social security numbers of the United States."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.contexts import listed, mentioned
from vocation.deidentification.detectors import LONG_NUMBER, NAMED, PATTERN, POSSIBLE, Detector
from vocation.deidentification.long_numbers import numbers
from vocation.deidentification.shapes import Shape

_SSN = re.compile(
    r"[0-8](?<![0-9A-Za-z].)(?<![0-9][.-].)(?:(?<=0)(?!00)|(?<=6)(?!66)|(?<=[1-57-8]))[0-9]{2}"
    r"(?P<mark>[ .-]?)(?!00)[0-9]{2}(?P=mark)(?!0000)[0-9]{4}(?![0-9A-Za-z]|[.-][0-9])"
)
_WORDS = listed("social security|social security number|ssn|ssns|social|ss#")
_PUBLISHED = frozenset(("078051120", "219099999", "123456789"))  # printed in advertisements and examples


class UsSsn(Detector):
    """US social security numbers: areas, groups and serial numbers that can be issued.

    Area 000, 666 and 900 to 999, group 00 and serial number 0000 are never issued (Social Security Administration).
    Dashes make one likely by itself; spaces, dots or none need a word such as SSN near it.
    """

    categories: ClassVar[tuple[str, ...]] = ("US_SSN",)
    needs: ClassVar[str] = LONG_NUMBER
    needs_too: ClassVar[str] = Shape("000[ .-]?00[ .-]?0000")
    languages: ClassVar[tuple[str, ...]] = ("en",)

    def find(self, text: str) -> Iterator[Finding]:
        for match in numbers(_SSN, text):
            digits = "".join(filter(str.isdigit, match[0]))
            if digits in _PUBLISHED or len(set(digits)) == 1:
                continue
            alone = PATTERN if match["mark"] == "-" else POSSIBLE
            yield self.finding(*match.span(), NAMED if mentioned(text, *match.span(), _WORDS) else alone)
