"""Telephone numbers of mainland China."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.contexts import any_word, listed, mentioned, named_otherwise
from vocation.deidentification.detectors import LONG_NUMBER, NAMED, PATTERN, POSSIBLE, Detector
from vocation.deidentification.long_numbers import beginnings

# Each pattern begins with a class of characters, which `re` skips to; its bound on the left is looked at behind that.
_FREE = r"(?<![0-9].)(?<![0-9]\..)(?:(?<![A-Za-z_].)|(?<=[Tt][Ee][Ll].))"
_AFTER = r"(?![0-9A-Za-z*×]|\.[0-9]|[元万亿%])"
_PREFIX = "(?:3[0-9]|4[014-9]|5[0-35-9]|6[2567]|7[0-8]|8[0-9]|9[0-35-9])"  # behind the 1
_GROUPS = (
    f"{_PREFIX}[0-9]{{8}}",
    f"{_PREFIX}(?P<a>[ -])[0-9]{{4}}(?P=a)[0-9]{{4}}",
    f"{_PREFIX}[ -][0-9]{{8}}",
    f"{_PREFIX}[0-9](?P<b>[ -])[0-9]{{3}}(?P=b)[0-9]{{4}}",
    f"{_PREFIX}[0-9]{{4}}[ -][0-9]{{4}}",
)
_MOBILE = re.compile(f"1(?:(?<=861)|(?<=86[ )-]1)|{_FREE})(?:{'|'.join(_GROUPS)}){_AFTER}")
_COUNTRY = re.compile(r"(?<![0-9A-Za-z])\(?(?:\+|00)?86\)?[ -]?\Z")
_AREA = "(?:10|2[0-57-9]|[3-9][1-9][0-9])"
_EXTENSION = r"(?:(?:[ ]?(?:转|分机|ext\.?|x)[ ]?|-)[0-9]{1,5})?"
_LANDLINE = re.compile(
    rf"[+(（0]{_FREE}(?:(?<=\+)86[ -]?{_AREA}[ -]|(?<=[(（])0{_AREA}[)）][ -]?|(?<=0){_AREA}[ -])"
    rf"(?:[2-9][0-9]{{6,7}}|[2-9][0-9]{{2,3}}[ -][0-9]{{4}}){_EXTENSION}{_AFTER}"
)
_UNDIVIDED = re.compile(f"0{_FREE}(?<![-+].){_AREA}[2-9][0-9]{{6,7}}{_AFTER}(?!-[0-9])")
_SERVICE = re.compile(
    f"[48]{_FREE}00(?:-[0-9]{{3}}-[0-9]{{4}}|-[0-9]{{7}}|[ ][0-9]{{3}}[ ][0-9]{{4}}|-[0-9]{{4}}-[0-9]{{3}}){_AFTER}"
)
_BY_FIRST = {
    **dict.fromkeys("+(（", ((_LANDLINE, PATTERN),)),
    "0": ((_LANDLINE, PATTERN), (_UNDIVIDED, POSSIBLE)),
    **dict.fromkeys("48", ((_SERVICE, PATTERN),)),
}
"""By the character with which a number begins: its patterns, and how sure each is without a word."""
_SAID = listed("电话|电话号码|座机|固话|传真|热线|联系方式|tel|fax")
_LABEL = re.compile(rf"{any_word(_SAID)}[\s:：.是为号]{{0,3}}\Z")
_LOCAL = re.compile(r"[2-9](?<![0-9].)[0-9]{2,3}[ -]?[0-9]{4}(?![0-9]|-[0-9]{4}|[元万亿%.])")
_REACH = 8  # characters in which the word and what stands behind it have room
_WORDS = listed("电话|手机|座机|固话|传真|热线|联系|致电|拨打|来电|号码|微信|tel|phone|mobile|fax")


class CnPhone(Detector):
    """Mobile and landline numbers of mainland China, and its 400 and 800 service numbers.

    A mobile number begins with a prefix that is in use (13 to 19), whole or in groups (3-4-4, 4-3-4, 7-4). A landline
    number has its area code set off by a dash, space or brackets, and may have an extension; without these, or
    without an area code, a word must name it (电话, 传真, …).
    """

    categories: ClassVar[tuple[str, ...]] = ("PHONE_NUMBER",)
    needs: ClassVar[str] = LONG_NUMBER
    languages: ClassVar[tuple[str, ...]] = ("zh",)

    def find(self, text: str) -> Iterator[Finding]:
        for start in beginnings(text):
            first = text[start]
            if first in "108" and (place := _mobile_place(text, start)) is not None:
                yield from self._mobile(text, place)
            for pattern, alone in _BY_FIRST.get(first, ()):
                if match := pattern.match(text, start):
                    yield self.finding(*match.span(), _score(text, *match.span(), alone))
            local = _LOCAL.match(text, start) if first in "23456789" else None
            if local and _LABEL.search(text, max(0, start - _REACH), start):
                yield self.finding(*local.span(), NAMED)

    def _mobile(self, text: str, place: int) -> Iterator[Finding]:
        if match := _MOBILE.match(text, place):
            start, end = match.span()
            country = _COUNTRY.search(text, max(0, start - 7), start)
            start = country.start() if country else start
            if country or text[max(0, start - 2) : start] != "86":
                yield self.finding(start, end, _score(text, start, end, PATTERN))


def _mobile_place(text: str, start: int) -> int | None:
    """Where the 1 of a mobile number stands that begins at `start`, maybe with its country code."""
    if text[start] == "1":
        return start
    code = next((code for code in ("86", "0086") if text.startswith(code, start)), None)
    return start + len(code) if code and text.startswith("1", start + len(code)) else None


def _score(text: str, start: int, end: int, alone: float) -> float:
    if named_otherwise(text, start):
        return POSSIBLE
    return NAMED if mentioned(text, start, end, _WORDS) else alone
