"""Dates and times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import ClassVar

from pydantic import Field

from vocation.deidentification import Finding
from vocation.deidentification.dates import DATE_NUMERAL, FULL_DATE, PARTIAL_DATE, TIME, dates
from vocation.deidentification.detectors import PATTERN, Detector


class DateTime(Detector):
    """Dates and times, in figures and words, English and Chinese.

    On request only: a text that has lost its dates has lost much of what it says. A year by itself is no finding
    (HIPAA's Safe Harbor lets years stand).
    """

    categories: ClassVar[tuple[str, ...]] = ("DATE_TIME",)
    needs: ClassVar[str] = DATE_NUMERAL
    on_request: ClassVar[bool] = True

    partial_dates: bool = Field(default=True, description="Whether dates without a year or a day are found: 5月1日.")
    times: bool = Field(default=True, description="Whether times of day that stand alone are found.")

    def find(self, text: str) -> Iterator[Finding]:
        for match in dates(text, _pattern(self.partial_dates, self.times)):
            yield self.finding(*match.span(), PATTERN)


@cache
def _pattern(partial_dates: bool, times: bool) -> re.Pattern[str]:
    parts = [
        f"{FULL_DATE}(?:[T ]?(?:{TIME}))?",
        *((TIME,) if times else ()),
        *((PARTIAL_DATE,) if partial_dates else ()),
    ]
    return re.compile("|".join(parts), re.IGNORECASE)
