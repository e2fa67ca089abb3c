"""Dates: one way to write each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Literal, NamedTuple

from pydantic import Field

from vocation.cleaning import CleaningStep
from vocation.cleaning.rewriting import longest_of, until_stable
from vocation.language.numerals import CHINESE_DIGITS, value
from vocation.text import Edit, Text

_MONTH_NAMES = "January February March April May June July August September October November December"
_MONTHS = tuple(_MONTH_NAMES.split())
_MONTH_NUMBERS = {name[:3].lower(): number for number, name in enumerate(_MONTHS, 1)}
_NAMES = {form for name in (*_MONTHS, *(name[:3] for name in _MONTHS), "Sept") for form in (name, name.upper())}
_MONTH = f"(?:{longest_of(_NAMES)})"

_NUMBER = "[0-9]{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九]"
_OTHER_ERAS = "".join(f"(?<!{era})" for era in ("农历", "農曆", "阴历", "陰曆", "旧历", "夏历", "公元前", "前", "民国"))
_CHINESE_YEAR = rf"{_OTHER_ERAS}(?<![0-9{CHINESE_DIGITS}])(?P<y1>[0-9]{{4}}|[{CHINESE_DIGITS}]{{4}})[ ]?年[ ]?"
_CHINESE = rf"{_CHINESE_YEAR}(?P<m1>{_NUMBER})[ ]?月(?:份|[ ]?(?P<d1>{_NUMBER})[ ]?[日号號])?+"
_YEAR_FIRST = r"(?P<y2>[0-9]{4})(?P<sep2>[-/.])(?P<m2>[0-9]{1,2})(?P=sep2)(?P<d2>[0-9]{1,2})"
_YEAR_LAST = r"(?P<one>[0-9]{1,2})(?P<sep3>[-/.])(?P<two>[0-9]{1,2})(?P=sep3)(?P<y3>[0-9]{4})"
_ORDINAL = "(?:st|nd|rd|th)?"
_DAY_MONTH = rf"(?P<d4>[0-9]{{1,2}}){_ORDINAL}(?:[ ](?:of[ ])?|-)(?P<m4>{_MONTH})(?:\.?,?[ ]|-)(?P<y4>[0-9]{{4}})"
_MONTH_DAY = rf"(?P<m5>{_MONTH})\.?,?[ ](?:(?P<d5>[0-9]{{1,2}}){_ORDINAL},?[ ])?+(?P<y5>[0-9]{{4}})"
_WESTERN = f"{_YEAR_FIRST}|{_YEAR_LAST}|{_DAY_MONTH}|{_MONTH_DAY}"
_DATE = re.compile(rf"{_CHINESE}|(?<![A-Za-z0-9_/\\.-])(?:{_WESTERN})(?![A-Za-z0-9_/\\-]|\.[0-9])")

# Every date has a year of four digits; looking for these first is several times as fast.
_YEAR = re.compile(rf"[0-9{CHINESE_DIGITS}]{{4}}(?<![0-9].{{4}})(?![0-9])")
# Characters that a date takes at most: before its year, behind its month or day where it may go on, behind its year
# with all of these.
_BEFORE_YEAR, _GOES_ON, _BEHIND_YEAR = 24, 8, 24
_NARROW, _WIDE = 64, 1024  # characters behind a year that are searched at once, few where years are few

_RANGE = re.compile(rf"[ ]?[-~～–—至到、和及][ ]?[0-9{CHINESE_DIGITS}十]{{1,3}}[ ]?[日号月]")
_PART_OF_MONTH = re.compile("[ ]?[底初中上下末间号期刊]")
_VERSION = re.compile(r"(?:version|ver|release|build|v|版本|版|补丁|软件|系统)[ :：.]*$", re.IGNORECASE)
_VERSION_WIDTH = 10


class _Date(NamedTuple):
    year: int
    month: int
    day: int | None


class Dates(CleaningStep):
    """Write dates in one form: 2023年5月1日, 二〇二三年五月一日, 2023/5/1, May 1, 2023 and 1 May 2023 are the same day.

    Left alone: days that do not exist (2023-02-30), years without a month, dates of the lunar calendar, the first date
    of a range that shares its year (2023年5月1日至3日), versions and paths (v2023.5.1, /2023/05/01/), numbers of
    magazines (2019年10月号), and dates that a labelled span begins or ends within.
    """

    form: Literal["iso", "chinese", "english"] = Field(
        default="iso", description="`iso`: 2023-05-01 (ISO 8601). `chinese`: 2023年5月1日. `english`: May 1, 2023."
    )
    day_first: bool | None = Field(
        default=None,
        description="Whether 03/04/2023 is the third of April (true) or the fourth of March (false). Without an "
        "answer, dates that could be either stay.",
    )
    year_months: bool = Field(
        default=False, description="Also dates without a day: 2023年5月 and May 2023 become 2023-05."
    )

    def __call__(self, text: Text) -> Text:
        return until_stable(text, partial(_edits, self))


def _dates(content: str) -> Iterator[re.Match[str]]:
    """What is written like a date, from left to right: what `_DATE.finditer` finds, sought around years only."""
    position, searched, end, width = 0, 0, 0, _NARROW
    for year in _YEAR.finditer(content):
        if year.start() < position or year.end() <= searched:
            continue
        width = min(2 * width, _WIDE) if year.start() < end else _NARROW
        end = year.end() + width
        match = _DATE.search(content, max(position, year.start() - _BEFORE_YEAR), end)
        # A match at the end of what is searched may be the beginning of a longer one, or of none.
        if match is None or match.end() + _GOES_ON > end < len(content):
            searched = end - _BEHIND_YEAR
            continue
        position = match.end()
        yield match


def _edits(step: Dates, content: str) -> Iterator[Edit]:
    for match in _dates(content):
        found = _read(match, step.day_first)
        if found is None or _left_alone(match, found, step.year_months):
            continue
        new = _written(found, step.form)
        # A digit behind the date would become part of it: 2023年5月1日10时.
        gap = " " if content[match.end() : match.end() + 1].isdigit() and new[-1].isdigit() else ""
        yield Edit(*match.span(), new + gap)


def _read(match: re.Match[str], day_first: bool | None) -> _Date | None:
    """The date that was found, if there is such a day and it can be one day only."""
    if match["y1"]:
        year, month, day = _year(match["y1"]), _number(match["m1"]), _number(match["d1"])
    elif match["y2"]:
        year, month, day = int(match["y2"]), int(match["m2"]), int(match["d2"])
    elif match["y3"]:
        year, one, two = int(match["y3"]), int(match["one"]), int(match["two"])
        if one <= 12 and two <= 12 and one != two and day_first is None:
            return None
        first = one > 12 or (two <= 12 and bool(day_first))
        month, day = (two, one) if first else (one, two)
    else:
        name = match["m4"] or match["m5"]
        year, month = int(match["y4"] or match["y5"]), _MONTH_NUMBERS[name[:3].lower()]
        day = _number(match["d4"] or match["d5"])
    try:
        date(year, month or 0, 1 if day is None else day)
    except ValueError:
        return None
    return _Date(year, month or 0, day) if year >= 1000 else None


def _left_alone(match: re.Match[str], found: _Date, year_months: bool) -> bool:
    content, end = match.string, match.end()
    if match["y1"] and _RANGE.match(content, end):
        return True
    if found.day is None:
        return not year_months or _PART_OF_MONTH.match(content, end) is not None or content[end : end + 1].isdigit()
    dotted = match["sep2"] == "." or match["sep3"] == "."
    return dotted and _VERSION.search(content, max(0, match.start() - _VERSION_WIDTH), match.start()) is not None


def _written(found: _Date, form: str) -> str:
    year, month, day = found
    if form == "chinese":
        return f"{year}年{month}月" + (f"{day}日" if day else "")
    if form == "english":
        return f"{_MONTHS[month - 1]} {day}, {year}" if day else f"{_MONTHS[month - 1]} {year}"
    return f"{year:04d}-{month:02d}" + (f"-{day:02d}" if day else "")


def _year(digits: str) -> int:
    return int("".join(digit if digit.isascii() else str(value(digit)) for digit in digits))


def _number(written: str | None) -> int | None:
    number = value(written) if written else None
    return None if number is None else int(number)
