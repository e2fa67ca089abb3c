"""International bank account numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.checks import compact, iban_valid
from vocation.deidentification.detectors import VALIDATED, Detector
from vocation.deidentification.shapes import Shape

# Country and length: the IBAN registry of ISO 13616.
_LENGTHS = {
    **dict.fromkeys(("NO",), 15),
    **dict.fromkeys(("BE",), 16),
    **dict.fromkeys(("DK", "FK", "FI", "FO", "GL", "NL", "SD"), 18),
    **dict.fromkeys(("MK", "SI"), 19),
    **dict.fromkeys(("AT", "BA", "EE", "KZ", "LT", "LU", "MN", "XK"), 20),
    **dict.fromkeys(("CH", "CR", "HR", "LI", "LV"), 21),
    **dict.fromkeys(("BG", "BH", "DE", "GB", "GE", "IE", "ME", "RS", "VA"), 22),
    **dict.fromkeys(("AE", "GI", "IL", "IQ", "OM", "SO", "TL"), 23),
    **dict.fromkeys(("AD", "CZ", "ES", "MD", "PK", "RO", "SA", "SE", "SK", "TN", "VG"), 24),
    **dict.fromkeys(("LY", "PT", "ST"), 25),
    **dict.fromkeys(("IS", "TR"), 26),
    **dict.fromkeys(("BI", "DJ", "FR", "GR", "IT", "MC", "MR", "SM"), 27),
    **dict.fromkeys(("AL", "AZ", "BY", "CY", "DO", "GT", "HN", "HU", "LB", "NI", "PL", "SV"), 28),
    **dict.fromkeys(("BR", "EG", "PS", "QA", "UA"), 29),
    **dict.fromkeys(("JO", "KW", "MU", "YE"), 30),
    **dict.fromkeys(("MT", "SC"), 31),
    **dict.fromkeys(("LC",), 32),
    **dict.fromkeys(("RU",), 33),
}
_START = re.compile(r"[0-9](?<=(?<![0-9A-Za-z])[A-Za-z]{2}.)[0-9](?=[ -]?[0-9A-Za-z])")
_CHARACTER = re.compile("[ -]?([0-9A-Za-z])")


class Iban(Detector):
    """International bank account numbers: a country's length and right check digits (ISO 13616, MOD 97-10).

    Capital or small letters; single spaces or dashes may stand between the characters.
    """

    categories: ClassVar[tuple[str, ...]] = ("IBAN_CODE",)
    needs: ClassVar[str] = Shape("00(?<=aa00)")

    def find(self, text: str) -> Iterator[Finding]:
        for match in _START.finditer(text):
            start = match.start() - 2
            length = _LENGTHS.get(text[start : start + 2].upper())
            end = _end(text, match.end(), length - 4) if length else None
            if end is not None and iban_valid(compact(text[start:end])):
                yield self.finding(start, end, VALIDATED)


def _end(text: str, position: int, characters: int) -> int | None:
    """The offset behind so many letters and digits, or None where there are fewer, or more without a gap."""
    for _ in range(characters):
        match = _CHARACTER.match(text, position)
        if not match:
            return None
        position = match.end()
    following = text[position : position + 1]
    return None if following.isascii() and following.isalnum() else position
