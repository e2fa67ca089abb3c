"""Forms in which telephone numbers are written, and how much each form says by itself.

Forms are those of ITU-T E.123, of the numbering plans as libphonenumber's metadata prints them, and of everyday
writing: groups of digits with spaces, dots, dashes, slashes or brackets between them.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple

from vocation.deidentification.calling_codes import international_end
from vocation.deidentification.long_numbers import beginnings


class Grade(IntEnum):
    """How much a form says by itself."""

    AMBIGUOUS = 0
    """Digits in one run, or grouped as an amount, a year or a code may be; it needs a word that names it."""
    PLAUSIBLE = 1
    """Ten digits as of North America, or 2-3-3 digits: it needs a word somewhere before it."""
    GROUPED = 2
    """Groups as numbers of some country have, and of other things; it needs a word near it."""
    NATIONAL = 3
    """Trunk prefix, area code in brackets or groups as few other numbers have."""
    INTERNATIONAL = 4
    """A plus sign or an exit code, a calling code in use, and as many digits as its country has."""


class Form(NamedTuple):
    """A number that may be a telephone's.

    Args:
        start: offset of its first character.
        end: offset behind its last one; an extension belongs to it.
        grade: how much its form says.
    """

    start: int
    end: int
    grade: Grade


_EXTENSION = (
    r"(?i:[ ,;]{0,2}(?:x|ext\.?|extn\.?|extension|转|分机|内线|durchwahl|poste|ramal|anexo|apparat)"
    r"[ ]?[:=]?[ ]?[0-9]{1,6})?"
)
_AFTER = r"(?![0-9A-Za-z]|[.,:/-][0-9]|[元万亿%×*]|-[A-Z]{3})"
_AFTER_WORDS = _AFTER.replace("[0-9A-Za-z]", "[0-9a-z]|[A-Z](?![a-z])")  # a word may follow at once: …5283Email
_EXTENDED = re.compile(_EXTENSION)
_EXTENDED_ONE = re.compile(r"[0-9](?:x[0-9]{2,6}|[ ,;]{0,2}(?i:ext).*)\Z")
_SUM = re.compile(r"[0-9a-z]|[A-Z](?![a-z])|[ ]?[元万亿%×*=]|[ ]?/[1-9]|[ ]?\+(?![1-9])|[.,][0-9]")
# Behind an exit code no national number begins with 0, but for those of a few countries.
_EXIT = (
    r"00(?<![0-9] 00)[ ]?(?=[1-9][0-9]{0,2}(?:[ .()-]+[1-9]|[ .-]?\(0)|(?:39|22[59]|24[12]|378)[ .-]0)"
    r"|011[ -](?=[1-9][0-9]{0,2}[ .-])"
)
_INTERNATIONAL = re.compile(
    rf"(?P<sign>\+[ ]?\(?|\(\+[ ]?(?=[0-9]{{1,3}}\))|{_EXIT})[1-9](?:[ .()/-]{{0,3}}[0-9]){{6,15}}"
)
_PLUS = re.compile(rf"\+[ ]?\(?[0-9](?:[ .()/-]{{0,3}}[0-9]){{6,14}}{_EXTENSION}{_AFTER}")
# North America: area codes begin with 2 to 9, exchange codes too, but for those that are made up.
_AMERICAN = (
    r"(?:1[ .-]{1,3}|1[ .-]?(?=\())?"
    r"(?:\([2-9][0-9]{2}\)[ .-]{0,3}[2-9][0-9]{2}[ .-]|[2-9][0-9]{2}(?P<am>[ .-])[2-9][0-9]{2}(?P=am)"
    r"|[1-9][0-9]{2}(?P<odd>[.-])[0-9]{3}(?P=odd))[0-9]{4}"
)
# With a trunk 0: in groups of two to five digits, of one separator behind the area code.
_AREA = r"(?:\(0[1-9][0-9]{0,4}\)[ ./-]{0,3}|0[1-9][0-9]{0,4}(?:[ ./-]|[ ][/-][ ]))[0-9]{2,9}"
_TRUNK = rf"{_AREA}(?:(?P<tr>[ ]{{1,2}}|[.-])[0-9]{{2,5}}(?:(?P=tr)[0-9]{{2,5}}){{0,3}})?"
_RUSSIAN = r"8[ -]?(?:\([0-9]{3,5}\)|[3489][0-9]{2}(?=[ -]))[ -]?[0-9]{1,3}[ -][0-9]{2}[ -]?[0-9]{2}"
_BRACKETS = r"\((?!(?:19|20)[0-9]{2}\))[0-9]{2,4}\)[ .-]?[0-9]{3,5}(?:[ .-][0-9]{2,5}){1,3}"
# Forms of single countries: pairs of digits that are no date, a slash behind the area code, a dash in the last eight.
_PAIRS = (
    "(?!00|(?:[0-2][0-9]|3[01])-(?:0[1-9]|1[0-2])|[0-9]{2}-(?:0[1-9]|1[0-2])-(?:[0-2][0-9]|3[01]))"
    "[0-9]{2}(?:-[0-9]{2}){3}"
)
_SLASH = r"(?:\(0[0-9]\)|0[0-9]-)?[0-9]{1,2}/[0-9]{3}[ -][0-9]{4}"
_DASH = "[1-9][0-9][ ](?!(?:19|20)[0-9]{2}-)9?[0-9]{4}-[0-9]{4}"
_NATIONAL = re.compile(
    f"(?:{_AMERICAN}|{_RUSSIAN}|{_TRUNK}|{_BRACKETS}|{_PAIRS}|{_SLASH}|{_DASH}){_EXTENSION}{_AFTER_WORDS}"
)
_GROUPED = re.compile(
    r"(?:(?:(?:[0-9]{1,4}[ -]?)?\((?!(?:19|20)[0-9]{2}\))[0-9]{1,5}\)[ ./-]{0,3}|[0-9]{1,5}(?:[ /-]|[ ][/-][ ]))"
    r"(?:[0-9]{2,9}|[0-9](?=[ .-][0-9]{2}))(?:(?:[ ]{1,2}|[.-])[0-9]{2,7}){0,5}|[0-9]{1,6}(?:\.[0-9]{2,9}){1,5})"
    rf"{_EXTENSION}{_AFTER}"
)
_RUN = re.compile(rf"[1-9][0-9]{{6,12}}{_AFTER}(?![ .()/-]{{1,3}}[0-9]|[ ,;]{{0,2}}(?:x|[Ee]xt))")
_ANY = re.compile(rf"\(?[0-9](?:[ .()/-]{{0,3}}[0-9]){{6,14}}(?<=[0-9]{{2}}){_EXTENSION}{_AFTER}")

# Dates, fractions, payment cards, and ranges of fractions and years.
_ELSE = (
    r"(?:[0-9]{1,2}[./-][0-9]{1,2}[./-](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}[./-][01]?[0-9][./-][0-3]?[0-9](?![0-9])"
    r"|[0-9]{1,2}(?P<short>[./-])[0-9]{1,2}(?P=short)[0-9]{2}(?![0-9]|(?P=short))"
    r"|0\.[0-9]|[0-9]{4,}\.[0-9]{1,2}(?![0-9.-])"
    r"|[1-9][0-9]{13}|[0-9]{4}(?P<card>[ -])[0-9]{4}(?P=card)[0-9]{4}(?P=card)[0-9]{4}|[0-9]{4}[ -][0-9]{6}[ -][0-9]{5}"
    r"|[0-9]+\.[0-9]+[ ]?-[ ]?[0-9]+\.[0-9]+"
    r"|(?:1[89]|20)[0-9]{2}(?:[ ]?[-/][ ]?|--|[ ])(?:1[89]|20)[0-9]{2}(?![0-9]|[ .-][0-9]))"
)
# It begins behind no other number, word or sum; only a label may stand right before it: Tel0301234567.
_GLUED = "|".join(f"(?<={label}.)" for label in ("[Tt]el", "TEL", "[Pp]hone", "[Ff]ax", "FAX", "[Mm]obile", "[Cc]ell"))
_BEGINNING = re.compile(
    rf"(?!{_ELSE})[+(0-9](?:(?<![0-9A-Za-z+].)|{_GLUED})(?<![0-9][./:-].)(?<![0-9]\(.)(?<![^A-Za-z]\..)"
    r"(?<![0-9][)）].)(?<![%元月字第].)"
)
_CODE = re.compile(
    r"0[0-9]{4}-[0-9]{3,4}"  # postal codes of the United States and Brazil
)
_AMBIGUOUS = re.compile(
    r"[1-9][0-9]?(?:[ ][0-9]{3})+|[0-9]{3}(?:[ ][0-9]{3}){3,}|[0-9]{1,3}(?:\.[0-9]{3})+"  # amounts
    r"|(?![0-9]{3}\.[0-9]{4}\Z)[0-9]+[.][0-9]+|[0-9]+/[0-9]+"  # a fraction
    r"|[0-9]{5}-[0-9]{3,4}|[0-9]{3}-[0-9]{2}-[0-9]{4}|97[89][ -].*"  # postal code, SSN, ISBN
    r"|(?:1[0-9]|20)[0-9]{2}[ ]?[-/][ ]?[0-9]{2,7}"  # numbers of a year
    r"|(?:0|[1-9][0-9]?)\.[0-9]{1,2}\.[0-9]{1,8}"  # versions
    r"|[0-9]{1,3}(?:\.[0-9]{1,3}){3}"  # address of a machine
)
_PLAUSIBLE = re.compile(r"1?[2-9][0-9]{2}[2-9][0-9]{6}|[1-9][0-9](?:[ ][0-9]{3}){2}")
_UNDIVIDED = re.compile(r"0[1-9][0-9]{8,9}|00[1-9][0-9]{8,12}")  # with a trunk 0 or an exit code
_FEWEST = 8  # digits of a national number that nothing names
_FEWEST_NAMED = 7
_DIGIT = re.compile("[0-9]")


def places(text: str) -> list[int]:
    """Where in a text a telephone number can begin: ask `form_at` whether one does."""
    return [start for start in beginnings(text) if _BEGINNING.match(text, start)]


def form_at(text: str, start: int) -> Form | None:
    """The telephone number that may begin at an offset, with the form that says most; None where there is none."""
    if text[start] in "+(0":
        if (end := _international_end(text, start)) is not None:
            return Form(start, end, Grade.INTERNATIONAL)
    elif run := _RUN.match(text, start):
        return Form(start, run.end(), _grade_of_any(run[0]))
    national = _NATIONAL.match(text, start)
    if national and _digits(national[0]) >= _FEWEST and not _CODE.fullmatch(national[0]):
        return Form(start, national.end(), Grade.NATIONAL)
    if match := _ANY.match(text, start):
        return _other(text, start, match)
    plus = _PLUS.match(text, start)
    return Form(start, plus.end(), Grade.GROUPED) if plus else None


def _other(text: str, start: int, any_match: re.Match[str]) -> Form:
    number = any_match[0]
    match = None if number.isdecimal() else _GROUPED.match(text, start)
    if match and match.end() <= any_match.end():  # not more digits than a number has
        short = match.end() < any_match.end() and _digits(match[0]) < _FEWEST_NAMED
        if not short and not _AMBIGUOUS.fullmatch(match[0]):
            return Form(start, match.end(), Grade.NATIONAL if _EXTENDED_ONE.search(match[0]) else Grade.GROUPED)
    return Form(start, any_match.end(), _grade_of_any(number))


def _grade_of_any(number: str) -> Grade:
    if _UNDIVIDED.fullmatch(number):
        return Grade.GROUPED
    return Grade.PLAUSIBLE if _PLAUSIBLE.fullmatch(number) else Grade.AMBIGUOUS


def _international_end(text: str, start: int) -> int | None:
    match = _INTERNATIONAL.match(text, start)
    if match is None:
        return None
    end = international_end(text, match.end("sign"), match.end())
    extended = _EXTENDED.match(text, end) if end is not None else None
    return extended.end() if extended and not _SUM.match(text, extended.end()) else None


def _digits(number: str) -> int:
    return len(_DIGIT.findall(number))
