"""Bullets and clause numbers: one bullet for all, and every clause on a line of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import Field

from vocation.cleaning import CleaningStep
from vocation.language.enumerations import later_items
from vocation.ranges import Ranges
from vocation.text import Edit, Text

_CHINESE_NUMERAL = "〇零一二三四五六七八九十百千"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_PARENTHESISED = "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"
_DOTTED = "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛"
_BULLETS = "•●○▪▫■□◆◇►▶▸‣⁃∙⦁\uf0b7\uf0a7\uf06c\uf0d8"

# Those of lists; squares, circles and triangles may stand before choices of a form (□ 是 □ 否).
_LIST_BULLETS = "•●▪▫‣⁃∙⦁\uf0b7\uf0a7"

_BULLET_LINE = re.compile(f"(?m)^[^\\S\\n]*([{_LIST_BULLETS}]).*")
_NEXT_BULLET = re.compile(f"(?<=\\S)(?P<space>[^\\S\\n]+)(?P<bullet>[{_LIST_BULLETS}])(?=[^\\S\\n]*[^\\s{_BULLETS}])")
_BULLET = re.compile(f"(?m)^([^\\S\\n]*)(?:[{_BULLETS}][^\\S\\n]*|[·・*–—-][^\\S\\n]+)+(?=\\S)")
_NUMBER = "[0-9０-９]{1,2}"
_ENUMERATOR = (
    f"[（(](?:[{_CHINESE_NUMERAL}]{{1,3}}|{_NUMBER})[)）]|(?<![0-9０-９.．]){_NUMBER}[)）]"
    f"|[{_CIRCLED}{_PARENTHESISED}{_DOTTED}]"
)
_INLINE = re.compile(  # Behind a colon in a time or a ratio, as in 8：30, stands no clause.
    "(?<=[；;：:。])(?<![0-9０-９][：:])(?P<space>[^\\S\\n]*)(?:"
    f"{_ENUMERATOR}|[{_BULLETS}]"
    f"|(?:(?<=[；：。])|(?<=[；：。][ \u3000])){_NUMBER}[.．、](?![0-9０-９])"
    f"|[{_CHINESE_NUMERAL}]{{1,3}}、(?![{_CHINESE_NUMERAL}])"
    "|(?<=[;:] )\\((?:[a-z]|i{1,3}|iv|vi{0,3}|ix)\\)"
    f"|第[{_CHINESE_NUMERAL}0-9]{{1,7}}[条章节编款](?:之[{_CHINESE_NUMERAL}]{{1,2}})?(?=[^\\S\\n]))"
    f"(?![{_CIRCLED}{_PARENTHESISED}，,、。；;：:和及与至或])"
)
_AFTER_LINE_START = re.compile(
    f"(?m)^[^\\S\\n]*(?P<marker>{_ENUMERATOR})(?=[^\\S\\n]*[^\\s{_CIRCLED}，,、。；;：:和及与至或])"
)


class Separators(CleaningStep):
    """Write bullets and clause numbers in one way, and give every clause a line.

    A mark counts only where a clause begins: at the start of a line, or behind ；：。 (; and : in English). So
    依照第三条, 第（二）项 or 反应①和② stay as they are. Further items of a line that itself begins with a bullet
    (• one • two), and of an enumeration that rises from 1, 一 or a (1.甲 2.乙; a) fever; b) cough), begin lines too.
    Nothing is changed inside a labelled span, and a number keeps its value.
    """

    bullets: Literal["keep", "dash", "remove"] = Field(
        default="dash", description="What becomes of • · ▪ ● * – and the like at the start of a line: `- `, or nothing."
    )
    clause_lines: bool = Field(
        default=True,
        description="Whether a clause that begins with ①, (1), 1）, （一）, 一、, • or 第X条 behind ； ： or 。, and "
        "each further item of a list in one line (1.甲 2.乙), gets a new line.",
    )
    numbers: Literal["keep", "chinese", "ascii"] = Field(
        default="keep",
        description="How numbers of clauses are bracketed where a line begins with one: ① ⑴ (1) 1) all as （1） and "
        "(一) as （一） with `chinese`, as (1) and (一) with `ascii`. Choose `keep` where ① and （1） are levels.",
    )

    def __call__(self, text: Text) -> Text:
        if self.clause_lines:
            for places in (_inline_clauses, _later_bullets):
                text = text.edit(_line_breaks(text, places(text.content)))
        if self.bullets != "keep":
            text = text.edit(_outside(text, _bullet_edits(text.content, "- " if self.bullets == "dash" else "")))
        if self.clause_lines:  # Only now, as an enumeration may begin a line once its bullet is gone.
            text = text.edit(_line_breaks(text, later_items(text.content)))
        if self.numbers != "keep":
            brackets = "（）" if self.numbers == "chinese" else "()"
            text = text.edit(_outside(text, _number_edits(text.content, brackets)))
        return text


def _outside(text: Text, edits: Iterator[Edit]) -> Iterator[Edit]:
    """The edits that touch no labelled span."""
    spans = Ranges(text.spans)
    return (edit for edit in edits if not spans.touch(edit.start, edit.end))


def _inline_clauses(content: str) -> Iterator[tuple[int, int]]:
    """The white space before each clause that begins behind ；：。 in a line."""
    for match in _INLINE.finditer(content):
        yield match.span("space")


def _later_bullets(content: str) -> Iterator[tuple[int, int]]:
    """The white space before each bullet in a line that begins with the same bullet."""
    for line in _BULLET_LINE.finditer(content):
        for match in _NEXT_BULLET.finditer(content, line.end(1), line.end()):
            if match["bullet"] == line[1]:
                yield match.span("space")


def _line_breaks(text: Text, places: Iterable[tuple[int, int]]) -> Iterator[Edit]:
    spans = Ranges(text.spans)
    for start, end in places:
        if not spans.touch(start, end) and not spans.touch(end, end):
            yield Edit(start, end, "\n")


def _bullet_edits(content: str, bullet: str) -> Iterator[Edit]:
    for match in _BULLET.finditer(content):
        yield Edit(match.end(1), match.end(), bullet)


def _number_edits(content: str, brackets: str) -> Iterator[Edit]:
    for match in _AFTER_LINE_START.finditer(content):
        yield Edit(*match.span("marker"), brackets[0] + _value(match["marker"]) + brackets[1])


def _value(marker: str) -> str:
    """The number of a marker, in the digits or Chinese numerals in which it stands."""
    for family in (_CIRCLED, _PARENTHESISED, _DOTTED):
        if marker in family:
            return str(family.index(marker) + 1)
    return marker.strip("（）()")
