"""Telephone numbers of the world."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.calling_codes import international_end
from vocation.deidentification.contexts import any_word, listed, named_otherwise
from vocation.deidentification.detectors import LONG_NUMBER, NAMED, PATTERN, POSSIBLE, Detector

# Where a number can begin; the patterns below are tried there and nowhere else.
_BEGINNING = re.compile(r"[+(0-9](?<![0-9A-Za-z+(].)(?<![0-9][./:-].)(?<![)）%元月].)")
_EXTENSION = r"(?i:[ ,;]{0,2}(?:x|ext\.?|extension|转)[ ]?[0-9]{1,6})?"
_AFTER = r"(?![0-9A-Za-z]|[.,:/-][0-9]|[元万亿%])"
_DATE = re.compile(
    r"[0-9]{1,2}[./-][0-9]{1,2}[./-](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}[./-][01]?[0-9][./-][0-3]?[0-9](?![0-9])"
)
_INTERNATIONAL = re.compile(
    r"(?P<sign>\+[ ]?|\(\+(?=[0-9]{1,3}\))|00(?=[1-9][0-9]{0,2}[ .-]))[1-9](?:[ .()/-]{0,3}[0-9]){6,15}"
)
_EXTENDED = re.compile(_EXTENSION)
_SUM = re.compile("[0-9A-Za-z]|[ ]?[元万亿%×*/=+]|[.,][0-9]")
# North America: area and exchange codes begin with 2 to 9.
_AMERICAN = (
    r"(?:1[ .-])?(?:\([2-9][0-9]{2}\)[ .-]?|[2-9][0-9]{2}(?P<am>[ .-]))[2-9][0-9]{2}(?:(?(am)(?P=am)|[ .-]))[0-9]{4}"
)
# With a trunk 0: in groups of two to five digits, of one separator behind the area code.
_AREA = r"(?:\(0[1-9][0-9]{0,4}\)[ ]?[0-9]{2,4}|0[1-9][0-9]{0,4}[ ./-][0-9]{2,8})"
_TRUNK = rf"{_AREA}(?:(?P<tr>[ .-])[0-9]{{2,5}}(?:(?P=tr)[0-9]{{2,5}}){{0,3}})?"
_BRACKETS = r"\([0-9]{2,4}\)[ ]?[0-9]{3,4}[ -][0-9]{3,4}"
_NATIONAL = re.compile(f"(?:{_AMERICAN}|{_TRUNK}|{_BRACKETS}){_EXTENSION}{_AFTER}")
_ANY = re.compile(rf"\(?[0-9](?:[ .()/-]{{0,2}}[0-9]){{6,13}}{_EXTENSION}{_AFTER}")
_SAID = listed(
    "phone|phones|telephone|tel|mobile|cell|cellphone|cellular|fax|whatsapp|hotline|landline|pager|handset|call|called"
    "|calling|dial|dialled|dialed|text me|text us|texts to|sms|messages to|messages from|messages on|reach me|reach us"
    "|reach him|reach her|reach them|contact|answering at|answer at|registered"
)
_LABELS = listed("desk|office|home|work|direct")
_NAMED = re.compile(
    rf"(?:{any_word(_SAID)}(?:[:：#.]?\s{{0,2}}|[^0-9\n+]{{0,24}})|{any_word(_LABELS)}[ ]?[:：]\s{{0,2}})\Z"
)
_REACH = 40  # characters in which the word stands
_FEWEST = 8  # digits of a national number that nothing names


class Phone(Detector):
    """Telephone numbers, international and national.

    - With + or 00: a calling code in use, and no more digits than its country has (ITU-T E.164).
    - Of North America: 3-3-4 digits, with separators.
    - With a trunk 0 or an area code in brackets: 8 to 12 digits in groups.
    - Any other of 7 to 14 digits where a word such as "phone" or "call" stands shortly before.

    Extensions (x123, ext. 123) belong to the number. For China use `cn_phone` beside it.
    """

    categories: ClassVar[tuple[str, ...]] = ("PHONE_NUMBER",)
    needs: ClassVar[str] = LONG_NUMBER

    def find(self, text: str) -> Iterator[Finding]:
        behind = 0
        for beginning in _BEGINNING.finditer(text):
            if beginning.start() >= behind and (found := self._at(text, beginning.start())):
                yield found
                behind = found.end

    def _at(self, text: str, start: int) -> Finding | None:
        if match := _INTERNATIONAL.match(text, start):
            end = international_end(text, match.end("sign"), match.end())
            extended = _EXTENDED.match(text, end) if end is not None else None
            if extended and not _SUM.match(text, extended.end()):
                return self.finding(start, extended.end(), NAMED)
        match = _ANY.match(text, start)
        if not match or _DATE.match(text, start):
            return None
        national = _NATIONAL.match(text, start)
        if national and sum(map(str.isdigit, national[0])) < _FEWEST:
            national = None
        match = national or match
        if _NAMED.search(text, max(0, start - _REACH), start):
            return self.finding(*match.span(), NAMED)
        return self.finding(*match.span(), POSSIBLE if named_otherwise(text, start) else PATTERN) if national else None
