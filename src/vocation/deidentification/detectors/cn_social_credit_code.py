"""Unified social credit codes of Chinese organisations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.checks import PROVINCES, compact, organisation_digit, social_credit_valid
from vocation.deidentification.contexts import listed, mentioned
from vocation.deidentification.detectors import LONG_NUMBER, POSSIBLE, VALIDATED, Detector
from vocation.deidentification.long_numbers import beginnings
from vocation.deidentification.shapes import Shape

_LETTERS = "0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy"
_CODE = re.compile(
    rf"[1-9ANYany](?<![0-9A-Za-z].)(?<![0-9][.-].)"
    rf"(?=([ -]?[1-9](?:[ -]?[0-9]){{6}}(?:[ -]?[{_LETTERS}]){{10}})(?![0-9A-Za-z]|[.-][0-9]))"
)
# Who registers and what is registered: table 1 of the standard.
_KINDS = frozenset(
    listed(
        "11|12|13|19|21|29|31|32|33|34|35|39|41|49|51|52|53|54|55|59|61|62|69|71|72|79|81|89|91|92|93"
        "|A1|A9|N1|N2|N3|N9|Y1"
    )
)
_REGIONS = PROVINCES | {"10"}  # 10: registered with a national authority
_WORDS = listed("信用代码|社会信用|税号|纳税人识别号|组织机构|统一代码|credit code")


class CnSocialCreditCode(Detector):
    """Unified social credit codes: a kind and region that exist, and a right check character (GB 32100).

    The organisation code within, places 9 to 17, has a check character of its own (GB 11714). Where that one is wrong,
    as in some codes that were issued, a word such as 信用代码 has to stand near. Single spaces or dashes may stand
    between the characters.
    """

    categories: ClassVar[tuple[str, ...]] = ("CN_SOCIAL_CREDIT_CODE",)
    needs: ClassVar[str] = LONG_NUMBER
    needs_too: ClassVar[str] = Shape("0(?<![0a][0a]0)(?:[ -]?0){6}(?:[ -]?[0a]){10}")
    languages: ClassVar[tuple[str, ...]] = ("zh",)

    def find(self, text: str) -> Iterator[Finding]:
        for match in _codes(text):
            code = compact(match[0] + match[1])
            start, end = match.start(), match.end(1)
            if code[:2] not in _KINDS or code[2:4] not in _REGIONS or not social_credit_valid(code):
                continue
            sure = organisation_digit(code[8:16]) == code[16] or mentioned(text, start, end, _WORDS)
            yield self.finding(start, end, VALIDATED if sure else POSSIBLE)


def _codes(text: str) -> Iterator[re.Match[str]]:
    """Where the form stands: seven digits or more, of which the first may have a letter before it."""
    for start in beginnings(text):
        if match := _CODE.match(text, start):
            yield match
        elif start and text[start - 1] in "ANYany -":
            for place in (start - 1, max(0, start - 2)):
                if match := _CODE.match(text, place):
                    yield match
