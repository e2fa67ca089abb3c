"""Vehicle identification numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.checks import vin_valid
from vocation.deidentification.contexts import listed, mentioned
from vocation.deidentification.detectors import CHECKED, FOUR_DIGITS, NAMED, Detector
from vocation.deidentification.shapes import Shape

# Begins at the four digits of the end, which are rarer than letters; what stands before is looked at behind the first.
_VIN = re.compile(r"[0-9](?<=(?<![0-9A-Za-z])[A-HJ-NPR-Za-hj-npr-z0-9]{13}.)[0-9]{3}(?![0-9A-Za-z])")
_BEFORE = 13
_LETTERS = re.compile("[A-Z]")
_WORDS = listed("vin|chassis|车架|车辆识别|底盘号|大架号")


class VehicleIdentificationNumber(Detector):
    """Vehicle identification numbers: 17 characters with a right check digit (GB 16735, 49 CFR 565).

    European makers do not set the digit: theirs are found where a word such as VIN or 车架号 is near.
    """

    categories: ClassVar[tuple[str, ...]] = ("VEHICLE_IDENTIFICATION_NUMBER",)
    needs: ClassVar[str] = FOUR_DIGITS
    needs_too: ClassVar[str] = Shape("0000(?![0a])(?<=[0a]{17})")

    def find(self, text: str) -> Iterator[Finding]:
        for match in _VIN.finditer(text):
            start, end = match.start() - _BEFORE, match.end()
            number = text[start:end].upper()
            if _LETTERS.search(number) and vin_valid(number):
                yield self.finding(start, end, CHECKED)
            elif _LETTERS.search(number) and mentioned(text, start, end, _WORDS):
                yield self.finding(start, end, NAMED)
