"""Payment cards of the international networks."""

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

# Issuer prefixes (ISO/IEC 7812) and the lengths that go with them.
_NETWORK = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|(?:6011|64[4-9]\d|65\d{2})(?:\d{12}|\d{15})"  # Discover
    r"|62\d{14,17}"  # UnionPay
    r"|(?:30[0-5]\d|3095|36\d{2}|3[89]\d{2})(?:\d{10}|\d{12})"  # Diners Club
    r"|35(?:\d{14}|\d{17})|(?:2131|1800)\d{11}"  # JCB
    r"|(?:50|5[6-9]|6[0-9])(?:\d{10,14}|\d{17})"  # Maestro
)
_COMMON = re.compile(r"(?:[24]|5[1-5]|3(?!5)|35(?:2[89]|[3-8]\d)|6011|6[2-5])\d{12,}|1800\d{11}")
_WORDS = listed("card|cards|cc|credit|debit|visa|mastercard|amex|maestro|discover|jcb|diners|卡")


class CreditCard(Detector):
    """Payment cards: a network's prefix and length, and a right Luhn digit (ISO/IEC 7812-1).

    Visa, Mastercard, American Express, Discover, UnionPay, Diners Club and JCB are found wherever they stand, Maestro
    and the rare prefixes that share its lengths only where a word such as "card" is near.
    """

    categories: ClassVar[tuple[str, ...]] = ("CREDIT_CARD",)
    needs: ClassVar[str] = LONG_NUMBER
    needs_too: ClassVar[str] = Shape("0(?<!00)(?:[ -]?0){11}")

    def find(self, text: str) -> Iterator[Finding]:
        for start, end in card_numbers(text):
            number = compact(text[start:end])
            if not _NETWORK.fullmatch(number) or not luhn_valid(number):
                continue
            sure = mentioned(text, start, end, _WORDS) or (_COMMON.match(number) and not named_otherwise(text, start))
            yield self.finding(start, end, CHECKED if sure else POSSIBLE)
