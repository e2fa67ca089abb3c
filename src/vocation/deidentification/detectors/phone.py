"""Telephone numbers of the world."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.contexts import named_otherwise
from vocation.deidentification.detectors import LABELLED, LONG_NUMBER, NAMED, PATTERN, POSSIBLE, Detector
from vocation.deidentification.telephone_forms import Form, Grade, form_at, places
from vocation.deidentification.telephone_surroundings import (
    before_street,
    beside_address,
    counts_something,
    in_list,
    in_row,
    stands_alone,
)
from vocation.deidentification.telephone_words import Naming, naming

_DAY = re.compile("(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_PAIRS = re.compile(r"[0-9]{2}(?:\.[0-9]{2}){3}")
_ENOUGH = (Naming.DIRECT, Naming.NEAR, Naming.BEHIND, Naming.BEHIND)
"""How far numbers of each grade have to be named; those of the highest need no words."""


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
        for start in places(text):
            if start < behind or (form := form_at(text, start)) is None:
                continue
            score = _score(text, form, listed)
            if score:
                yield self.finding(form.start, form.end, score)
            if score > POSSIBLE:
                behind = form.end
                listed = form.end if score > PATTERN else 0


def _score(text: str, form: Form, listed: int) -> float:
    """How sure it is that a form is a telephone number, or 0.

    Args:
        text: where it stands.
        form: the form.
        listed: where the last telephone number before it that is sure ends, or 0.
    """
    if form.grade is Grade.INTERNATIONAL:
        return NAMED
    said = naming(text, form.start, form.end, _ENOUGH[form.grade])
    if form.grade is Grade.NATIONAL:
        score = NAMED
        if said < Naming.BEHIND:
            otherwise = said is Naming.OTHERWISE or named_otherwise(text, form.start)
            score = POSSIBLE if otherwise else PATTERN
    else:
        score = 0 if said is Naming.OTHERWISE else _score_by_words(text, form, said, listed)
        if not score or counts_something(text, form):
            return 0
    if in_row(text, form) or (said < Naming.DIRECT and before_street(text, form)):
        return 0
    return score


def _score_by_words(text: str, form: Form, said: Naming, listed: int) -> float:
    """How sure a form is that says little by itself, or 0."""
    if said >= _ENOUGH[form.grade]:
        if _DAY.fullmatch(text, form.start, form.end) and text[max(0, form.start - 2)] not in ":：":
            return 0
        # Dotted pairs that are said to be a telephone's are no address of a machine.
        return LABELLED if said is Naming.DIRECT and _PAIRS.fullmatch(text, form.start, form.end) else NAMED
    if listed and in_list(text, form, listed):
        return NAMED
    if form.grade is Grade.AMBIGUOUS:
        return 0
    if beside_address(text, form):
        return NAMED
    return PATTERN if form.grade is Grade.GROUPED and stands_alone(text, form) else 0
