"""Numbers of bank accounts."""

from __future__ import annotations

from vocation.deidentification.contexts import listed
from vocation.deidentification.detectors import LONG_NUMBER
from vocation.deidentification.labelled_numbers import LabelledNumber, NumberPattern, Words


class AccountNumber(LabelledNumber):
    """Bank account numbers, where a word names them (账号, account number, …).

    Those with check digits are for `credit_card`, `cn_bank_card` and `iban`.
    """

    categories = ("ACCOUNT_NUMBER",)
    needs = LONG_NUMBER

    words: Words = listed("账号|帐号|账户|帐户|存折号|account number|account no|account #|account|acct|acct no")
    pattern: NumberPattern = r"[0-9](?:[ -]?[0-9]){6,27}(?!\.[0-9]|[元万亿])"
