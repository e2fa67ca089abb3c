"""Patterns of dates and times as English and Chinese write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_YEAR = "(?:18|19|20)[0-9]{2}"
_MONTH = "(?:1[0-2]|0?[1-9])"
_DAY = "(?:3[01]|[12][0-9]|0?[1-9])"
_NAMES = "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
_NAMES += r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
_REST = re.sub("[JFMASOND]", "", _NAMES)  # of a month's name, behind its first letter
_NUMERALS = "[〇零一二三四五六七八九十]"

_FORMS = (
    f"{_YEAR}[ ]?年[ ]?{_MONTH}[ ]?月(?:[ ]?{_DAY}[ ]?[日号])?",
    f"[〇零○一二三四五六七八九]{{4}}年{_NUMERALS}{{1,3}}月(?:{_NUMERALS}{{1,3}}[日号])?",
    f"(?<![0-9]){_YEAR}(?P<ymd>[-/.]){_MONTH}(?P=ymd){_DAY}(?![0-9])",
    f"(?<![0-9])(?:{_MONTH}(?P<mdy>[-/.]){_DAY}|{_DAY}(?P<dmy>[-/.]){_MONTH})(?(mdy)(?P=mdy)|(?P=dmy)){_YEAR}(?![0-9])",
    f"(?<![0-9A-Za-z]){_DAY}(?:st|nd|rd|th)?(?:[ ]of)?[ -]{_NAMES},?[ -]{_YEAR}(?![0-9])",
    f"(?<![0-9A-Za-z]){_NAMES}[ ]{_DAY}(?:st|nd|rd|th)?,?[ ]{_YEAR}(?![0-9])",
)
FULL_DATE: Final = f"(?:{'|'.join(_FORMS)})"
"""A day (or, in Chinese, a month) with its year. Compile it with `re.IGNORECASE`, and use it once in a pattern."""

PARTIAL_DATE: Final = "|".join(
    (
        f"(?<![0-9]){_MONTH}[ ]?月[ ]?{_DAY}[ ]?[日号]",
        f"(?<![0-9A-Za-z]){_DAY}(?:st|nd|rd|th)?[ ]{_NAMES}(?![A-Za-z])",
        f"(?<![0-9A-Za-z]){_NAMES}[ ](?:{_YEAR}|{_DAY}(?:st|nd|rd|th)?)(?![0-9A-Za-z])",
        f"(?<![0-9/]){_MONTH}/{_DAY}/[0-9]{{2}}(?![0-9/])",
    )
)
"""A date that lacks its year or its day."""

_ZONE = r"(?:[ ]?[ap]\.?m\b\.?|Z|[+-][0-9]{2}:?[0-9]{2})?"
_CLOCK = rf"(?<![0-9:])(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{{1,9}})?)?{_ZONE}(?![0-9:])"
_CHINESE_TIME = "(?<![0-9])(?:[01]?[0-9]|2[0-3])[时点](?:[0-5]?[0-9]分(?:[0-5]?[0-9]秒)?)?"
TIME: Final = f"{_CLOCK}|{_CHINESE_TIME}"
"""A time of day."""

DATE_NUMERAL: Final = "[0-9〇○零一二三四五六七八九]"
"""Something that every date has."""
# Where a run of numerals begins that goes on as a date or time does (group 1), or stands behind a word. A pattern that
# begins with a class of characters is fast, because `re` skips to it; what stands before is looked at behind it.
_GOES_ON = (
    r"[0-9]{0,3}(?:[-/.:][0-9]|[ ]?[年月时点]|(?i:st|nd|rd|th)?[ -](?:of )?[JFMASONDjfmasond][aepucoAEPUCO])"
    r"|[0-9]{7}(?![0-9])"
)
_DIGIT = re.compile(f"[0-9](?<![0-9].)(?:(?={_GOES_ON})()|(?<=[A-Za-z.][ ].))")
_NUMERAL = re.compile(f"{DATE_NUMERAL}(?<!{DATE_NUMERAL}.)(?:(?={_GOES_ON}|[^0-9])()|(?<=[A-Za-z.][ ].))")
_MONTH_NAME = re.compile(rf"[JFMASONDjfmasond](?<![A-Za-z].)(?i:{_REST})[ ]\Z")
_MONTH_ENDS = frozenset(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"))
_MONTH_ENDS |= {"ary", "rch", "ril", "une", "uly", "ust", "ept", "ber"}
_LONGEST_MONTH = 11  # with a full stop and a space


def dates(text: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """The matches of a pattern of dates and times, tried only where one can begin; none overlap."""
    behind = 0
    for numeral in (_DIGIT if text.isascii() else _NUMERAL).finditer(text):
        start = numeral.start()
        month = _month_before(text, start) if text[start - 1 : start] == " " else None
        match = pattern.match(text, month) if month is not None and month >= behind else None
        if match is None and numeral.lastindex and start >= behind:
            match = pattern.match(text, start)
        if match:
            yield match
            behind = match.end()


def _month_before(text: str, start: int) -> int | None:
    """Where the name of a month begins that ends, with a space, at `start`."""
    if text[max(0, start - 5) : start - 1].rstrip(".")[-3:].lower() not in _MONTH_ENDS:
        return None
    match = _MONTH_NAME.search(text, max(0, start - _LONGEST_MONTH), start)
    return match.start() if match else None
