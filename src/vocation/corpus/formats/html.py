"""HTML: web pages as the text that a reader sees."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TextIO

from pydantic import Field

from vocation.corpus import encodings
from vocation.corpus.documents import UNIT_DESCRIPTION, Block, Unit, document_rows
from vocation.corpus.formats import Format
from vocation.corpus.line_ends import LineEnds
from vocation.corpus.opening import LONGEST_LINE, open_bytes, too_long
from vocation.corpus.row_faults import empty
from vocation.errors import DataError, MissingExtraError
from vocation.records import Row

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_HEAD = 1024
"""Bytes in which a page must say its encoding (the HTML standard, 13.2.3.2)."""
_CHARSET = re.compile(
    rb"""<(?:meta\b[^>]*?\bcharset|\?xml\b[^>]*?\bencoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE
)
_CODECS = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "iso8859-1": "cp1252", "ascii": "cp1252"}
"""What browsers decode an encoding as (the WHATWG Encoding standard), by Python's name of it."""
_SPACE = re.compile("[ \t\n\f\r]+")
_LINE = "\0"  # A <br>; the parser leaves no NUL in text.
_AROUND_LINE = re.compile(f" ?{_LINE} ?")
_INLINE = frozenset(
    re.findall(
        r"\w+",
        "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr q rb rp rt ruby s "
        "samp small span strike strong sub sup time tt u var wbr",
    )
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_CELLS = frozenset(("td", "th"))
_BLOCKS_IN_CELLS = "p, div, table, ul, ol, dl, pre, blockquote, h1, h2, h3, h4, h5, h6"


class Html(Format):
    """A page of HTML as text; fields `title`, `text` and `file_date`, the day in the file's name.

    Block elements are lines, table rows are lines with tabs between cells, `pre` keeps its line ends. The encoding is
    that of the byte-order mark, else UTF-8 where every byte fits, else what the page says in <meta>; all bytes are
    checked. Needs the extra `documents`.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".html", ".htm", ".xhtml")

    unit: Unit = Field(default="document", description=UNIT_DESCRIPTION)
    select: str | None = Field(
        default=None,
        description="CSS selector of the parts that are read, such as `main, article`. Without it, the whole body.",
    )
    drop: tuple[str, ...] = Field(
        default=("script", "style", "noscript", "template", "svg", "iframe", "object", "head"),
        description="Elements that are left out with all that is in them. Add `nav`, `header`, `footer` and `aside` "
        "to leave out what frames a page.",
    )

    def open(self, path: Path, newline: str | None = None) -> TextIO:
        codec = self._declared(path)
        if codec is None:
            return super().open(path, newline)
        errors = "strict" if self.undecodable == "refuse" else "replace"
        return io.TextIOWrapper(open_bytes(path), encoding=codec, errors=errors, newline=newline)

    def decoded_as(self, path: Path) -> str:
        return self._declared(path) or super().decoded_as(path)

    def line_ends(self, path: Path) -> LineEnds | None:
        codec = self._declared(path)
        return super().line_ends(path) if codec is None else encodings.line_ends_as(path, codec)

    def replaced(self, path: Path) -> int:
        codec = None if self.undecodable == "refuse" else self._declared(path)
        if codec is None:
            return super().replaced(path)
        with open_bytes(path) as file:
            return file.read().decode(codec, errors="replace").count("\ufffd")

    def rows(self, path: Path) -> Iterator[Row]:
        with self.open(path) as file:
            source = file.read(LONGEST_LINE + 1)
        if len(source) > LONGEST_LINE:
            raise too_long(path, 1)
        if not source.strip():
            raise empty(path, "a page of HTML")
        try:
            from selectolax.lexbor import LexborHTMLParser
        except ImportError as error:
            raise MissingExtraError("selectolax", "documents") from error
        page = LexborHTMLParser(source)
        title = page.css_first("head > title")
        roots = self._roots(page.body, path) if page.body else []
        flow = _Flow(frozenset(self.drop))
        for root in roots:
            flow.read(root)
        yield from document_rows(path, title.text() if title else None, flow.blocks, self.unit)

    def _roots(self, body: LexborNode, path: Path) -> list[LexborNode]:
        if self.select is None:
            return [body]
        from selectolax.lexbor import SelectolaxError

        try:
            found = body.css(self.select)
        except SelectolaxError as error:
            raise DataError(
                "The selector is not one of CSS",
                file=path,
                received=self.select[:60],
                allowed="such as `main, article` or `#content`",
                remedy="correct `select` of this source",
            ) from error
        ids = {node.mem_id for node in found}
        return [node for node in found if not _is_within(node, ids)]

    def _declared(self, path: Path) -> str | None:
        """The codec of the encoding that the page states of itself, when it is the one to use."""
        if self.encoding != "auto":
            return None
        with open_bytes(path) as file:
            head = file.read(_HEAD)
        match = _CHARSET.search(head)
        if match is None or head.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return None
        try:
            name = codecs.lookup(match.group(1).decode("ascii")).name
            "".encode(name)
        except LookupError:  # Also for codecs that are not of text.
            return None
        if name.startswith("utf") or _first_fault(path, "utf-8") is None:
            return None
        codec = _CODECS.get(name, name)
        fault = _first_fault(path, codec)
        if fault is not None and self.undecodable == "refuse":
            raise DataError(
                f"The file is not valid {name.upper()}, which it says it is",
                file=path,
                received=f"a byte at offset {fault} that is no character",
                remedy="set `encoding` of this source to the real one, or `undecodable: replace`",
            )
        return codec


class _Flow:
    """Reads elements into blocks, without recursion: pages may nest thousands deep.

    Args:
        dropped: tags that are left out.
    """

    def __init__(self, dropped: frozenset[str]) -> None:
        self.blocks: list[Block] = []
        self._dropped = dropped
        self._pieces: list[str] = []
        self._pre = 0

    def read(self, root: LexborNode) -> None:
        """Adds the blocks of an element."""
        stack: list[tuple[LexborNode, bool]] = [(root, False)]
        while stack:
            node, closing = stack.pop()
            tag = node.tag or ""
            if closing:
                self._close(tag)
            elif node.is_text_node:
                self._pieces.append(
                    (node.text_content or "") if self._pre else _SPACE.sub(" ", node.text_content or "")
                )
            elif tag == "br":
                self._pieces.append(_LINE)
            elif tag == "tr" and node.css_first(_BLOCKS_IN_CELLS) is None:
                self._row(node)
            elif tag not in self._dropped and not node.is_comment_node:
                if tag not in _INLINE:
                    self._end()
                self._pre += tag == "pre"
                stack.append((node, True))
                stack += [(child, False) for child in reversed(list(node.iter(include_text=True)))]
        self._end()

    def _close(self, tag: str) -> None:
        if tag not in _INLINE:
            self._end(heading=tag in _HEADINGS)
        self._pre -= tag == "pre"

    def _row(self, row: LexborNode) -> None:
        """A table row whose cells hold no blocks: one line."""
        self._end()
        cells = []
        for cell in row.iter():
            if cell.tag in _CELLS:
                inner = _Flow(self._dropped)
                inner.read(cell)
                cells.append(" ".join(block.text for block in inner.blocks).replace("\n", " "))
        if any(cells):
            self.blocks.append(Block("\t".join(cells), len(self.blocks) + 1))

    def _end(self, *, heading: bool = False) -> None:
        text = "".join(self._pieces)
        self._pieces.clear()
        if self._pre:
            text = text.replace(_LINE, "\n").strip("\n")
        else:
            text = _AROUND_LINE.sub("\n", _SPACE.sub(" ", text)).strip(" \n")
        if text.strip():
            self.blocks.append(Block(text, len(self.blocks) + 1, heading))


def _is_within(node: LexborNode, ids: set[int]) -> bool:
    """Whether a node lies in another one of those that were found."""
    parent = node.parent
    while parent is not None:
        if parent.mem_id in ids:
            return True
        parent = parent.parent
    return False


def _first_fault(path: Path, codec: str) -> int | None:
    """Offset of the first byte, roughly, that a codec refuses; None where every byte is valid."""
    try:
        with open_bytes(path) as file:
            file.read().decode(codec)
    except UnicodeDecodeError as error:
        return error.start
    return None
