"""Dates of birth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.contexts import any_word, listed
from vocation.deidentification.dates import DATE_NUMERAL, FULL_DATE, dates
from vocation.deidentification.detectors import NAMED, Detector
from vocation.deidentification.shapes import any_of

_COMPACT = "(?<![0-9])(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?![0-9])"
_SHORT = "(?<![0-9])[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}(?![0-9])"
_MONTH = "(?<![0-9])(?:19|20)[0-9]{2}[-/.](?:1[0-2]|0?[1-9])(?![-/.]?[0-9])"
_DATE = re.compile(f"{FULL_DATE}|{_COMPACT}|{_SHORT}|{_MONTH}", re.IGNORECASE)
_WORDS = listed(
    "出生日期|出生年月|出生年月日|出生时间|生日|生于|出生于|出生|date of birth"
    "|birth date|birthdate|birthday|dob|d.o.b|born"
)
_MENTION = re.compile(any_word(_WORDS))
_BEFORE = re.compile(rf"{any_word(_WORDS)}[^0-9\n。;；]{{0,16}}\Z")
_AFTER = re.compile(r"[ ]?(?:出生|生(?=[，,。；;、）)\s]|\Z))")
_REACH = 32  # characters in which the word and what stands behind it have room


class DateOfBirth(Detector):
    """Dates that are said to be someone's birth: 出生日期：1990年3月7日, 1990-03-07出生, born on March 7, 1990; and a
    month alone where such a word stands beside it (出生年月：1990.03).

    Other dates are for `date_time`.
    """

    categories: ClassVar[tuple[str, ...]] = ("DATE_OF_BIRTH",)
    needs: ClassVar[tuple[str, ...]] = any_of((*_WORDS, "生"))
    needs_too: ClassVar[str] = DATE_NUMERAL

    def find(self, text: str) -> Iterator[Finding]:
        if "生" not in text and not _MENTION.search(text):
            return
        for match in dates(text, _DATE):
            start, end = match.span()
            if _BEFORE.search(text, max(0, start - _REACH), start) or _AFTER.match(text, end):
                yield self.finding(start, end, NAMED)
