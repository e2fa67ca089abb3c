"""Telephone numbers of the world."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.contexts import named_otherwise
from vocation.deidentification.detectors import LABELLED, LONG_NUMBER, NAMED, PATTERN, POSSIBLE, Detector
from vocation.deidentification.telephone_forms import Form, Grade, beginnings, form_at
from vocation.deidentification.telephone_words import Naming, naming, speaks_otherwise

_JOINED = re.compile(r"\s?(?:[,;/|、，&]|or|and|und|oder|ou|et|y|o|e|或|和|or also)?\s{0,2}(?:or|and)?\s?", re.IGNORECASE)
_SEPARATE = re.compile(r"[.!?。！？]\s|\n\s*\n|[0-9]")
_DAY = re.compile("(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_PAIRS = re.compile(r"[0-9]{2}(?:\.[0-9]{2}){3}")
_ENUMERATED = re.compile(r"(?<![0-9A-Za-z])\(?[0-9]{1,2}[.)][ ]")
_LISTED = 48  # characters between two numbers of one list
_MARK = re.compile(r"@[A-Za-z0-9-]+\.[A-Za-z]|www\.|https?:")
_BULLET = " \t*·•|,;-"


class Phone(Detector):
    """Telephone numbers, international and national.

    - With +, 00 or 011: a calling code in use, and as many digits as its country has (ITU-T E.164).
    - Of North America: 3-3-4 digits, with separators. Of Russia: 8 and 10 digits in groups.
    - With a trunk 0 or an area code in brackets: 8 to 13 digits in groups.
    - Any other groups of 7 to 15 digits where telephones are spoken of nearby, in a list of telephone numbers, or on a
      line of its own beside an e-mail or web address.
    - Digits in one run, or grouped as an amount or a code may be, where a word such as "phone" or "call" names them.

    Extensions (x123, ext. 123) belong to the number. For China use `cn_phone` beside it.
    """

    categories: ClassVar[tuple[str, ...]] = ("PHONE_NUMBER",)
    needs: ClassVar[str] = LONG_NUMBER

    def find(self, text: str) -> Iterator[Finding]:
        behind = listed = 0
        for start in beginnings(text):
            if start < behind or (form := form_at(text, start)) is None:
                continue
            score = _score(text, form, listed)
            if score:
                yield self.finding(form.start, form.end, score)
            if score > POSSIBLE:
                behind = listed = form.end


def _score(text: str, form: Form, listed: int) -> float:
    """How sure it is that a form is a telephone number, or 0.

    Args:
        text: where it stands.
        form: the form.
        listed: where the last telephone number before it ends, or 0.
    """
    if form.grade is Grade.INTERNATIONAL:
        return NAMED
    said = naming(text, form.start, form.end)
    if form.grade is Grade.NATIONAL:
        if said >= Naming.NEAR:
            return NAMED
        return POSSIBLE if said is Naming.OTHERWISE or named_otherwise(text, form.start) else PATTERN
    if said is Naming.OTHERWISE or (_DAY.fullmatch(text, form.start, form.end) and text[form.start - 2] not in ":："):
        return 0
    enough = Naming.NEAR if form.grade is Grade.GROUPED else Naming.DIRECT
    if said is Naming.DIRECT and _PAIRS.fullmatch(text, form.start, form.end):
        return LABELLED  # surer than that it is the address of a machine
    if said >= enough or (listed and _in_list(text, form, listed)) or _beside_address(text, form):
        return NAMED
    return POSSIBLE if form.grade is Grade.GROUPED else 0


def _in_list(text: str, form: Form, listed: int) -> bool:
    between = _ENUMERATED.sub(" ", text[listed : form.start])
    if _JOINED.fullmatch(between):
        return True
    if form.grade < Grade.GROUPED or len(between) > _LISTED or _SEPARATE.search(between):
        return False
    return not speaks_otherwise(between)


def _beside_address(text: str, form: Form) -> bool:
    """Whether a grouped number has a line of its own, and a line beside it an e-mail or web address."""
    if text[form.start : form.end].isdecimal():
        return False
    first = text.rfind("\n", 0, form.start) + 1
    last = text.find("\n", form.end)
    last = len(text) if last < 0 else last
    if text[first : form.start].strip(_BULLET) or text[form.end : last].strip(_BULLET):
        return False
    return bool(_MARK.search(text, max(0, first - 60), min(len(text), last + 60)))
