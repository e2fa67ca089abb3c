"""Chinese vehicle licence plates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.detectors import CHECKED, Detector
from vocation.deidentification.shapes import Shape

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_BODY = "A-HJ-NP-Z0-9"
_PLATE = re.compile(
    rf"[{_PROVINCES}][A-HJ-Z][ ·•・.-]?(?:"
    rf"[DF-KABCEDFGHJK][{_BODY}][0-9]{{4}}|[0-9]{{5}}[DF-KABCE]"  # new energy: 8 characters
    rf"|(?=[A-Z]{{0,2}}[0-9]|[0-9])[{_BODY}]{{4}}[{_BODY}挂学警领]|[{_BODY}]{{4}}[港澳]"
    rf")(?![0-9A-Za-z])|使[0-9]{{3}}[ ·]?[0-9]{{3}}(?![0-9])"
)


class CnLicencePlate(Detector):
    """Licence plates of mainland China (GA 36): province, letter and five places, or six for new-energy vehicles.

    Plates for trailers, driving schools, police, consulates and cross-border traffic (挂, 学, 警, 领, 港, 澳, 使) are
    among them. A plate has at most two letters behind the first, which tells it from a word in capitals.
    """

    categories: ClassVar[tuple[str, ...]] = ("CN_LICENCE_PLATE",)
    needs: ClassVar[str] = Shape(r"\?[0a]")
    needs_too: ClassVar[str] = f"[A-HJ-Z0-9](?<=[{_PROVINCES}使].)"
    languages: ClassVar[tuple[str, ...]] = ("zh",)

    def find(self, text: str) -> Iterator[Finding]:
        for match in _PLATE.finditer(text):
            if sum(character.isdigit() for character in match[0]) >= 3:
                yield self.finding(*match.span(), CHECKED)
