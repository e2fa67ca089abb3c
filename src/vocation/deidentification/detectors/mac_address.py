"""Hardware addresses of network devices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.detectors import CHECKED, Detector
from vocation.deidentification.shapes import Shape

_MAC = re.compile(
    r"(?<![0-9A-Za-z:.-])(?:[0-9A-Fa-f]{2}(?P<mark>[:-])(?:[0-9A-Fa-f]{2}(?P=mark)){4}[0-9A-Fa-f]{2}"
    r"|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})(?![0-9A-Za-z:-]|\.[0-9A-Za-z])"
)


class MacAddress(Detector):
    """EUI-48 addresses of network devices, written with colons, dashes or dots."""

    categories: ClassVar[tuple[str, ...]] = ("MAC_ADDRESS",)
    needs: ClassVar[tuple[str, ...]] = (Shape(":[0a][0a]:"), Shape("-[0a][0a]-"), Shape(r"\.[0a]{4}\."))

    def find(self, text: str) -> Iterator[Finding]:
        for match in _MAC.finditer(text):
            if len(set(match[0].upper()) - set(":-.")) > 1:
                yield self.finding(*match.span(), CHECKED)
