"""Numbers of bank accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from vocation.deidentification import Finding
from vocation.deidentification.contexts import labelled_values, listed
from vocation.deidentification.detectors import LONG_NUMBER, NAMED, Detector
from vocation.deidentification.patterns import Pattern, Word

_WORDS = listed("账号|帐号|账户|帐户|存折号|account number|account no|account #|account|acct|acct no")
_PATTERN = r"[0-9](?:[ -]?[0-9]){6,27}(?!\.[0-9]|[元万亿])"


class AccountNumber(Detector):
    """Bank account numbers, where a word names them (账号, account number, …).

    Those with check digits are for `credit_card`, `cn_bank_card` and `iban`.
    """

    categories: ClassVar[tuple[str, ...]] = ("ACCOUNT_NUMBER",)
    needs: ClassVar[str] = LONG_NUMBER

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
        return self.needs if self.pattern == _PATTERN else ""
