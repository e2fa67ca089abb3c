"""Dates moved by a number of days, in the form in which they were written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Final

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MONTH_NUMBERS = {name[:3].lower(): number for number, name in enumerate(_MONTHS, start=1)}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAY_NUMBERS = {name[:3].lower(): number for number, name in enumerate(_WEEKDAYS)}
_CHINESE_WEEKDAYS = "一二三四五六日"
_CHINESE_DIGITS = {character: digit for digit, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_ANY_YEAR: Final = 2001  # Of dates without a year; not a leap year.
_MIDDLE: Final = 15  # The day that a month without a day is moved by.

_NAME = r"(?P<M>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?P<long>[a-z]*)\.?"
_DAY = r"(?P<d>[0-9]{1,2})(?P<ordinal>st|nd|rd|th)?"
_FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<y>[0-9]{4})(?P<s>[-/.]|[ ]?年[ ]?)(?P<m>[0-9]{1,2})(?:[-/.]|[ ]?月[ ]?)(?P<d>[0-9]{1,2})",
        rf"{_DAY}(?:[ ]of)?[ -]{_NAME},?[ -](?P<y>[0-9]{{4}})",
        rf"{_NAME}[ ]{_DAY},?[ ](?P<y>[0-9]{{4}})",
        r"(?P<a>[0-9]{1,2})[-/.](?P<b>[0-9]{1,2})[-/.](?P<y>[0-9]{4}|[0-9]{2})(?![0-9])",
        r"(?P<y>[0-9]{4})[ ]?年[ ]?(?P<m>[0-9]{1,2})[ ]?月",
        r"(?P<m>[0-9]{1,2})[ ]?月[ ]?(?P<d>[0-9]{1,2})",
        rf"{_NAME}[ ](?P<y>[0-9]{{4}})",
        rf"{_DAY}[ ]{_NAME}",
        rf"{_NAME}[ ]{_DAY}",
    )
)
_CHINESE = re.compile(
    r"(?P<y>[〇零○一二三四五六七八九]{4})年(?P<m>[一二三四五六七八九十]{1,2})月"
    r"(?:(?P<d>[一二三四五六七八九十]{1,3})(?=[日号]))?"
)
_WEEKDAY = re.compile(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)([a-z]*)|((?:星期|周|礼拜))([一二三四五六日天])", re.IGNORECASE)


def shifted(value: str, days: int) -> str | None:
    """A date moved by `days`, written as it was: order, words, leading zeros, and what stands around it.

    Understood are figures (2023-05-01, 5/1/2023, 1.5.2023), English and Chinese words (1st May 2023, 2023年5月1日,
    二〇二三年五月一日), dates without a year (in a year of 365 days) or a day (by the middle of the month), and days of
    the week. Where day and month cannot be told apart, the month comes first. Times of day stay.

    Returns:
        None where no date is understood, or it would leave the years 1 to 9999.
    """
    movers: list[Callable[[str, int], str | None]] = [_shifted_chinese]
    movers += [partial(_shifted_form, form) for form in _FORMS]
    for moved in (*movers, _shifted_weekday):
        try:
            result = moved(value, days)
        except (ValueError, OverflowError):  # 31 February, or beyond the calendar: no part of it may stay
            return None
        if result is not None:
            return result
    return None


def shifted_digits(digits: str, days: int) -> str | None:
    """YYYYMMDD moved by `days`; None where it is no date."""
    try:
        moved = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])) + timedelta(days)
    except (ValueError, OverflowError):
        return None
    return f"{moved:%Y%m%d}"


def _shifted_form(form: re.Pattern[str], value: str, days: int) -> str | None:
    match = form.search(value)
    if match is None:
        return None
    parts = {name: part for name, part in match.groupdict().items() if part is not None}
    if "a" in parts:
        first, second = (("m", "d"), ("d", "m"))[int(parts["a"]) > 12]
        parts[first], parts[second] = parts.pop("a"), parts.pop("b")
        names = {"a": first, "b": second}
    else:
        names = {}
    old = date(*_read(parts))
    new = old + timedelta(days)
    written = _writers(parts, new)
    pieces, position = [], match.start()
    for name in sorted(match.groupdict(), key=match.start):
        role = names.get(name, name)
        if match[name] is not None and role in written:
            pieces += [value[position : match.start(name)], written[role](match[name])]
            position = match.end(name)
    text = value[: match.start()] + "".join(pieces) + value[position:]
    return _shifted_weekday(text, days) or text


def _read(parts: Mapping[str, str]) -> tuple[int, int, int]:
    year = int(parts.get("y", _ANY_YEAR))
    if len(parts.get("y", "0000")) == 2:
        year += 2000 if year < 50 else 1900
    month = int(parts["m"]) if "m" in parts else _MONTH_NUMBERS[parts["M"].lower()]
    return year, month, int(parts.get("d", _MIDDLE))


def _writers(parts: Mapping[str, str], new: date) -> dict[str, Callable[[str], str]]:
    """How each part of a form is written anew from what stood there."""
    figures = [parts[name] for name in ("m", "d") if name in parts]
    padded = any(figure.startswith("0") for figure in figures) or parts.get("s") == "-"
    width = 2 if padded else 1
    long_name = (parts.get("M", "") + parts.get("long", "")).title() in _MONTHS
    return {
        "y": lambda old: f"{new.year:04}" if len(old) == 4 else f"{new.year % 100:02}",
        "m": lambda _: f"{new.month:0{width}}",
        "d": lambda _: f"{new.day:0{width}}",
        "ordinal": partial(_cased, _ordinal(new.day)),
        "M": lambda old: _cased(_MONTHS[new.month - 1] if long_name else _MONTHS[new.month - 1][:3], old),
        "long": lambda _: "",
    }


def _cased(name: str, old: str) -> str:
    if old.isupper():
        return name.upper()
    return name.lower() if old.islower() else name


def _ordinal(day: int) -> str:
    return "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _shifted_chinese(value: str, days: int) -> str | None:
    match = _CHINESE.search(value)
    if match is None:
        return None
    year = int("".join(str(_CHINESE_DIGITS[character]) for character in match["y"]))
    day = _number(match["d"]) if match["d"] else _MIDDLE
    new = date(year, _number(match["m"]), day) + timedelta(days)
    zero = next((character for character in match["y"] if character in "〇零○"), "〇")
    written = "".join(zero if digit == "0" else "〇一二三四五六七八九"[int(digit)] for digit in f"{new.year:04}")
    text = f"{written}年{_numeral(new.month)}月" + (_numeral(new.day) if match["d"] else "")
    return value[: match.start()] + text + value[match.end() :]


def _number(numeral: str) -> int:
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return _CHINESE_DIGITS[numeral]
    return 10 * (_CHINESE_DIGITS[tens] if tens else 1) + (_CHINESE_DIGITS[ones] if ones else 0)


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    digits = "〇一二三四五六七八九"
    return ("" if not tens else "十" if tens == 1 else f"{digits[tens]}十") + (digits[ones] if ones else "")


def _shifted_weekday(value: str, days: int) -> str | None:
    match = _WEEKDAY.search(value)
    if match is None:
        return None
    if match[3]:
        old = _CHINESE_WEEKDAYS.index(match[4].replace("天", "日"))
        new = match[3] + _CHINESE_WEEKDAYS[(old + days) % 7]
    else:
        name = _WEEKDAYS[(_WEEKDAY_NUMBERS[match[1].lower()] + days) % 7]
        new = _cased(name if match[2] else name[:3], match[0])
    return value[: match.start()] + new + value[match.end() :]
