"""Passports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.contexts import labelled_values, listed, mentioned, named_otherwise
from vocation.deidentification.detectors import FOUR_DIGITS, NAMED, PATTERN, POSSIBLE, Detector
from vocation.deidentification.shapes import Shape, any_of

# Begins at the digits, which are rarer than letters; the letters before them are looked at behind the first.
_CHINESE = re.compile(
    r"[0-9](?<![0-9].)(?:(?<=(?<![0-9A-Za-z])[EGDSPHegdsph].)(?P<one>[0-9]{7})"
    r"|(?<=(?<![0-9A-Za-z])[Ee][A-HJ-NP-Za-hj-np-z].)(?P<two>[0-9]{6})"
    r"|(?<=(?<![0-9A-Za-z])1)[45][0-9]{7})(?![0-9A-Za-z]|[.-][0-9])"
)
_LETTERS = {"one": 1, "two": 2, None: 0}
_WORDS = listed("护照|passport")
_VALUE = "(?=[A-Z0-9]{0,4}[0-9]{4})[A-Z0-9]{6,9}"


class Passport(Detector):
    """Passport numbers: the Chinese forms, and any of 6 to 9 letters and digits that a word names.

    Chinese ordinary passports are E with eight digits, or E, a letter and seven digits; G, D, S, P, H and the old 14
    and 15 series are found where 护照 or "passport" is near.
    """

    categories: ClassVar[tuple[str, ...]] = ("PASSPORT",)
    needs: ClassVar[str] = FOUR_DIGITS
    needs_too: ClassVar[tuple[str, ...]] = (Shape("000000"), *any_of(_WORDS))

    def find(self, text: str) -> Iterator[Finding]:
        for match in _CHINESE.finditer(text):
            start, end = match.start() - _LETTERS[match.lastgroup], match.end()
            alone = text[start] in "Ee" and not named_otherwise(text, start)
            yield self.finding(
                start, end, NAMED if mentioned(text, start, end, _WORDS) else PATTERN if alone else POSSIBLE
            )
        for start, end in labelled_values(text, _WORDS, _VALUE):
            yield self.finding(start, end, NAMED)
