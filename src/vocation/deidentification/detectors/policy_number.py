"""Numbers of insurance policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from vocation.deidentification import Finding
from vocation.deidentification.contexts import labelled_values, listed
from vocation.deidentification.detectors import FOUR_DIGITS, LABELLED, Detector
from vocation.deidentification.patterns import Pattern, Word

_WORDS = listed(
    "保单号|保单编号|保险单号|保险单编号|投保单号|批单号|批单编号|赔案号|赔案编号"
    "|报案号|理赔号|理赔编号|保险合同号|保险合同编号|保险凭证号|policy number"
    "|policy no|policy id|policy #|insurance number|insurance policy|claim number|claim no|claim id"
    "|claim #|member id"
)
_PATTERN = r"(?=[A-Z0-9-]{0,12}[0-9]{4})[A-Z0-9](?:[A-Z0-9]|-(?=[A-Z0-9])){5,29}"


class PolicyNumber(Detector):
    """Insurance policy, proposal and claim numbers, where a word names them (保单号, 投保单号, policy number, …).

    Every insurer has its own form: give your own `words` and `pattern` where these miss.
    """

    categories: ClassVar[tuple[str, ...]] = ("POLICY_NUMBER",)
    needs: ClassVar[str] = FOUR_DIGITS

    words: tuple[Word, ...] = Field(
        default=_WORDS, min_length=1, description="What stands right before the number and names it, in any case."
    )
    pattern: Pattern = Field(
        default=_PATTERN,
        description="Regular expression of the number itself; it is bounded by what is neither letter nor digit.",
    )

    def find(self, text: str) -> Iterator[Finding]:
        for start, end in labelled_values(text, self.words, self.pattern):
            yield self.finding(start, end, LABELLED)

    def needed(self) -> str:
        return self.needs if self.pattern == _PATTERN else ""
