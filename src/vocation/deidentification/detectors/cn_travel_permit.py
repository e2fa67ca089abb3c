"""Permits for travel between mainland China, Hong Kong, Macau and Taiwan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.contexts import labelled_values, listed
from vocation.deidentification.detectors import FOUR_DIGITS, NAMED, Detector

_WORDS = listed("通行证|回乡证|台胞证|港澳居民来往内地通行证|台湾居民来往大陆通行证")
_VALUE = "[HMCWLT]?[A-Z]?[0-9]{7,10}"


class CnTravelPermit(Detector):
    """Numbers of travel permits (往来港澳通行证, 回乡证, 台胞证), where such a word stands before them."""

    categories: ClassVar[tuple[str, ...]] = ("CN_TRAVEL_PERMIT",)
    needs: ClassVar[str] = FOUR_DIGITS
    languages: ClassVar[tuple[str, ...]] = ("zh",)

    def find(self, text: str) -> Iterator[Finding]:
        if "证" not in text:
            return
        for start, end in labelled_values(text, _WORDS, _VALUE):
            yield self.finding(start, end, NAMED)
