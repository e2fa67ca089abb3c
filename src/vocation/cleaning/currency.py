"""Amounts of money: one way to write each currency."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Literal

from pydantic import Field

from vocation.cleaning import CleaningStep
from vocation.cleaning.rewriting import longest_of, until_stable
from vocation.language.numerals import (
    ARABIC,
    CHINESE,
    CHINESE_DIGITS,
    ENGLISH,
    FINANCIAL,
    MIXED,
    NUMERALS,
    plain,
    value,
)
from vocation.text import Edit, Text

# ISO 4217 code: sign, Chinese name, what may stand before an amount, what may stand behind it.
_CURRENCIES = {
    "CNY": ("¥", "元", "RMB CNY CN¥ 人民币 人民幣", "元人民币 元钱 元 圓 圆 块钱 CNY RMB yuan"),
    "USD": ("$", "美元", "US$ USD", "美元 美金 USD dollars"),
    "EUR": ("€", "欧元", "EUR €", "欧元 歐元 EUR euros €"),
    "GBP": ("£", "英镑", "GBP £", "英镑 英鎊 GBP"),
    "JPY": ("JP¥", "日元", "JPY JP¥", "日元 日圆 円 JPY yen"),
    "HKD": ("HK$", "港元", "HKD HK$", "港元 港币 港幣 HKD"),
}
_SIGN = re.compile("[¥￥$€£元圆圓円块美欧歐英日港]|CNY|RMB|USD|EUR|GBP|JPY|HKD|人民|dollars|euros|yuan|yen")
_AMOUNT = rf"(?:{MIXED}|{ENGLISH}|{ARABIC}|{CHINESE})"
_CHANGE = rf"(?:(?P<jiao>[0-9{CHINESE_DIGITS}])角(?:(?P<fen>[0-9{CHINESE_DIGITS}])分)?+)?+"
# 五元素, 二元函数, 三元里: a numeral with 元 that is no money.
_NO_MONEY = frozenset("素件旦月宵首帅勋老气阳代朝曲组函一二三四五次方多论化制里区结酸醇染体催材年谋复")
_FORMULA = re.compile(r"\\[A-Za-z]{2}|\$[^$\n]{0,80}[\\^_{}=<>|][^$\n]{0,80}\$")  # in TeX, dollars are no currency
_NOT_BEFORE = frozenset("第几幾数數初")
_MULTIPLIERS = frozenset("十百千万亿萬億点")
_JOINS = frozenset("-~～–—至到.,")


class Currency(CleaningStep):
    """Write amounts of money in one form: ￥100, 100元, RMB 100 and 人民币一百元 become CNY 100.

    Large amounts are written out (3.5万元 → CNY 35000), 角 and 分 become decimals (5元3角 → CNY 5.3), and 整 goes.
    Known are CNY, USD, EUR, GBP, JPY and HKD. Words (五元素, 二元函数, 三元里), identifiers and ranges that share
    their currency (100-200元) stay, as do dollar signs in a text with TeX formulae. Amounts are never converted
    between currencies.
    """

    form: Literal["code", "symbol", "chinese"] = Field(
        default="code", description="`code`: CNY 100 (ISO 4217). `symbol`: ¥100. `chinese`: 100元."
    )
    yen_sign: Literal["CNY", "JPY", "keep"] = Field(
        default="CNY", description="Which currency ¥ means; `keep` leaves amounts with this sign alone."
    )
    dollar_sign: Literal["USD", "HKD", "keep"] = Field(
        default="USD", description="Which currency $ means; `keep` leaves amounts with this sign alone."
    )

    def __call__(self, text: Text) -> Text:
        if not _SIGN.search(text.content):
            return text
        formulae = "$" in text.content and _FORMULA.search(text.content) is not None
        step = self.model_copy(update={"dollar_sign": "keep"}) if formulae else self
        return until_stable(text, partial(_edits, step))


def _names(column: int) -> dict[str, str]:
    return {name: code for code, row in _CURRENCIES.items() for name in row[column].split()}


_BEFORE, _BEHIND = _names(2), _names(3)
_SIGNS = {"¥": "¥", "￥": "¥", "$": "$"}
_WHOLE = "整(?![个体理改修顿合治套形数天年])"
_MONEY = re.compile(
    rf"(?P<before>{longest_of({*_BEFORE, *_SIGNS})})[ ]?(?P<first>{_AMOUNT})(?:(?P<unit>元){_CHANGE})?+(?:{_WHOLE})?+"
    rf"|(?P<second>{_AMOUNT})[ ]?(?P<behind>{longest_of(_BEHIND)})"
    rf"{_CHANGE.replace('>', '2>')}(?:{_WHOLE})?+"
)
# An amount begins with one of these; looking for them first is several times as fast.
_START = re.compile(
    rf"[¥￥$€£0-9{NUMERALS}人RCUEGJH]"
    rf"(?:(?<=[¥￥$€£0-9])|(?<=[{NUMERALS}])(?=[{NUMERALS}点 元圓圆块美欧歐英日円港])|(?=民)|(?=[A-Z]))"
)
_RUN = re.compile(rf"[0-9.,]++|[{NUMERALS}]++|.", re.DOTALL)


def _edits(step: Currency, content: str) -> Iterator[Edit]:
    position = 0
    while start := _START.search(content, position):
        match = _MONEY.match(content, start.start())
        if match is None:
            run = _RUN.match(content, start.start())
            position = run.end() if run else start.end()
            continue
        position = match.end()
        new = _replacement(step, match)
        if new is not None and new != match[0]:
            yield Edit(*match.span(), new)


def _replacement(step: Currency, match: re.Match[str]) -> str | None:
    """The amount in the form that was asked for, or None if it stays."""
    code = _code(step, match)
    number = match["first"] or match["second"]
    worth = None if number in FINANCIAL else value(number)
    if code is None or worth is None or not _stands_alone(match) or (match["unit"] and code != "CNY"):
        return None
    tenths, hundredths = match["jiao"] or match["jiao2"], match["fen"] or match["fen2"]
    if tenths:
        worth += Decimal(str(value(tenths))) / 10
    if hundredths:
        worth += Decimal(str(value(hundredths))) / 100
    if step.form == "code":
        return f"{code} {plain(worth)}"
    if step.form == "symbol":
        return _CURRENCIES[code][0] + plain(worth)
    return None if match.string[match.end() : match.end() + 1] in _NO_MONEY else plain(worth) + _CURRENCIES[code][1]


def _code(step: Currency, match: re.Match[str]) -> str | None:
    name = match["before"] or match["behind"]
    choice = {"¥": step.yen_sign, "$": step.dollar_sign, "dollars": step.dollar_sign}.get(_SIGNS.get(name, name))
    if choice is None:
        return _BEFORE[name] if match["before"] else _BEHIND[name]
    return None if choice == "keep" else choice


def _stands_alone(match: re.Match[str]) -> bool:
    """Whether the amount is no part of an identifier, of a word, or of a range that shares its currency."""
    content, start, end = match.string, match.start(), match.end()
    before, behind = content[max(0, start - 2) : start], content[end : end + 2]
    left, right = before[-1:], behind[:1]
    if left in _NOT_BEFORE or (left.isascii() and (left.isalnum() or left in ("_", "/", "\\"))):
        return False
    if left in _JOINS and len(before) == 2 and _is_digit(before[0]):
        return False
    if right.isascii() and (right.isalnum() or right == "_"):
        return False
    if right in _MULTIPLIERS or (right in _JOINS and len(behind) == 2 and _is_digit(behind[1]) and match["before"]):
        return False
    return not (match["behind"] == "元" and right in _NO_MONEY)


def _is_digit(character: str) -> bool:
    return character.isdigit() or character in NUMERALS
