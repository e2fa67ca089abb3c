"""Quantities: one symbol for each unit, and one way to set it beside its number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from pydantic import Field

from vocation.cleaning import CleaningStep
from vocation.cleaning.rewriting import CHINESE as CHINESE_CHARACTERS
from vocation.cleaning.rewriting import longest_of, until_stable
from vocation.language.numerals import CHINESE_DIGITS, FINANCIAL, NUMERALS, plain, value
from vocation.text import Edit, Text

# Symbols of the SI brochure (9th edition) and of medicine and trade, each with the other ways to write it.
_ALIASES = {
    "kg": "千克 公斤 ㎏ kilogram kilograms kgs KG",
    "g": "克 gram grams",
    "mg": "毫克 ㎎ milligram milligrams",
    "μg": "微克 µg ug mcg ㎍ microgram micrograms",
    "ng": "纳克 nanogram nanograms",
    "t": "吨 公吨 tonne tonnes",
    "L": "升 公升 liter liters litre litres",
    "mL": "毫升 ml ML ㎖ milliliter milliliters millilitre millilitres",
    "μL": "微升 µL μl µl ul uL ㎕",
    "dL": "分升 dl ㎗",
    "km": "千米 公里 ㎞ kilometer kilometers kilometre kilometres KM",
    "m": "米 公尺 meters metres",
    "cm": "厘米 公分 ㎝ centimeter centimeters centimetre centimetres CM",
    "mm": "毫米 公厘 ㎜ millimeter millimeters millimetre millimetres MM",
    "μm": "微米 µm ㎛",
    "nm": "纳米 ㎚",
    "m²": "平方米 ㎡ m2 m^2",
    "cm²": "平方厘米 ㎠ cm2 cm^2",
    "km²": "平方公里 平方千米 ㎢ km2 km^2",
    "m³": "立方米 ㎥ m3 m^3",
    "cm³": "立方厘米 ㎤ cm3 cm^3",
    "°C": "摄氏度 ℃",
    "°F": "华氏度 ℉",
    "mmHg": "毫米汞柱 mmhg",
    "kPa": "千帕 ㎪",
    "MPa": "兆帕 ㎫",
    "Hz": "赫兹 ㎐",
    "kHz": "千赫 ㎑",
    "MHz": "兆赫 ㎒",
    "W": "瓦特",
    "kW": "千瓦 ㎾",
    "kWh": "千瓦时 kwh",
    "V": "伏特",
    "mol": "摩尔",
    "mmol": "毫摩尔",
    "μmol": "微摩尔 µmol",
    "IU": "国际单位",
    "kcal": "千卡 大卡",
    "kJ": "千焦",
    "h": "",
    "min": "",
    "d": "",
}
# Symbols that are as often something else (5 m of 5 million, 5 t, 3 d, 5 V) count in a compound such as m/h alone.
_IN_COMPOUNDS = frozenset(("h", "min", "d", "t", "V", "W", "m", "L"))
_SYMBOLS = {alias: symbol for symbol, aliases in _ALIASES.items() for alias in (symbol, *aliases.split())}
_BEHIND_SLASH = _SYMBOLS | {"小时": "h", "分钟": "min", "天": "d", "日": "d", "l": "L", "day": "d", "hour": "h"}
_BEHIND_SLASH |= {"秒": "s", "s": "s", "次": "次", "片": "片", "瓶": "瓶"}
_NAMES_OUT = frozenset(alias for alias in _SYMBOLS if len(alias) > 4 or re.match(f"[{CHINESE_CHARACTERS}]", alias))

_UNIT = longest_of(set(_SYMBOLS) - _IN_COMPOUNDS)
_PER = rf"(?:/(?:{longest_of(_BEHIND_SLASH)})(?![A-Za-z0-9]))"
_UNITS = rf"(?P<unit>{_UNIT}|(?:{longest_of(_IN_COMPOUNDS)})(?={_PER}))(?P<per>{_PER}*+)(?![A-Za-z0-9²³^_])"
_SPACE = "[ \u00a0\u2009]"
_ARABIC_QUANTITY = re.compile(rf"(?P<number>[0-9])(?P<space>{_SPACE}?+){_UNITS}")
# As few numerals as will do: 五千克 is 五 千克.
_CHINESE_NUMBER = rf"[{NUMERALS}]+?(?:点[{CHINESE_DIGITS}]+?)??"
_CHINESE_QUANTITY = re.compile(rf"(?P<number>{_CHINESE_NUMBER})(?P<space>{_SPACE}?+){_UNITS}")
_NUMBER_BEFORE = re.compile(r"(?<![A-Za-z0-9_.,])(?<![A-Za-z][-/])[0-9][0-9.,]*\Z")
_NUMBER_CHARACTERS = frozenset(f"{NUMERALS}点")
_LONGEST = 40  # characters of a number

# A quantity has a unit behind a digit; looking for the first letters is several times as fast.
_INITIALS = "".join(sorted({re.escape(alias[0]) for alias in _SYMBOLS}))
_JOINT = re.compile(rf"[0-9](?={_SPACE}?[{_INITIALS}])|[{NUMERALS}](?={_SPACE}?[{_INITIALS}])")

# Characters that make the name of a unit a part of another word: 三克拉, 一升职, 五米粥.
_OTHER_WORDS = {
    "克": "拉隆服制己扣郎里莱",
    "米": "饭粥粉线糊浆面酒袋色其兰勒奇",
    "升": "级职学降温高旗起至到入天华值平迁格腾任空",
    "吨": "位级",
    "微米": "级",
    "千米": "级",
    "纳米": "级材技粒",
}
_APPROXIMATE = frozenset("第几幾数數初")


class Units(CleaningStep):
    """Write quantities with the symbols of their units: 五毫克, 5mg and 5 milligrams become 5 mg; 37℃ becomes 37 °C.

    Compounds too (5毫克/千克/天 → 5 mg/kg/d). Only a number with a unit behind it is a quantity: identifiers (A5mg),
    5G, words (三克拉, 几克) and approximate numbers (二三十克) stay. Values are not converted between units.
    """

    space: bool = Field(default=True, description="Whether a space stands between number and symbol, as the SI asks.")
    names: bool = Field(default=True, description="Whether units named in Chinese or written out become symbols, too.")

    def __call__(self, text: Text) -> Text:
        if not _JOINT.search(text.content):
            return text
        return until_stable(text, partial(_edits, self))


def _edits(step: Units, content: str) -> Iterator[Edit]:
    position = 0
    while joint := _JOINT.search(content, position):
        position = joint.end()
        if joint[0].isascii():
            match = _ARABIC_QUANTITY.match(content, joint.start())
        else:
            match = _chinese_quantity(content, joint.start())
        if match is None or _is_other(match) or not (step.names or match["unit"] not in _NAMES_OUT):
            continue
        number = _number(match)
        if number is None:
            continue
        position = match.end()
        units = "/".join([_SYMBOLS[match["unit"]], *(_BEHIND_SLASH[unit] for unit in match["per"].split("/")[1:])])
        new = f"{number} {units}" if step.space else number + units
        if new != match[0]:
            yield Edit(*match.span(), new)


def _is_other(match: re.Match[str]) -> bool:
    """Whether the unit's name is the beginning of another word."""
    end = match.end()
    return not match["per"] and match.string[end : end + 1] in tuple(_OTHER_WORDS.get(match["unit"], ""))


def _chinese_quantity(content: str, last: int) -> re.Match[str] | None:
    """The quantity whose number, or the first part of it, ends at `last`."""
    start = last
    while start > 0 and last - start < _LONGEST and content[start - 1] in _NUMBER_CHARACTERS:
        start -= 1
    return _CHINESE_QUANTITY.match(content, start)


def _number(match: re.Match[str]) -> str | None:
    """The number in Arabic digits, or None where it is none, or none that stands alone."""
    content, start = match.string, match.start()
    before = content[start - 1] if start else ""
    if match["number"].isascii():
        # Only the last digit was matched: all the others must be digits, too, back to something that is no name.
        number = _NUMBER_BEFORE.search(content, max(0, start - _LONGEST), start + 1)
        return match["number"] if number else None
    worth = value(match["number"])
    if match["number"] in FINANCIAL or match["unit"] == "升":
        return None  # a surname; to rise, or a measure of old medicine
    if worth is None or before in _APPROXIMATE or (before.isascii() and (before.isalnum() or before in tuple("._/-"))):
        return None
    return plain(worth)
