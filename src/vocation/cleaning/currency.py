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
    "CNY": ("¥", "元", "RMB CNY CN¥ 人民币 人民幣", "元人民币 元人民幣 元钱 元 圓 圆 块钱 CNY RMB yuan"),
    "USD": ("$", "美元", "US$ USD 美元 美金", "美元 美金 元美元 元美金 USD dollars"),
    "EUR": ("€", "欧元", "EUR € 欧元 歐元", "欧元 歐元 元欧元 元歐元 EUR euros €"),
    "GBP": ("£", "英镑", "GBP £ 英镑 英鎊", "英镑 英鎊 元英镑 元英鎊 GBP"),
    "JPY": (
        "JP¥",
        "日元",
        "JPY JP¥ 日元 日圆 日圓 日币 日幣",
        "日元 日圆 日圓 日币 日幣 元日元 元日币 元日幣 円 JPY yen",
    ),
    "HKD": (
        "HK$",
        "港元",
        "HKD HK$ 港元 港币 港幣 香港元 香港币 香港幣",
        "港元 港币 港幣 元港元 元港币 元港幣 HKD",
    ),
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
_LIST_JOINS = frozenset("-~～–—至到、和及与與或") | {"以及", "或者"}
# 人民币5日上涨, 美元三大支柱, 欧元2017年: what stands behind the name is a count of something else.
_COUNTED = frozenset("年月日号號时時点點分秒天周週季次种種个個倍成位家名张張枚连連度级級届屆期大路直国國镑鎊%％‰")
_NO_FOREIGN = frozenset("旦宵素")  # 五日元旦, 五日元宵


class Currency(CleaningStep):
    """Write amounts of money in one form: ￥100, 100元, RMB 100 and 人民币一百元 become CNY 100.

    Large amounts are written out (3.5万元 → CNY 35000), 角 and 分 become decimals (5元3角 → CNY 5.3), and 整 goes.
    Known are CNY, USD, EUR, GBP, JPY and HKD, each also by its Chinese names (港币100元, 美金5万元 and 100元港币 are no
    CNY). Where another …币 or …元 stands beside an amount in 元 (韩元100元, 台币500元) it stays. So do words (五元素,
    二元函数, 三元里), identifiers, amounts that share the currency of others (100-200元, 港币100元和200元), and dollar
    signs in a text with TeX formulae. Amounts are never converted between currencies.
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
_YUAN = frozenset(("元", "元钱", "圓", "圆", "块钱"))  # CNY, unless another currency is named beside them
_UNITS = [name for name in _BEHIND if name[0].isalpha() and not name.isascii() and (name == "元" or name[0] != "元")]
_UNIT = rf"(?:[ ](?=元))?(?P<unit>{longest_of(_UNITS)})"
_MONEY = re.compile(
    rf"(?P<before>{longest_of({*_BEFORE, *_SIGNS})})[ ]?(?P<first>{_AMOUNT})(?:{_UNIT}{_CHANGE})?+(?:{_WHOLE})?+"
    rf"|(?P<second>{_AMOUNT})[ ]?(?P<behind>{longest_of(_BEHIND)})"
    rf"{_CHANGE.replace('>', '2>')}(?:{_WHOLE})?+"
)
# An amount begins with one of these; looking for them first is several times as fast.
_START = re.compile(
    rf"[¥￥$€£0-9{NUMERALS}人美欧歐英日港香RCUEGJH]"
    rf"(?:(?<=[¥￥$€£0-9])|(?<=[{NUMERALS}])(?=[{NUMERALS}点 元圆圓块美欧歐英日円港])"
    r"|(?=[民元金镑鎊圆圓币幣港])|(?=[A-Z]))"
)
# Names that give an amount in 元 another currency than CNY: known ones, and those of which only the form is known.
_FOREIGN = longest_of(name for name, code in _BEFORE.items() if code != "CNY")
_FOREIGN_CODE = "TWD|KRW|MOP|SGD|AUD|CAD|NZD|MYR|THB|VND|CHF"
_BEHIND_FOREIGN = re.compile(
    rf"(?:{_FOREIGN}|{_FOREIGN_CODE}|(?<!人民)[币幣]|[^\W\d_A-Za-z{NUMERALS}][元圆圓])[)）]?[ :：]{{0,2}}\Z"
)
_LAND = "[韩韓澳台臺新加纽紐泰马馬]|澳[门門]|新[台臺]|新加坡|加拿大|澳大利[亚亞]|新西[兰蘭]"
_OTHER = f"(?:{_LAND})(?:[币幣圆圓]|元(?!素))"
_BEFORE_FOREIGN = re.compile(rf"{_OTHER}|[ ]?[（(](?:{_FOREIGN}|{_FOREIGN_CODE}|{_OTHER})[)）]")
_NAME_WIDTH = 12  # characters before an amount in which a name with its colon stands
_RUN = re.compile(rf"[0-9.,]++|[{NUMERALS}]++|.", re.DOTALL)


def _edits(step: Currency, content: str) -> Iterator[Edit]:
    position, foreign = 0, -1  # `foreign`: where the last amount ended, if it was in a currency other than CNY.
    while start := _START.search(content, position):
        match = _MONEY.match(content, start.start())
        if match is None:
            run = _RUN.match(content, start.start())
            position = run.end() if run else start.end()
            continue
        position = match.end()
        # Which currency the 200元 of 港币100元和200元 are in is not said.
        shared = match["behind"] in _YUAN and foreign >= 0 and content[foreign : match.start()].strip() in _LIST_JOINS
        foreign = position if shared or _code(step, match) != "CNY" else -1
        new = None if shared else _replacement(step, match)
        if new is not None and new != match[0]:
            yield Edit(*match.span(), new)


def _replacement(step: Currency, match: re.Match[str]) -> str | None:
    """The amount in the form that was asked for, or None if it stays."""
    code = _code(step, match)
    number = match["first"] or match["second"]
    worth = None if number in FINANCIAL else value(number)
    if code is None or worth is None or not _stands_alone(match) or not _agree(match, code):
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


def _agree(match: re.Match[str], code: str) -> bool:
    """Whether all that stands around the amount names one currency."""
    content, end, unit = match.string, match.end(), match["unit"]
    right = content[end : end + 1]
    if match["behind"] in _YUAN:
        around = content[max(0, match.start() - _NAME_WIDTH) : match.start()]
        return not (_BEHIND_FOREIGN.search(around) or _BEFORE_FOREIGN.match(content, end))
    if match["behind"] or unit:
        named = match["before"] in _BEFORE and unit in _YUAN
        return right not in _NO_FOREIGN and (not unit or named or _BEHIND[unit] == code)
    if match["before"].isascii() or not match["before"].isalpha():
        return True
    return right not in _COUNTED and (len(match["first"]) > 1 or match["first"].isascii())


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
