"""Words beside a number that say what it is, in English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

_LINK = r"(?:(?:(?<=no)|(?<=nos)|(?<=num)|(?<=id)|(?<=acct))\.)?"  # of a word in short alone: "policy no. 12345678"
_LINK += r"(?:[ ]?(?:号码|编号|账号|号|码|(?:numbers?|num|nos?\.?|id|code)(?![a-z])|#)){0,2}"
_LINK += r"[\s:：=#|,，(（\[【\"'“]{0,4}(?:(?:为|是|系|is|was)[\s:：]{0,3})?"


def listed(words: str) -> tuple[str, ...]:
    """The words of a list that is written with bars between them."""
    return tuple(words.split("|"))


_OTHER_NUMBERS = listed(
    "单号|编号|序号|货号|票号|批号|案号"
    "|订单|流水|运单|快递|物流|交易"
    "|序列|批次|批|条码|条形码|发票|合同|货|工单|凭证|票据"
    "|设备|型号|商品|产品|案件|受理|标本|申请|样本|试剂|零件|部件|元件|配件"
    "|order|invoice|tracking|serial|ticket|reference|ref|transaction|isbn|imei|sku|batch|lot|part|model|item|product|case"
    "|parcel|shipment|claim|docket|issn|form|ndc|ein"
)

_REACH = 32  # characters in which a label has room


@cache
def label(words: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern of any of the words right before a place: "病历号：", "card number is "; use it with `preceded`."""
    return re.compile(f"{any_word(words)}(?i:{_LINK})\\Z")


@cache
def mention(words: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern of any of the words; use it with `mentioned`."""
    return re.compile(any_word(words))


@cache
def labelled_value(words: tuple[str, ...], value: str) -> re.Pattern[str]:
    """A pattern of a value right behind a word that names it; the value is the group "value".

    Args:
        words: what may name the value; the words in it are plain text.
        value: regular expression of the value; it is bounded by what is neither a Latin letter nor a digit.
    """
    return re.compile(f"{any_word(words)}(?i:{_LINK}(?P<value>{value}))(?![0-9A-Za-z])")


def labelled_values(text: str, words: tuple[str, ...], value: str) -> Iterator[tuple[int, int]]:
    """Where in a text such values stand."""
    if text.isascii() and _chinese(words):
        return
    for match in labelled_value(words, value).finditer(text):
        yield match.span("value")


@cache
def _chinese(words: tuple[str, ...]) -> bool:
    """Whether none of the words can stand in a text of ASCII."""
    return not any(word.isascii() for word in words)


def preceded(text: str, start: int, words: tuple[str, ...]) -> bool:
    """Whether one of the words names what begins at `start`."""
    return label(words).search(text, max(0, start - _REACH), start) is not None


def mentioned(text: str, start: int, end: int, words: tuple[str, ...], reach: int = 40) -> bool:
    """Whether one of the words stands within `reach` characters before, or a quarter of that behind, `start:end`."""
    pattern = mention(words)
    return bool(
        pattern.search(text, max(0, start - reach), start)
        or pattern.search(text, end, min(len(text), end + reach // 4))
    )


def named_otherwise(text: str, start: int) -> bool:
    """Whether what begins at `start` is named as a number of a thing: an order, an invoice, a parcel."""
    return _other_number().search(text, max(0, start - _REACH), start) is not None


@cache
def _other_number() -> re.Pattern[str]:
    return label(_OTHER_NUMBERS)


def any_word(words: Iterable[str]) -> str:
    """A pattern of one of the words, in any case; a Latin word stands free of other letters.

    It begins with a class of characters, which `re` skips to without trying a match at every place, and looks at the
    next two before it tries the words.
    """
    behind: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda word: (-len(word), word)):
        behind.setdefault(word[0].lower(), []).append(word)
    every = [word for members in behind.values() for word in members]
    known = range(1, min(3, *map(len, every), 3))
    following = "".join(_either_case({word[place] for word in every}) for place in known)
    choices = (_beginning(character, members) for character, members in behind.items())
    return f"{_either_case(behind)}(?={following})(?i:{'|'.join(choices)})"


def _either_case(characters: Iterable[str]) -> str:
    both = {form for character in characters for form in (character.lower(), character.upper()) if len(form) == 1}
    return f"[{''.join(map(re.escape, sorted(both)))}]"


def _beginning(character: str, words: Iterable[str]) -> str:
    """The rest of words whose first character has just been read."""
    free = f"(?<![a-z]{re.escape(character)})" if character.isascii() and character.isalpha() else ""
    rests = "|".join(re.escape(word[1:]) + ("(?![a-z])" if word[-1].isascii() else "") for word in words)
    return f"(?<={re.escape(character)}){free}(?:{rests})"
