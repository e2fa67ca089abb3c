"""Invented addresses and places."""

from __future__ import annotations

import re
from functools import cache

from vocation.deidentification.lexicons import countries, provider_of
from vocation.deidentification.surrogates.draws import Draws
from vocation.deidentification.surrogates.names import surname

_HAN = re.compile("[\u4e00-\u9fff]")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|[0-9]+")
# Words of an address that say nothing about where it is.
_KEPT_TEXT = """
street st avenue ave av road rd lane ln drive dr boulevard blvd way court ct square sq place pl terrace crescent
close highway hwy parkway pkwy circle trail alley row walk apt apartment suite ste unit flat room rm floor fl
building bldg lot box po pobox postbox psc apo fpo dpo north south east west n s e w ne nw se sw rua rue via viale
piazza calle avenida ul ulica plaza paseo largo strada corso de da do dos del della di du des la le les el of the
and corner nan van von der den upon i u
"""
_KEPT = frozenset(_KEPT_TEXT.split())
_CHINESE_PART = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{1,12}?)(?P<kind>特别行政区|自治区|自治州|自治县|街道|大道|大街|公路|胡同|小区|社区|花园|大厦|广场|公寓|"
    r"[省市区县旗州盟镇乡村路街巷弄苑城园])|(?P<digits>[0-9]+)|(?P<letters>[A-Za-z]+)|(?P<other>.)",
    re.DOTALL,
)
_UNITS = frozenset("号院楼栋幢座单元层室房组队门户附之第期一二三四五六七八九十")
_ZIP = 5


def address(value: str, draws: Draws) -> str:
    """An invented address in the form of `value`: numbers for numbers, names for names, lines for lines.

    Words such as Street and 路 stay, countries and states as well; a number of five digits begins with 00, as no postal
    code of the United States does. An equal street name gets an equal new one.
    """
    if _HAN.search(value):
        return _chinese(value, draws)
    return _WORD.sub(lambda match: _part(match[0], draws), value)


def location(value: str, draws: Draws) -> str:
    """An invented place: a country for a country, else a town that does not exist."""
    if _HAN.search(value):
        return _chinese(value, draws)
    if value in countries():
        return draws.of("country", value.casefold()).among(_country_names())
    draw = draws.of("town", value.casefold())
    suffixes: tuple[str, ...] = tuple(provider_of("address", "en_US").city_suffixes)
    suffix = draw.among(suffixes)
    town = surname(value.split(maxsplit=1)[0], draws) + suffix
    return town.upper() if value.isupper() else town


def _part(word: str, draws: Draws) -> str:
    if word.isdecimal():
        draw = draws.of("number", word)
        return "00" + draw.digits(3) if len(word) == _ZIP else _number(word, draw.digits(len(word)))
    state = len(word) == 2 and word.isupper()
    if word.lower() in _KEPT or state or word in countries() or len(word) == 1:
        return word
    return surname(word, draws)


def _number(old: str, new: str) -> str:
    """A number of the same length that does not begin with 0 unless the old one does."""
    return f"1{new[1:]}" if new[0] == "0" != old[0] else new


def _chinese(value: str, draws: Draws) -> str:
    pieces = []
    for match in _CHINESE_PART.finditer(value):
        if match["digits"]:
            new = draws.of("number", match["digits"]).digits(len(match["digits"]))
            pieces.append(_number(match["digits"], new))
        elif match["kind"]:
            pieces.append(_chinese_name(match["name"], match["kind"], draws) + match["kind"])
        elif match["letters"]:
            pieces.append(draws.of("letters", match["letters"]).among("ABCDEF"))
        else:
            pieces.append(_chinese_rest(match["other"], draws))
    return "".join(pieces)


def _chinese_rest(character: str, draws: Draws) -> str:
    """A character that belongs to no part with a name: the number in words stays, all else changes."""
    if character in _UNITS or not _HAN.match(character):
        return character
    return draws.of("character", character).among(_town_names())[0]


def _chinese_name(name: str, kind: str, draws: Draws) -> str:
    draw = draws.of(f"place {kind}", name)
    if kind == "省":
        return draw.among(tuple(p.removesuffix("省") for p in _provinces() if p.endswith("省")))
    if kind == "市":
        return draw.among(_town_names()) + draw.among(("州", "城", "江", "阳", "山", "安"))
    first, second = draw.among(_street_words()), draw.among(_street_words())
    return first + second if len(name) > 1 else first


@cache
def _provinces() -> tuple[str, ...]:
    return tuple(provider_of("address", "zh_CN").provinces)


@cache
def _town_names() -> tuple[str, ...]:
    """First characters of towns; with a second one put to them they name no town that there is."""
    return tuple("云岚沐映曦霖晴翠澜碧")


@cache
def _street_words() -> tuple[str, ...]:
    return tuple("文明和平建安康宁永福瑞祥春华秋实松柏梅兰清风晨曦云锦翠竹碧波")


@cache
def _country_names() -> tuple[str, ...]:
    return tuple(sorted(name for name in countries() if " " not in name))
