"""Numbers as Chinese and English write them, and what they are worth."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

_FORMS = {
    "〇": "零", "○": "零", "两": "二", "兩": "二", "萬": "万", "億": "亿",
    "壹": "一", "贰": "二", "貳": "二", "叁": "三", "參": "三", "肆": "四", "伍": "五", "陆": "六", "陸": "六",
    "柒": "七", "捌": "八", "玖": "九", "拾": "十", "佰": "百", "仟": "千",
}  # fmt: skip
_ONE_FORM = str.maketrans(_FORMS)
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_MULTIPLIERS = {"万": 10**4, "亿": 10**8} | {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}

CHINESE_DIGITS = "零〇○一二三四五六七八九"
"""The digits that a year or a decimal fraction is spelled with, as the inside of a character class."""

NUMERALS = "零一二三四五六七八九十百千万亿" + "".join(_FORMS)
"""Every character of a Chinese number, as the inside of a character class."""

FINANCIAL = frozenset("壹贰貳叁參肆伍陆陸柒捌玖拾佰仟")
"""Numerals of cheques and contracts; alone, some of them are surnames."""

ARABIC = r"(?:[0-9]{1,3}(?:,[0-9]{3})++(?![0-9])|[0-9]++)(?:\.[0-9]++)?+"
"""A pattern of a number in Arabic digits, with thousands separators or without."""

CHINESE = rf"[{NUMERALS}]++(?:点[{CHINESE_DIGITS}]++)?+"
"""A pattern of what may be a Chinese number; `value` says whether it is."""

MIXED = rf"{ARABIC}(?:万亿|[十百千]?[万亿萬億]|[百千])(?:[0-9]++(?:\.[0-9]++)?+(?:[十百千]?[万亿萬億]|[百千])?+)*+"
"""A pattern of Arabic digits with Chinese units, such as 3.5万 or 3亿5千万."""

ENGLISH = rf"{ARABIC}[ ](?:thousand|million|billion|trillion)\b"
"""A pattern of Arabic digits with an English multiplier, such as 3.5 million."""

_TERM = re.compile(r"([0-9]+(?:\.[0-9]+)?)([十百千]?[万亿]{0,2})")
_LONGEST = 40  # characters; a Chinese number below 10**16 has at most 35


@lru_cache(maxsize=4096)
def value(number: str) -> Decimal | None:
    """What a number is worth, or None if it is not one.

    Chinese numbers are read strictly: what would be written differently is none. So 一百零五 and 两千 are numbers, and
    二三十 (twenty or thirty), 千万, 一二三 and 一百二 are not.

    Args:
        number: in Arabic digits, Chinese numerals, or Arabic digits with Chinese or English multipliers.
    """
    if len(number) > _LONGEST:
        return None
    number = number.translate(_ONE_FORM)
    if number[0] in _DIGITS or number[0] in _UNITS:
        whole, point, fraction = number.partition("点")
        integer = _chinese_integer(whole)
        if integer is None or (point and not fraction):
            return None
        digits = "".join(str(_DIGITS[digit]) for digit in fraction)
        return Decimal(f"{integer}.{digits}" if digits else integer)
    number = number.replace(",", "")
    head, _, multiplier = number.partition(" ")
    if multiplier:
        return Decimal(head) * _MULTIPLIERS[multiplier]
    return _sum_of_terms(number)


def plain(number: Decimal) -> str:
    """A number in Arabic digits, without exponent and without zeros at the end of its fraction."""
    digits = format(number, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def in_chinese(number: int) -> str:
    """A whole number below 10**16 in Chinese numerals, as the textbooks write it (10 is 十, 110 is 一百一十)."""
    written = _sections(number)
    return written.removeprefix("一") if written.startswith("一十") else written


def _chinese_integer(numerals: str) -> int | None:
    """A whole number, if writing what was understood gives the same numerals."""
    total, section, digit = 0, 0, 0
    for numeral in numerals:
        if numeral in _DIGITS:
            digit = _DIGITS[numeral]
        elif numeral in _UNITS:
            section, digit = section + (digit or 1) * _UNITS[numeral], 0
        elif numeral == "万":
            total, section, digit = total + (section + digit) * 10**4, 0, 0
        else:
            total, section, digit = (total + section + digit) * 10**8, 0, 0
    number = total + section + digit
    if number >= 10**16:
        return None
    expected = in_chinese(number)
    if _bare(numerals) != _bare(expected) or numerals.count("零") < expected.count("零"):
        return None
    # More zeros than needed may stand between units (十万零三千), and nowhere else.
    if numerals != "零" and re.search("零零|零$|^零|零[十百千万亿]", numerals):
        return None
    return number


def _bare(numerals: str) -> str:
    """Without the zeros and ones that some writers leave out."""
    return numerals if numerals == "零" else numerals.replace("零", "").replace("一十", "十")


def _sections(number: int) -> str:
    if number < 10**4:
        return _section(number)
    size, name = (10**8, "亿") if number >= 10**8 else (10**4, "万")
    high, low = divmod(number, size)
    gap = "零" if 0 < low < size // 10 else ""
    return _sections(high) + name + gap + (_sections(low) if low else "")


def _section(number: int) -> str:
    """A number below 10,000."""
    names = "零一二三四五六七八九"
    written, pending = "", False
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            written += ("零" if pending and written else "") + names[digit] + name
        pending = not digit
    return written or "零"


def _sum_of_terms(number: str) -> Decimal | None:
    """The worth of 3亿5千万: each term is smaller than the multiplier before it."""
    total, limit, position = Decimal(0), None, 0
    for term in _TERM.finditer(number):
        worth = Decimal(term[1])
        scale = 1
        for unit in term[2]:
            scale *= _UNITS.get(unit) or _MULTIPLIERS[unit]
        worth *= scale
        # A term without a unit has all its digits: 3万2000, but not 3万5.
        cut_short = limit is not None and scale == 1 and len(term[1]) != len(str(limit)) - 1
        if term.start() != position or (limit is not None and worth >= limit) or cut_short:
            return None
        total, limit, position = total + worth, scale, term.end()
    return total if position == len(number) else None
