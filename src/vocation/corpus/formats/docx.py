"""DOCX: documents of Word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from vocation.corpus.documents import UNIT_DESCRIPTION, Block, Unit, document_rows
from vocation.corpus.file_types import mistaken_binary
from vocation.corpus.formats import Format
from vocation.corpus.opening import check_container
from vocation.corpus.read_errors import read_errors
from vocation.corpus.row_faults import empty
from vocation.errors import DataError, MissingExtraError
from vocation.records import Row

if TYPE_CHECKING:
    from docx.document import Document

_HEADING = re.compile(r"(?:heading|标题) ?[1-9]|title|标题", re.IGNORECASE)
_LEFT_OUT = frozenset(("del", "moveFrom", "pPr", "rPr", "Fallback"))
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


class Docx(Format):
    """A Word document as text; fields `title`, `text` and `file_date`, the day in the file's name.

    Paragraphs are lines, table rows are lines with tabs between cells; insertions under review are read, deletions are
    not. Headers, footers, notes, comments and the numbers that Word gives to lists are left out. Needs the extra
    `documents`. Old .doc files must be saved as .docx.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".docx",)
    binary: ClassVar[bool] = True

    unit: Unit = Field(default="document", description=UNIT_DESCRIPTION)

    def rows(self, path: Path) -> Iterator[Row]:
        document = _opened(path)
        names = {style.style_id: str(style.name or "") for style in document.styles}
        headings = {style for style, name in names.items() if _HEADING.fullmatch(name)}
        title = document.core_properties.title
        yield from document_rows(path, title, _blocks(document.element.body, headings), self.unit)


def _opened(path: Path) -> Document:
    try:
        import docx
    except ImportError as error:
        raise MissingExtraError("python-docx", "documents") from error
    with read_errors(path):
        if not path.stat().st_size:
            raise empty(path, "a Word document")
        if other := mistaken_binary(path, "a Word document"):
            raise other
    check_container(path)
    try:
        return docx.Document(str(path))
    except Exception as error:  # What its parts raise: KeyError, ValueError, errors of lxml.
        raise DataError(
            "The file is no Word document",
            file=path,
            received=f"{type(error).__name__}: {str(error)[:60]}",
            allowed="a .docx file",
            remedy="open it in Word or LibreOffice and save it again as .docx",
        ) from error


def _name(element: Any) -> str:
    """The name of an XML element without its namespace, so that both kinds of OOXML and drawings are read alike."""
    return str(element.tag).rpartition("}")[2]


def _inside(element: Any) -> list[Any]:
    """The children of an element, the last first, as a stack takes them."""
    return list(element)[::-1]


def _blocks(body: Any, headings: set[str]) -> Iterator[Block]:
    """The paragraphs and table rows of an element, in order; numbered by paragraph and row, from 1."""
    number = 0
    stack = _inside(body)
    while stack:
        element = stack.pop()
        name = _name(element)
        if name == "p":
            number += 1
            yield Block(_text(element).strip("\n"), number, _style(element) in headings)
        elif name == "tr":
            cells = [
                " ".join(" ".join(block.text for block in _blocks(cell, headings)).split()) for cell in _cells(element)
            ]
            number += 1
            if any(cells):
                yield Block("\t".join(cells), number)
        elif name not in _LEFT_OUT:
            stack += _inside(element)


def _cells(row: Any) -> Iterator[Any]:
    """The cells of a row, also those inside content controls, but not those of tables in its cells."""
    stack = _inside(row)
    while stack:
        element = stack.pop()
        if _name(element) == "tc":
            yield element
        elif _name(element) not in _LEFT_OUT:
            stack += _inside(element)


def _style(paragraph: Any) -> str | None:
    """The id of a paragraph's style."""
    for properties in paragraph:
        for setting in properties if _name(properties) == "pPr" else ():
            if _name(setting) == "pStyle":
                return next((value for key, value in setting.attrib.items() if key.endswith("}val")), None)
    return None


def _text(paragraph: Any) -> str:
    """The text of a paragraph; what was deleted under review is not in it."""
    pieces = []
    stack = _inside(paragraph)
    while stack:
        element = stack.pop()
        name = _name(element)
        if name == "t":
            pieces.append(element.text or "")
        elif name in _MARKS:
            pieces.append(_MARKS[name])
        elif name == "p":  # A text box that hangs on this paragraph.
            pieces.append(f"\n{_text(element)}")
        elif name not in _LEFT_OUT:
            stack += _inside(element)
    return "".join(pieces)
