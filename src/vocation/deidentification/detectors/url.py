"""Web addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from vocation.deidentification import Finding
from vocation.deidentification.detectors import PATTERN, VALIDATED, Detector
from vocation.deidentification.shapes import Shape

_CHARACTERS = "A-Za-z0-9._~:/?#@!$&'()*+,;=%\\[\\]-"
_FULL = re.compile(rf"(?<![A-Za-z0-9])(?:(?:https?|ftps?|wss?)://|www\.)[A-Za-z0-9\[][{_CHARACTERS}]*", re.IGNORECASE)
_NATIVE_TOP = (
    "中国|中國|公司|网络|網絡|香港|台湾|台灣|新加坡|澳门|澳門|在线|中文网|政务|公益|商城|网址|网店|集团|我爱你|рф|한국"
)
_NATIVE = re.compile(
    rf"(?<![A-Za-z0-9])(?:https?|ftps?|wss?)://(?=[\w.-]*[^\x00-\x7f])(?:[\w-]{{1,63}}\.){{1,6}}(?:{_NATIVE_TOP}|[A-Za-z]{{2,18}})"
    rf"(?::[0-9]{{2,5}})?(?:[/?#][{_CHARACTERS}]*)?",
    re.IGNORECASE,
)
_TOP = "com|net|org|edu|gov|mil|int|info|biz|io|ai|app|dev|cn|uk|de|fr|eu|jp|hk|tw|ca|au|ru|br"
_BARE = re.compile(
    rf"(?<![A-Za-z0-9@._-])(?:[A-Za-z0-9](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?\.){{1,6}}(?:{_TOP})(?![A-Za-z0-9@-]|\.[A-Za-z0-9])"
    rf"(?::[0-9]{{2,5}})?(?:/[{_CHARACTERS}]*)?"
)
_CLOSING = ".,;:!?'*"


class Url(Detector):
    """Web addresses: with their scheme or www., and bare domains under well-known top-level domains.

    A name of a host may be written in any script (RFC 5890: https://例子.中国/) where the scheme stands before it.

    Marks that end a sentence, and a closing bracket that was not opened inside, are not part of an address.
    """

    categories: ClassVar[tuple[str, ...]] = ("URL",)
    needs: ClassVar[tuple[str, ...]] = (Shape("://"), Shape(r"\.a"))

    bare_domains: bool = Field(default=True, description="Whether domains without scheme and www. are found as well.")

    def find(self, text: str) -> Iterator[Finding]:
        for match in _FULL.finditer(text) if "://" in text or "www." in text.lower() else ():
            end = match.start() + len(_trimmed(match[0]))
            if "." in text[match.start() : end] or "//localhost" in match[0]:
                yield self.finding(match.start(), end, VALIDATED)
        for match in _NATIVE.finditer(text) if "://" in text else ():
            yield self.finding(match.start(), match.start() + len(_trimmed(match[0])), VALIDATED)
        if self.bare_domains:
            for match in _BARE.finditer(text):
                yield self.finding(match.start(), match.start() + len(_trimmed(match[0])), PATTERN)


def _trimmed(address: str) -> str:
    """The address without the marks that end the sentence or the brackets around it."""
    while address and (address[-1] in _CLOSING or _closes_nothing(address)):
        address = address[:-1]
    return address


def _closes_nothing(address: str) -> bool:
    opening = {")": "(", "]": "["}.get(address[-1])
    return opening is not None and address.count(address[-1]) > address.count(opening)
