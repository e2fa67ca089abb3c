"""Names in Chinese messengers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from vocation.deidentification import Finding
from vocation.deidentification.contexts import labelled_values, listed
from vocation.deidentification.detectors import NAMED, Detector
from vocation.deidentification.patterns import Pattern, Word

_WORDS = listed("微信|微信号|微信账号|wechat|wechat id|qq|qq号|qq群|扣扣")
_PATTERN = r"(?:[A-Z][A-Z0-9_-]{5,19}|[0-9]{5,11})"


class CnSocialAccount(Detector):
    """QQ numbers and WeChat names, where a word names them (QQ, 微信号, …)."""

    categories: ClassVar[tuple[str, ...]] = ("SOCIAL_ACCOUNT",)
    needs: ClassVar[str] = "[微Qq扣Ww](?:信|[Qq]|扣|e[Cc]hat)"
    languages: ClassVar[tuple[str, ...]] = ("zh",)

    words: tuple[Word, ...] = Field(
        default=_WORDS, min_length=1, description="What stands right before the number and names it, in any case."
    )
    pattern: Pattern = Field(
        default=_PATTERN,
        description="Regular expression of the number itself; it is bounded by what is neither letter nor digit.",
    )

    def find(self, text: str) -> Iterator[Finding]:
        for start, end in labelled_values(text, self.words, self.pattern):
            yield self.finding(start, end, NAMED)

    def needed(self) -> str:
        return self.needs if self.words == _WORDS else ""
