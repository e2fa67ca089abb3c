"""Permits for travel between mainland China, Hong Kong, Macau and Taiwan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.contexts import labelled_values, listed
from vocation.deidentification.detectors import FOUR_DIGITS, NAMED, Detector
from vocation.deidentification.shapes import any_of

_WORDS = listed("通行证|回乡证|台胞证|港澳居民来往内地通行证|台湾居民来往大陆通行证")
_VALUE = "[HMCWLT]?[A-Z]?[0-9]{7,10}"


class CnTravelPermit(Detector):
    """Numbers of travel permits (往来港澳通行证, 回乡证, 台胞证), where such a word stands before them."""

    categories: ClassVar[tuple[str, ...]] = ("CN_TRAVEL_PERMIT",)
    needs: ClassVar[str] = FOUR_DIGITS
    needs_too: ClassVar[tuple[str, ...]] = any_of(_WORDS)
    languages: ClassVar[tuple[str, ...]] = ("zh",)

    def find(self, text: str) -> Iterator[Finding]:
        for start, end in labelled_values(text, _WORDS, _VALUE):
            yield self.finding(start, end, NAMED)
