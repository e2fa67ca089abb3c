"""Enumerations that stand in one line: 1.甲 2.乙, 一、总则 二、分则, and a) fever; b) cough."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vocation.language.abbreviations import BEFORE_NUMBER, NEVER_LAST
from vocation.language.numerals import value

_NUMERALS = "[一二三四五六七八九十]{1,3}"
# A clause ends before a mark: in Chinese, in a full stop, or in a bracket. So "the dose was 2. Then" has no second
# item, neither have "a) and b)" and 见图 2.
_BEFORE = "(?<=[\u3400-\u9fff.;:!?)，。；：！？）”])(?<![图圖表例见見第章节節题題])"
_BEHIND = r"(?=[^\S\n]*[^\s，,、。；;：:和及与與至或])(?![^\S\n]*[0-9]{1,2}[.．、)）](?![0-9]))"
_MARK = re.compile(
    rf"(?:^|{_BEFORE})(?P<space>[^\S\n]*)(?P<opening>[（(]?)"
    rf"(?:(?P<digits>[0-9]{{1,2}})(?:[.．、](?![0-9])|[)）])"
    rf"|(?P<numerals>{_NUMERALS})[、)）]|(?P<letter>[a-z])[)）]){_BEHIND}",
    re.MULTILINE,
)
_LEADS_IN = frozenset(":：;；。")
_WORD = re.compile(r"([A-Za-z.]+)\.\Z")
_LONGEST_WORD = 16  # characters; no abbreviation before a number is longer


def later_items(content: str) -> Iterator[tuple[int, int]]:
    """Where items of enumerations begin that stand behind others in one line.

    Marks of one style count, that rise by one from 1, 一 or a. The first of them begins the line or follows a colon,
    semicolon or Chinese full stop, and each of the others follows white space, or such a sign.

    Args:
        content: the text.

    Yields:
        (start, end) of the white space before the mark of each item but the first, in order.
    """
    reached: dict[tuple[str, str, str], int] = {}
    line_end = -1
    for match in _MARK.finditer(content):
        start, mark = match.span("space")
        if start >= line_end:
            reached.clear()
            line_end = content.find("\n", start)
            line_end = len(content) if line_end < 0 else line_end
        before = content[start - 1 : start] or "\n"
        if (start == mark and before not in _LEADS_IN and before != "\n") or _is_number_of(content, start, mark):
            continue
        style = (match.lastgroup or "", match["opening"], content[match.end() - 1])
        order = _order(match)
        if order == 1 and (before == "\n" or before in _LEADS_IN):
            reached[style] = 1
        elif order is not None and order == reached.get(style, 0) + 1 and order > 1:
            reached[style] = order
            yield start, mark


def _is_number_of(content: str, start: int, mark: int) -> bool:
    """Whether the number belongs to what stands before it: Fig. 2, 8:1."""
    if content[start - 1 : start] in (":", "：") and start == mark and content[max(0, start - 2)].isdigit():
        return True
    word = _WORD.search(content, max(0, start - _LONGEST_WORD), start)
    return word is not None and word[1].lower() in BEFORE_NUMBER | NEVER_LAST


def _order(match: re.Match[str]) -> int | None:
    """Which item of its enumeration a mark announces, from 1; None if it is no number."""
    if match["letter"]:
        return ord(match["letter"]) - ord("a") + 1
    number = value(match["digits"] or match["numerals"])
    return None if number is None else int(number)
