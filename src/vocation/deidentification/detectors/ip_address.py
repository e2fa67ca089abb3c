"""Internet addresses of machines."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.detectors import CHECKED, POSSIBLE, VALIDATED, Detector
from vocation.deidentification.shapes import Shape

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_FOUR = re.compile(
    rf"(?:(?<![0-9A-Za-z])|(?<=[Ii][Pp]))(?<![0-9A-Za-z][.:-])(?:{_OCTET}\.){{3}}{_OCTET}(?![0-9A-Za-z]|\.[0-9]|-[0-9])"
    r"(?:/[0-9]{1,2}(?![0-9]))?(?![项条节款章])"
)
_SIX = re.compile(
    r"(?<![0-9A-Za-z:.])(?=[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]{2,39}(?:\.[0-9.]{5,13})?(?:/[0-9]{1,3})?(?![0-9A-Za-z:])"
)
_DIGIT = re.compile("[0-9]")
_CLAUSE = re.compile(r"(?<![^\n])[ \t\u3000(（]*[1-9](?:\.(?:[12]?[1-9]|[123]0|31)){3}(?![0-9/:])")
"""A number of four parts where a line begins, each as small as those of clauses are."""
_VERSION = re.compile(
    r"(?:\bEC|version|release|build|firmware|section|chapter|clause|版本|固件|第|§|v|ver\.?)[号\s:：]{0,3}\Z",
    re.IGNORECASE,
)


class IpAddress(Detector):
    """Addresses of IPv4 (RFC 791, dotted) and IPv6 (RFC 4291), each with or without the length of its prefix."""

    categories: ClassVar[tuple[str, ...]] = ("IP_ADDRESS",)
    needs: ClassVar[tuple[str, ...]] = (Shape(r"0\.0"), Shape(":[0a]{0,4}:"))

    def find(self, text: str) -> Iterator[Finding]:
        for match in _FOUR.finditer(text) if text.count(".") > 2 else ():
            start = match.start()
            yield self.finding(*match.span(), POSSIBLE if _numbers_something_else(text, start) else CHECKED)
        for match in _SIX.finditer(text) if text.count(":") > 1 else ():
            if match[0].count(":") >= 2 and _DIGIT.search(match[0]) and _is_six(match[0]):
                yield self.finding(*match.span(), VALIDATED)


def _numbers_something_else(text: str, start: int) -> bool:
    """Whether the four numbers are those of a version, an enzyme (EC 3.1.1.11), or a clause."""
    line = text.rfind("\n", 0, start) + 1
    clause = _CLAUSE.match(text, line)
    return bool(_VERSION.search(text, max(0, start - 12), start)) or bool(
        clause and clause.start() <= start < clause.end()
    )


def _is_six(candidate: str) -> bool:
    try:
        return int(ipaddress.IPv6Interface(candidate).ip) != 0
    except ValueError:
        return False
