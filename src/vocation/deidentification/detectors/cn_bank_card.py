"""Chinese bank cards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from vocation.deidentification import Finding
from vocation.deidentification.cards import card_numbers
from vocation.deidentification.checks import compact, luhn_valid
from vocation.deidentification.contexts import listed, mentioned, named_otherwise
from vocation.deidentification.detectors import CHECKED, LONG_NUMBER, POSSIBLE, Detector
from vocation.deidentification.shapes import Shape

_UNIONPAY = re.compile("62|81")
_EARLIER = re.compile("10[23]|60(?!11)|69|9[0-9]")
_WORDS = listed("卡|账|帐|银联|存折|汇款|转账|收款|card|unionpay|account")


class CnBankCard(Detector):
    """Bank cards issued in China: 16 to 19 digits, UnionPay's prefixes (62, 81), and a right Luhn digit.

    Prefixes that Chinese banks used before UnionPay's (955880, 103…, 690755, …) need a word such as 卡 or 账户 near
    them. Cards of other networks are for `credit_card`.
    """

    categories: ClassVar[tuple[str, ...]] = ("CN_BANK_CARD",)
    needs: ClassVar[str] = LONG_NUMBER
    needs_too: ClassVar[str] = Shape("0(?<!00)(?:[ -]?0){14}")
    languages: ClassVar[tuple[str, ...]] = ("zh",)

    def find(self, text: str) -> Iterator[Finding]:
        for start, end in card_numbers(text):
            number = compact(text[start:end])
            if len(number) < 16 or not luhn_valid(number):
                continue
            named = mentioned(text, start, end, _WORDS)
            if _UNIONPAY.match(number):
                yield self.finding(start, end, POSSIBLE if named_otherwise(text, start) and not named else CHECKED)
            elif named and _EARLIER.match(number):
                yield self.finding(start, end, CHECKED)
