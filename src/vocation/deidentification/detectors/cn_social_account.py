"""Names in Chinese messengers."""

from __future__ import annotations

from vocation.deidentification.contexts import listed
from vocation.deidentification.labelled_numbers import LabelledNumber, NumberPattern, Words


class CnSocialAccount(LabelledNumber):
    """QQ numbers and WeChat names, where a word names them (QQ, 微信号, …)."""

    categories = ("SOCIAL_ACCOUNT",)
    languages = ("zh",)

    words: Words = listed("微信|微信号|微信账号|wechat|wechat id|qq|qq号|qq群|扣扣")
    pattern: NumberPattern = r"(?:[A-Z][A-Z0-9_-]{5,19}|[0-9]{5,11})"
