"""Punctuation: Chinese marks in Chinese, English marks in English, each once."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Literal

from pydantic import Field

from vocation.cleaning import CleaningStep
from vocation.cleaning.rewriting import CHINESE, until_stable
from vocation.text import Edit, Text

Quotes = Literal["curly", "corner", "keep"]
_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]

# What makes a mark beside it a Chinese one. Curly quotes and dashes are not among them: English has them, too.
_CHINESE = f"{CHINESE}，。；：？！、（）《》〈〉「」『』【】〔〕"
_IS_CHINESE = re.compile(f"[{_CHINESE}]")
_FULL_WIDTH = str.maketrans(",;:?!.", "，；：？！。")
_ASCII = dict(zip("，；：？！", ",;:?!", strict=True))
_CORNERS = str.maketrans("「」『』﹁﹂﹃﹄", "“”‘’“”‘’")

# Every pattern begins with a class of characters, which `re` looks for fast, and looks back from behind it.
_ASCII_MARKS = re.compile(
    f"[,;:?!](?<![0-9].(?=[0-9]))(?:(?<=[{_CHINESE}].)[,;:?!]*+|[,;:?!]*+(?=[ ]?[{_CHINESE}]))"
    f"(?!//)(?:[ ](?=[{_CHINESE}]))?+"
)
_STOP = re.compile(rf"\.(?<=[{CHINESE}]\.)(?=\s|\Z|[”』」）)])")
_BRACKETS = re.compile(r"\(([^()\n]{0,200})\)")
_WIDE_IN_ENGLISH = re.compile("[，；：？！](?<=[A-Za-z].)(?=[A-Za-z])")
_STRAIGHT_PAIR = re.compile(r'"([^"“”\n]{1,200})"')
_CURLY_PAIR = re.compile(r'“([^"“”\n]{0,400})”')
_SINGLE = re.compile("[‘’‛]")
_CORNER = re.compile("[「」『』﹁﹂﹃﹄]")
_ELLIPSIS = re.compile(r"[…⋯]++|[.](?<![.].)[.]{2,}+|[。](?<!。.)。{2,}+")
_DASH = re.compile("[—―─–-](?<![—―─–-].)[—―─–-]++")
_REPEATED = re.compile("([!?！？，、；。])(?<!\\1.)\\1++")

_ENTITY = re.compile(r"&#?[A-Za-z0-9]+\Z")  # `&lt;` is for the step `html`
_VERBATIM_SIGNS = ("://", "@", "`", "www.")
_VERBATIM = re.compile(
    rf"```.*?```|`[^`\n]+`|[A-Za-z][A-Za-z0-9+.-]*+://[^\s{_CHINESE}“”\"]++|www\.[^\s{_CHINESE}“”\"]++"
    r"|[\w.+-]++@[\w-]++(?:\.[\w-]++)++",
    re.DOTALL,
)


class Punctuation(CleaningStep):
    """Write each mark in one way: Chinese marks beside Chinese characters, ASCII marks between Latin letters.

    In Chinese, `, ; : ? ! . ( )` become `，；：？！。（）`, `"…"` becomes `“…”`, `...` becomes `……` and `--` becomes
    `——`. In English, curly quotes and `…` become straight quotes and `...`. Marks that are repeated count once.
    Digits with a mark between them (1,000, 10:30, 3.14), URLs, e-mail addresses and code between backquotes stay as
    they are; so do marks that a labelled span begins or ends within. The rules follow GB/T 15834-2011.
    """

    chinese_quotes: Quotes = Field(
        default="curly", description="Quotes around Chinese: `curly` “”, `corner` 「」, or as they are."
    )
    english_quotes: Literal["straight", "keep"] = Field(
        default="straight", description="Quotes and apostrophes in English: `straight`, or as they are."
    )
    marks: bool = Field(
        default=True, description="Whether , ; : ? ! . ( ) take the width of the language they stand in."
    )
    ellipses_and_dashes: bool = Field(
        default=True, description="Whether ellipses become …… or ..., and double dashes beside Chinese ——."
    )
    repeats: bool = Field(default=True, description="Whether ！！！ becomes ！, and the like.")

    def __call__(self, text: Text) -> Text:
        chinese = _IS_CHINESE.search(text.content) is not None
        return until_stable(text, partial(_edits, _rules(self, chinese)))


def _edits(rules: tuple[_Rule, ...], content: str) -> Iterator[Edit]:
    edits = [
        edit
        for pattern, replacement in rules
        for match in pattern.finditer(content)
        for edit in _changes(match, replacement(match))
    ]
    if not edits:
        return
    verbatim = _verbatim(content)
    position = 0
    # Of two that begin together the longer one first: a repeated mark becomes one before it becomes wide.
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end)):
        place = bisect_left(verbatim, (edit.end,)) - 1
        if edit.start >= position and (place < 0 or verbatim[place][1] <= edit.start):
            yield edit
            position = edit.end


def _changes(match: re.Match[str], new: str | None) -> Iterator[Edit]:
    """The edits of one match; pairs of marks are two edits, so that what they hold is left alone."""
    if new is None or new == match[0]:
        return
    if match.lastindex and match.re is not _REPEATED:
        yield Edit(match.start(), match.start() + 1, new[0])
        yield Edit(match.end() - 1, match.end(), new[1])
    else:
        yield Edit(*match.span(), new)


def _verbatim(content: str) -> list[tuple[int, int]]:
    if not any(sign in content for sign in _VERBATIM_SIGNS):
        return []
    return [match.span() for match in _VERBATIM.finditer(content)]


@cache
def _rules(step: Punctuation, chinese: bool) -> tuple[_Rule, ...]:
    """Patterns, and what takes the place of a match; those for Chinese only where there is any."""
    rules: list[_Rule] = []
    if chinese and step.marks:
        rules += [(_ASCII_MARKS, _full_width), (_STOP, _full_width), (_BRACKETS, _full_width_brackets)]
        rules += [(_WIDE_IN_ENGLISH, lambda match: _ASCII[match[0]] + " ")]
    if chinese and step.chinese_quotes != "keep":
        rules += [(_STRAIGHT_PAIR, lambda match: "“”" if _beside_chinese(match) else None)]
    if chinese and step.chinese_quotes == "curly":
        rules += [(_CORNER, lambda match: match[0].translate(_CORNERS))]
    if chinese and step.chinese_quotes == "corner":
        rules += [(_CURLY_PAIR, lambda match: "「」" if _beside_chinese(match) else None)]
    if step.english_quotes == "straight":
        rules += [(_CURLY_PAIR, lambda match: None if _beside_chinese(match) else '""')]
        rules += [(_SINGLE, lambda match: "'" if _between_ascii(match) else None)]
    if step.ellipses_and_dashes:
        rules += [(_ELLIPSIS, _ellipsis), (_DASH, lambda match: "——" if _touches_chinese(match) else None)]
    if step.repeats:
        rules += [(_REPEATED, lambda match: match[1])]
    return tuple(rules)


def _full_width(match: re.Match[str]) -> str | None:
    if match[0][0] == ";" and _ENTITY.search(match.string, max(0, match.start() - 9), match.start()):
        return None
    return match[0].rstrip(" ").translate(_FULL_WIDTH)


def _full_width_brackets(match: re.Match[str]) -> str | None:
    return "（）" if _beside_chinese(match) else None


def _ellipsis(match: re.Match[str]) -> str | None:
    if _touches_chinese(match) or match[0][0] == "。":
        return "……"
    return "..." if match[0][0] in "…⋯" else None


def _neighbours(match: re.Match[str]) -> tuple[str, str]:
    content, start, end = match.string, match.start(), match.end()
    return content[max(0, start - 1) : start], content[end : end + 1]


def _touches_chinese(match: re.Match[str]) -> bool:
    return any(_IS_CHINESE.match(neighbour) for neighbour in _neighbours(match))


def _beside_chinese(match: re.Match[str]) -> bool:
    """Whether a pair of marks holds Chinese, or stands beside it."""
    return _touches_chinese(match) or _IS_CHINESE.search(match[1]) is not None


def _between_ascii(match: re.Match[str]) -> bool:
    """Whether no neighbour says that a single quote is a Chinese one, and one of them is a Latin letter."""
    before, behind = _neighbours(match)
    return before.isascii() and behind.isascii() and (before + behind).strip() != ""
