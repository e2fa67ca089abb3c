"""Markdown: documents in CommonMark, with tables and front matter."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import yaml
from pydantic import Field

from vocation.corpus.documents import UNIT_DESCRIPTION, Block, Unit, document_rows
from vocation.corpus.formats import Format
from vocation.corpus.opening import LONGEST_LINE, too_long
from vocation.corpus.row_faults import empty
from vocation.corpus.tokens import CJK
from vocation.records import Row

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\n(.{0,65536}?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_MARKUP = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1>|\Z)|<[^>]*>", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_SOFT = "\0"  # A line end in the source; CommonMark has no NUL.
_BETWEEN_CHINESE = re.compile(rf"(?<={CJK.pattern}){_SOFT}|{_SOFT}(?={CJK.pattern})")
_NESTING = 100


class Markdown(Format):
    """A Markdown file as the text that a reader sees; fields `title`, `text` and `file_date`, the day in its name.

    Headings, paragraphs, list items (with their bullet or number) and lines of code are lines, table rows are lines
    with tabs between cells; links and images are their text, HTML and comments are taken off. Lines of one paragraph
    are joined, with a space where it is not Chinese. YAML front matter is taken off; its plain values are fields.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".md", ".markdown")

    unit: Unit = Field(default="document", description=UNIT_DESCRIPTION)

    def rows(self, path: Path) -> Iterator[Row]:
        with self.open(path) as file:
            source = file.read(LONGEST_LINE + 1)
        if len(source) > LONGEST_LINE:
            raise too_long(path, 1)
        if not source.strip():
            raise empty(path, "a text in Markdown")
        front, body, first = _divide(source)
        for row in document_rows(path, front.get("title"), _blocks(body, first), self.unit):
            yield Row(row.number, {**front, **row.fields}, row.fault)


def _divide(source: str) -> tuple[dict[str, str], str, int]:
    """The plain values of the front matter, the text behind it, and the number of the line on which that begins."""
    match = _FRONT_MATTER.match(source)
    if match is None:
        return {}, source, 1
    try:
        values = yaml.safe_load(match.group(1) or "")
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, source, 1  # Two rules with text between them.
    if not isinstance(values, Mapping) and values is not None:
        return {}, source, 1
    plain = {
        str(key): str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in (values or {}).items()
        if value is not None and not isinstance(value, Mapping | list | set | bytes)
    }
    return plain, source[match.end() :], 1 + source.count("\n", 0, match.end())


def _blocks(source: str, first: int) -> Iterator[Block]:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": _NESTING}).enable("table")
    number, heading, prefix = first, False, ""
    cells: list[str] | None = None
    for token in parser.parse(source):
        number = first + token.map[0] if token.map else number
        kind = token.type
        if kind == "list_item_open":
            prefix = f"{token.info}{token.markup} " if token.info else "- "
        elif kind in ("heading_open", "heading_close"):
            heading = kind == "heading_open"
        elif kind == "tr_open":
            cells = []
        elif kind == "tr_close":
            yield Block("\t".join(cells or ()), number)
            cells = None
        elif (text := _text(token)) is None:
            continue
        elif cells is not None:
            cells.append(text.replace("\n", " "))
        else:
            yield Block(prefix + text, number, heading)
            prefix = ""


def _text(token: Token) -> str | None:
    """The text of a token that has some of its own; None for the others."""
    if token.type == "inline":
        return _inline(token.children or ())
    if token.type in ("fence", "code_block"):
        return token.content.rstrip("\n")
    if token.type == "html_block":
        lines = html.unescape(_MARKUP.sub("", _BREAK.sub("\n", token.content))).splitlines()
        return "\n".join(line.strip() for line in lines if line.strip())
    return None


def _inline(tokens: Sequence[Token]) -> str:
    text = "".join(map(_piece, tokens))
    return _BETWEEN_CHINESE.sub("", text).replace(_SOFT, " ") if _SOFT in text else text


def _piece(token: Token) -> str:
    if token.type in ("text", "text_special", "code_inline"):
        return token.content
    if token.type == "image":
        return _inline(token.children or ())
    if token.type == "softbreak":
        return _SOFT
    return "\n" if token.type == "hardbreak" or _BREAK.fullmatch(token.content) else ""
