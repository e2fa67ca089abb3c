"""Patient numbers of the British National Health Service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.checks import compact, nhs_valid
from vocation.deidentification.contexts import listed, mentioned, named_otherwise
from vocation.deidentification.detectors import LONG_NUMBER, POSSIBLE, VALIDATED, Detector
from vocation.deidentification.long_numbers import numbers
from vocation.deidentification.shapes import Shape

_NHS = re.compile(
    r"[0-9](?<![0-9A-Za-z+].)(?<![0-9][.-].)[0-9]{2}(?P<mark>[ -]?)[0-9]{3}(?P=mark)[0-9]{4}(?![0-9A-Za-z]|[.-][0-9])"
)
_WORDS = listed("nhs|national health service|nhs number|nhs no|patient|gp")

_CALLING_CODE = re.compile(r"\+[0-9]{1,3}[ -]\Z")
_REACH = 80  # characters before; a quarter of them behind: "… is the NHS number on file"


class UkNhs(Detector):
    """NHS numbers: ten digits with a right check digit (modulus 11), near a word such as NHS.

    One in eleven numbers of ten digits passes the check, telephone numbers among them, so that the word is needed.
    """

    categories: ClassVar[tuple[str, ...]] = ("UK_NHS",)
    needs: ClassVar[str] = LONG_NUMBER
    needs_too: ClassVar[str] = Shape("000[ -]?000[ -]?0000")
    languages: ClassVar[tuple[str, ...]] = ("en",)

    def find(self, text: str) -> Iterator[Finding]:
        for match in numbers(_NHS, text):
            if nhs_valid(compact(match[0])):
                named = mentioned(text, *match.span(), _WORDS, _REACH) and not named_otherwise(text, match.start())
                abroad = _CALLING_CODE.search(text, max(0, match.start() - 5), match.start())
                yield self.finding(*match.span(), VALIDATED if named and not abroad else POSSIBLE)
