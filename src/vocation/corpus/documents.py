"""Raw documents: a title and blocks of text, made into rows of whole documents or of sections."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from vocation.corpus.opening import COMPRESSIONS, LONGEST_LINE, too_long
from vocation.errors import DataError
from vocation.records import Row

Unit = Literal["document", "section"]
"""What one row is: a whole document, or a heading with what stands under it up to the next heading."""
UNIT_DESCRIPTION = (
    "What one row is: the whole `document`, or a `section`, which is a heading and what stands up to the next one "
    "(its heading is the field `section`)."
)
_DATE = re.compile(r"(?<!\d)((?:1[6-9]|2[01])\d\d)(?:-(\d\d)-(\d\d)|(\d\d)(\d\d)|年(\d\d?)月(\d\d?)日)(?!\d)", re.ASCII)
"""A day of the years 1600 to 2199 as 2023-09-01, 20230901 or 2023年9月1日."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item, table row or the like; becomes a line of the text.

    Args:
        text: what a reader sees.
        number: 1-based line or paragraph of the file where it begins.
        heading: whether it is one.
    """

    text: str
    number: int
    heading: bool = False


def document_rows(path: Path, title: str | None, blocks: Iterable[Block], unit: Unit) -> Iterator[Row]:
    """The rows of one document, with the fields `title`, `text`, `file_date`, and `section` where rows are sections.

    A document without text is a row with its fault.

    Args:
        path: the file.
        title: what the document says of itself; else the title is the first heading, else the name of the file.
        blocks: in reading order; those without text are left out.
        unit: what one row is.

    Raises:
        DataError: the document is longer than `LONGEST_LINE`.
    """
    kept = [block for block in blocks if block.text.strip()]
    headings = (block.text for block in kept if block.heading)
    title = " ".join((title or next(headings, "")).split()) or document_name(path)
    if not kept:
        yield Row(1, {"title": title, "text": "", "file_date": file_date(path)}, no_text(path))
        return
    if sum(len(block.text) for block in kept) > LONGEST_LINE:
        raise too_long(path, 1)
    day = file_date(path)
    for part in [kept] if unit == "document" else _sections(kept):
        fields = {"title": title, "text": "\n".join(block.text for block in part), "file_date": day}
        if unit == "section":
            fields["section"] = part[0].text if part[0].heading else title
        yield Row(1 if unit == "document" else part[0].number, fields)


def document_name(path: Path) -> str:
    """The name of a file without its endings."""
    return Path(path.stem).stem if path.suffix.lower() in COMPRESSIONS else path.stem


def file_date(path: Path) -> str | None:
    """The last day that stands in the name of a file, as YYYY-MM-DD; None where there is none.

    Days are written 2023-09-01, 20230901 or 2023年9月1日. Statutes and reports often have that of their version there.
    """
    found = None
    for match in _DATE.finditer(unicodedata.normalize("NFKC", path.name)):
        year, month, day = (int(part) for part in match.groups() if part is not None)
        with suppress(ValueError):  # No day of the calendar: a number that looks like one.
            found = date(year, month, day)
    return None if found is None else found.isoformat()


def no_text(path: Path, row: int = 1) -> DataError:
    """The fault of a document in which there is nothing to read."""
    return DataError(
        "The document has no text",
        file=path,
        row=row,
        remedy="remove the file from the source, or set `corpus.invalid_rows: drop` to leave such documents out",
    )


def _sections(blocks: list[Block]) -> Iterator[list[Block]]:
    section: list[Block] = []
    for block in blocks:
        if block.heading and section:
            yield section
            section = []
        section.append(block)
    yield section
