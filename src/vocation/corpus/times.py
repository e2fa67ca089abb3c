"""Times as sources write them: ISO 8601, and the common forms of Chinese and English dates.

A time with an offset is taken to UTC; one without is taken as it stands. A date alone is its first moment, so are a
month and a year. `05/06/2023` may be May or June and is refused; where one of the two numbers cannot be a month, or
both are equal, it is read.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from math import isnan
from typing import Any

from vocation.errors import DataError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"
_CLOCK = (
    r"(?:(?:t|,?\s+|\s*(?=[上下中凌早晚]))(?P<part>凌晨|早上|上午|中午|下午|晚上)?\s*"
    r"(?P<hour>\d{1,2})\s*(?:[:时点]\s*(?P<minute>\d{1,2})?\s*分?\s*(?::?\s*(?P<second>\d{1,2})(?P<fraction>\.\d+)?\s*秒?)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2})?)?"
)
_FORMS = tuple(
    re.compile(form + _CLOCK, re.IGNORECASE)
    for form in (
        rf"{_YEAR}\s*年(?:\s*(?P<month>\d{{1,2}})\s*月(?:\s*(?P<day>\d{{1,2}})\s*[日号])?)?",
        rf"{_YEAR}([-/.])(?P<month>\d{{1,2}})(?:\2(?P<day>\d{{1,2}}))?",
        rf"{_WEEKDAY}{_DAY}(?:\s+of)?[\s-]+{_MONTH},?[\s-]+{_YEAR}",
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY},?\s+{_YEAR}",
        rf"{_MONTH},?\s+{_YEAR}",
        r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<other>\d{1,2})(?P=mark)(?P<year>\d{4})",
    )
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")
_HAN_DIGITS = {ord(digit): str(min(place, 10) % 10) for place, digit in enumerate("〇一二三四五六七八九")} | {
    ord("零"): "0",
    ord("○"): "0",
}
_HAN_YEAR = re.compile(r"[〇零○一二三四五六七八九]{4}(?=年)")
_HAN_NUMBER = re.compile(r"[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九](?=[月日号])")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALLOWED = "2023-05-01, 2023-05-01T14:30:00+08:00, 2023/5/1, 2023年5月1日, 1 May 2023, May 1, 2023, 13/05/2023, seconds"


def parse_time(value: Any) -> datetime | None:
    """When a row is from, in UTC; None for a missing value.

    Args:
        value: a string in one of the forms above, a `datetime` or `date`, or the seconds (10 digits) or milliseconds
            (13 digits) since 1970.

    Raises:
        DataError: it is none of these, or may be read in two ways; without the place, which the reader adds.
    """
    if value is None or (isinstance(value, float) and isnan(value)) or (isinstance(value, str) and not value.strip()):
        return None
    try:
        if isinstance(value, str):
            return _parse(value.strip())
        if isinstance(value, datetime):
            return _to_utc(value)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _from_number(value)
    except (ValueError, OverflowError) as error:
        raise _error(value, f"The time is none of the calendar: {error}") from error
    raise _error(value, "The time is neither a text nor a number")


def _parse(text: str) -> datetime:
    if text.isdecimal() and len(text) in {4, 10, 13}:
        return _from_number(int(text))
    try:
        return _to_utc(datetime.fromisoformat(text))
    except ValueError:
        pass  # Not ISO 8601; the other forms follow.
    plain = text if text.isascii() else _without_han_numbers(unicodedata.normalize("NFKC", text))
    if compact := _COMPACT.fullmatch(plain):
        year, month, day, hour, minute, second = map(int, compact.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    for form in _FORMS:
        if found := form.fullmatch(plain):
            return _from_parts(text, found.groupdict())
    raise _error(text, "The time is written in no form that is known")


def _from_number(number: float) -> datetime:
    """A year of four digits, or the time since 1970: below 10¹¹ in seconds (to the year 5138), else milliseconds."""
    if 1000 <= number <= 9999 and number == int(number):
        return datetime(int(number), 1, 1, tzinfo=UTC)
    if not 10**8 <= abs(number) < 10**14:
        raise _error(number, "The time is a number, and neither a year nor seconds or milliseconds since 1970")
    return _EPOCH + timedelta(seconds=number if abs(number) < 10**11 else number / 1000)


def _from_parts(text: str, parts: dict[str, str | None]) -> datetime:
    month, day = _month_and_day(text, parts)
    moment = datetime(int(parts["year"] or 0), month, day, tzinfo=UTC) + _clock(text, parts)
    zone = parts.get("zone")
    if zone and zone[0] in "+-":
        away = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        moment += away if zone[0] == "-" else -away
    return moment


def _month_and_day(text: str, parts: dict[str, str | None]) -> tuple[int, int]:
    if name := parts.get("name"):
        return _MONTHS.index(name[:3].lower()) + 1, int(parts.get("day") or 1)
    if "first" not in parts:
        return int(parts["month"] or 1), int(parts["day"] or 1)
    first, other = int(parts["first"] or 0), int(parts["other"] or 0)
    if parts["mark"] == "." or first > 12 or first == other:  # Dots stand in dates with the day first alone.
        return other, first
    if other > 12:
        return first, other
    raise _error(text, "The time may be read with the day first or the month first")


def _clock(text: str, parts: dict[str, str | None]) -> timedelta:
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    half, part = (parts["half"] or "")[:1].lower(), parts["part"]
    if half and not 1 <= hour <= 12:
        raise _error(text, "The hour does not fit its half of the day")
    if half or part in {"上午", "凌晨", "早上"}:
        hour = hour % 12 if half != "p" and hour <= 12 else hour
    if half == "p" or part in {"下午", "晚上"}:
        hour = hour % 12 + 12 if hour <= 12 else hour
    if hour > 23 or minute > 59 or second > 59:
        raise _error(text, "The time has an hour, minute or second that no day has")
    return timedelta(
        hours=hour, minutes=minute, seconds=second, microseconds=round(float(parts["fraction"] or 0) * 1e6)
    )


def _without_han_numbers(text: str) -> str:
    """二〇二三年十一月三十日 as 2023年11月30日."""
    text = _HAN_YEAR.sub(lambda found: found.group().translate(_HAN_DIGITS), text)
    return _HAN_NUMBER.sub(_arabic, text)


def _arabic(found: re.Match[str]) -> str:
    tens, ten, ones = found.group().rpartition("十")
    digits = (tens.translate(_HAN_DIGITS) or "1") if ten else ""
    return str(int(digits + (ones.translate(_HAN_DIGITS) or "0")))


def _to_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _error(value: Any, problem: str) -> DataError:
    return DataError(
        problem,
        column="time",
        received=repr(value)[:60],
        allowed=_ALLOWED,
        remedy="write times as 2023-05-01 (year, month, day), or map another column to `time`",
    )
