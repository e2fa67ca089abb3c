"""E-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.detectors import VALIDATED, Detector
from vocation.deidentification.shapes import Shape

_LOCAL = "[A-Za-z0-9À-ɏ.!#$%&'*+/=?^_`{|}~-]"
_EMAIL = re.compile(
    rf"(?<!{_LOCAL})(?:{_LOCAL}{{1,64}})(?<!\.)@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?\.){{1,8}}[A-Za-z]{{2,24}}(?![A-Za-z0-9-])"
)
_LEADING = re.compile(r"[^A-Za-z0-9À-ɏ_+]+")


class Email(Detector):
    """E-mail addresses (RFC 5322, without quoted local parts); Latin letters with accents may stand in them."""

    categories: ClassVar[tuple[str, ...]] = ("EMAIL_ADDRESS",)
    needs: ClassVar[str] = Shape("@")

    def find(self, text: str) -> Iterator[Finding]:
        for match in _EMAIL.finditer(text):
            leading = _LEADING.match(match[0])
            start = match.start() + (leading.end() if leading else 0)
            if text[start] != "@":
                yield self.finding(start, match.end(), VALIDATED)
