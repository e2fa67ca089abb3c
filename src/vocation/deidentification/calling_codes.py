"""Calling codes of countries, and how many digits may follow them."""

from __future__ import annotations

from typing import Final

_TWO_DIGITS = frozenset((20, 27, *range(30, 35), 36, *range(39, 42), *range(43, 50), *range(51, 59)))
_TWO_DIGITS |= {*range(60, 67), 81, 82, 84, 86, *range(90, 96), 98}
_THREE_DIGITS = frozenset((*range(21, 27), 29, 35, 37, 38, 42, 50, 59, 67, 68, 69, 80, 85, 87, 88, 96, 97, 99))
"""First two digits of the codes of three."""
_LONGEST = {
    "1": 10,
    "7": 10,
    "20": 10,
    "27": 9,
    "31": 9,
    "32": 9,
    "33": 9,
    "34": 9,
    "36": 9,
    "41": 9,
    "44": 10,
    "45": 8,
}
_LONGEST |= {
    "46": 10,
    "47": 8,
    "48": 9,
    "49": 12,
    "52": 10,
    "55": 11,
    "61": 9,
    "65": 8,
    "81": 10,
    "86": 12,
    "90": 10,
    "91": 10,
}
_LONGEST |= {"852": 8, "853": 8, "886": 9, "971": 9}
_USUALLY_LONGEST: Final = 12
_SHORTEST = {"1": 10, "7": 10, "86": 9}
_USUALLY_SHORTEST: Final = 6


def calling_code(digits: str) -> str | None:
    """The calling code (ITU-T E.164) at the beginning of some digits, or None where there is none."""
    if digits[0] in "17":
        return digits[0]
    if int(digits[:2]) in _TWO_DIGITS:
        return digits[:2]
    return digits[:3] if int(digits[:2]) in _THREE_DIGITS and len(digits) > 2 else None


def international_end(text: str, start: int, end: int) -> int | None:
    """Where an international number ends that begins behind its + at `start`, or None where there is none.

    Digits beyond what its country has are another number, if a separator stands before them. A (0) that is dialled
    only at home does not count.

    Args:
        text: where it stands.
        start: offset of the first digit of its calling code.
        end: how far digits and separators go.
    """
    part = text[start:end]
    code = calling_code("".join(filter(str.isdigit, part[:8])))
    if code is None:
        return None
    fewest = len(code) + _SHORTEST.get(code, _USUALLY_SHORTEST)
    allowed = len(code) + _LONGEST.get(code, _USUALLY_LONGEST) + part.count("(0)")
    places = [place for place, character in enumerate(part) if character.isdigit()]
    if len(places) < fewest:
        return None
    last = min(len(places), allowed) - 1
    following = text[start + places[last] + 1 :][:1]
    while last > 0 and following.isdigit():
        last -= 1
        following = text[start + places[last] + 1 :][:1]
    return start + places[last] + 1 if last + 1 >= fewest else None
