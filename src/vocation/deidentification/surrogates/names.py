"""Invented names of persons and companies."""

from __future__ import annotations

import re
from functools import cache

from vocation.deidentification.lexicons import PARTICLES, TITLES, chinese_names, latin_names, provider_of
from vocation.deidentification.surrogates.draws import Draws

_HAN = re.compile("[\u4e00-\u9fff]")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_LATIN = "ABCDEFGHIJKLMNOPRSTVW"
_UNKNOWN = frozenset("某×Xx*")
_TRANSLITERATED_TEXT = """
安娜 伯特 卡洛斯 丹尼尔 艾米莉 弗雷德 格蕾丝 亨利 伊凡 杰克 凯文 露西 玛丽 尼古拉 奥斯卡 彼得 罗莎 塞缪尔 托马斯
维克多 威廉 古丽娜 阿里木 热合曼 帕提古丽 扎西 卓玛 多吉 巴特尔 其其格 阿古拉 萨仁 金哲秀 艾山 吐尔逊 麦麦提
"""
_TRANSLITERATED = tuple(_TRANSLITERATED_TEXT.split())
_COMPANY_SUFFIX = re.compile(
    r"(?:股份有限公司|有限责任公司|有限公司|集团|公司|银行|医院|学校|大学|事务所|研究院|研究所|中心|厂|店)\Z"
)
_ENGLISH_SUFFIX = re.compile(
    r",?\s+(?:Inc|LLC|Ltd|PLC|Corp|Corporation|Company|Group|Bank|Holdings|Hospital|University)\.?\Z"
)
_MOST_FREQUENT = 120  # Surnames drawn from; those behind them are rare enough to point at somebody.


def person(value: str, draws: Draws) -> str:
    """An invented name in the form of `value`.

    Word by word, so that "Ann Lee", "Ms. Lee" and "Ann" stay one person: a word that is a given name somewhere becomes
    a given name of the same sex, any other a surname. Initials, capitals and particles (van, de) stay as they are
    written. In Chinese the surname follows the surname, and the given name follows the whole name.
    """
    if _HAN.search(value):
        return _chinese(value, draws)
    return _WORD.sub(lambda match: _word(match[0], draws), value)


def organisation(value: str, canonical: str, draws: Draws) -> str:
    """An invented company; what says its legal form stays."""
    draw = draws.of("organisation", canonical)
    if _HAN.search(value):
        provider = provider_of("company", "zh_CN")
        ending = _COMPANY_SUFFIX.search(value)
        prefixes: tuple[str, ...] = tuple(provider.company_prefixes)
        return draw.among(prefixes) + (ending[0] if ending else "")
    form = _ENGLISH_SUFFIX.search(value)
    name = draw.among(_english()[2])
    other = draw.among(_english()[2])
    return f"{name} {other}{form[0]}" if form else f"{name}-{other}"


def surname(value: str, draws: Draws) -> str:
    """An invented English surname for a word, in its capitals."""
    return _like(value, _other(value, _english()[2], draws, "surname"))


def _word(word: str, draws: Draws) -> str:
    folded = word.lower()
    if folded in TITLES or (folded in PARTICLES and word[0].islower()):
        return word
    if len(word) == 1:
        return _like(word, _other(word, tuple(_LATIN), draws, "initial"))
    male, female, _ = _english()
    titled, names = word.title(), latin_names()
    american = titled in male or titled in female
    if not american and (titled not in names.given or titled in names.family):
        return surname(word, draws)
    both = male if titled in _sexes()[0] else female if titled in _sexes()[1] else (*male, *female)
    return _like(word, _other(word, both, draws, "given name"))


def _other(word: str, choices: tuple[str, ...], draws: Draws, role: str) -> str:
    """A choice that is not the word itself."""
    draw = draws.of(role, word.casefold())
    chosen = draw.among(choices)
    while chosen.casefold() == word.casefold():
        chosen = draw.among(choices)
    return chosen


def _like(word: str, chosen: str) -> str:
    if word.isupper():
        return chosen.upper()
    return chosen.lower() if word.islower() else chosen


def _chinese(value: str, draws: Draws) -> str:
    if "·" in value or "•" in value or "・" in value:
        parts = re.split("([·•・])", value)
        return "".join(
            part if len(part) == 1 and part in "·•・" else draws.of("part", part).among(_TRANSLITERATED)
            for part in parts
        )
    family, given = _divided(value)
    surnames, characters = _common_surnames(), _given_characters()
    new_family = _other(family, surnames, draws, "surname") if family else ""
    draw = draws.of("given name", value)
    new_given = "".join(
        character if character in _UNKNOWN or not _HAN.match(character) else draw.among(characters)
        for character in given
    )
    return new_family + new_given


def _divided(value: str) -> tuple[str, str]:
    surnames = chinese_names().family
    for size in (2, 1):
        if value[:size] in surnames and (len(value) > size or size == 1):
            return value[:size], value[size:]
    return "", value


@cache
def _common_surnames() -> tuple[str, ...]:
    return tuple(list(provider_of("person", "zh_CN").last_names)[:_MOST_FREQUENT])


@cache
def _given_characters() -> tuple[str, ...]:
    provider = provider_of("person", "zh_CN")
    return tuple(sorted({name for name in provider.first_names if len(name) == 1}))


@cache
def _english() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Male given names, female given names, surnames."""
    provider = provider_of("person", "en_US")
    return tuple(provider.first_names_male), tuple(provider.first_names_female), tuple(provider.last_names)


@cache
def _sexes() -> tuple[frozenset[str], frozenset[str]]:
    """Given names of men alone, and of women alone."""
    male, female, _ = (frozenset(names) for names in _english())
    return male - female, female - male
