"""PDF: the text layer of documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from vocation.corpus.documents import document_name, file_date, no_text
from vocation.corpus.file_types import mistaken_binary
from vocation.corpus.formats import Format
from vocation.corpus.opening import LONGEST_LINE, too_long
from vocation.corpus.read_errors import read_errors
from vocation.corpus.row_faults import empty
from vocation.errors import DataError, MissingExtraError
from vocation.records import Row

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_END = b"%%EOF"
_TAIL = 4096
"""Bytes at the end in which the end mark must stand; readers accept some rubbish behind it."""
_PASSWORD = 4
"""PDFium's error code of a document that asks for a password."""
_HYPHENS = "-\u2010\u00ad\ufffe\x02"
"""A hyphen at the end of a line: as typed, and as PDFium marks it."""
_BROKEN_WORD = re.compile(rf"([^\W\d_])[{_HYPHENS}]\n?([^\W\d_])")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_TRAILING = re.compile(r"[ \t]+\n")


class Pdf(Format):
    """A PDF file as the text in it, line by line; fields `title`, `text`, `file_date` (the day in the file's
    name), and `page` where rows are pages.

    A word that is divided at the end of a line is put together where its second half begins with a small letter. A page
    that is a picture without text is a faulty row of its own: such documents need OCR first. Needs the extra
    `documents`.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".pdf",)
    binary: ClassVar[bool] = True

    unit: Literal["document", "page"] = Field(
        default="document", description="What one row is: the whole `document`, its pages joined, or a `page`."
    )

    def rows(self, path: Path) -> Iterator[Row]:
        with closing(_opened(path)) as document:
            stated = document.get_metadata_value("Title") or ""
            title = " ".join(_CONTROL.sub("", stated).split()) or document_name(path)
            known = {"title": title, "file_date": file_date(path)}
            texts: list[str] = []
            scanned, size = 0, 0
            for number in range(1, len(document) + 1):
                text, pictures = _page(document, number, path)
                size += len(text)
                if size > LONGEST_LINE:
                    raise too_long(path, number)
                if text:
                    texts.append(text)
                    if self.unit == "page":
                        yield Row(number, known | {"text": text, "page": str(number)})
                elif pictures:
                    scanned += 1
                    yield Row(number, known | {"text": "", "page": str(number)}, _no_layer(path, number))
        if texts and self.unit == "document":
            yield Row(1, known | {"text": "\n".join(texts)})
        elif not texts and not scanned:
            yield Row(1, known | {"text": ""}, no_text(path))


def _opened(path: Path) -> PdfDocument:
    try:
        import pypdfium2
    except ImportError as error:
        raise MissingExtraError("pypdfium2", "documents") from error
    with read_errors(path), path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL))
        tail = file.read()
    if not size:
        raise empty(path, "a PDF document")
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code == _PASSWORD
        raise mistaken_binary(path, "a PDF document") or _unreadable(
            path, size, locked=locked, reason=str(error)
        ) from error
    if _END not in tail:  # PDFium would show those pages that are left.
        document.close()
        raise _unreadable(path, size, locked=False, reason="no end mark")
    return document


def _page(document: PdfDocument, number: int, path: Path) -> tuple[str, bool]:
    """The text of a page, and whether there are pictures on it."""
    import pypdfium2
    import pypdfium2.raw

    try:
        with closing(document.get_page(number - 1)) as page:
            with closing(page.get_textpage()) as layer:
                text = layer.get_text_range()
            pictures = any(True for _ in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3))
    except pypdfium2.PdfiumError as error:
        raise _unreadable(path, path.stat().st_size, locked=False, reason=f"page {number}: {error}") from error
    lines = _TRAILING.sub("\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROL.sub("", _BROKEN_WORD.sub(_whole, lines)).strip(), pictures


def _whole(match: re.Match[str]) -> str:
    before, after = match.groups()
    if "\n" not in match.group() and "\ufffe" not in match.group() and "\x02" not in match.group():
        return match.group()  # A hyphen within a line.
    return before + after if after.islower() else f"{before}-\n{after}"


def _no_layer(path: Path, number: int) -> DataError:
    return DataError(
        "The page has pictures and no text layer: run OCR first",
        file=path,
        row=number,
        received="a scanned page",
        remedy="make a text layer (ocrmypdf IN OUT, for example), or set `corpus.invalid_rows: drop` to leave such "
        "pages out and count them",
    )


def _unreadable(path: Path, size: int, *, locked: bool, reason: str) -> DataError:
    return DataError(
        "The document asks for a password" if locked else "The file is no whole PDF document",
        file=path,
        received=f"{size} bytes ({reason[:60]})",
        allowed="a PDF document without a password",
        remedy="save it again without a password" if locked else "copy or download it again",
    )
