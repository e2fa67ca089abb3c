"""Plain text: lines, paragraphs or whole files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from vocation.corpus import opening
from vocation.corpus.documents import file_date
from vocation.corpus.formats import Format
from vocation.corpus.row_faults import empty
from vocation.records import Row

_Numbered = Iterator[tuple[int, str]]
"""Texts, each with the 1-based number of the line on which it begins."""


class PlainText(Format):
    """Text without columns; each piece is the field `text`, beside `file_date`, the day in the file's name.

    For unlabelled text (`split: unlabelled`), or for one class a file (`constants: {label: …}`).
    """

    suffixes: ClassVar[tuple[str, ...]] = (".txt",)

    unit: Literal["line", "paragraph", "file"] = Field(
        default="paragraph",
        description="What one row is: a line, a paragraph (lines up to a blank one), or the whole file.",
    )

    def rows(self, path: Path) -> Iterator[Row]:
        count, day = 0, file_date(path)
        with self.open(path) as file:
            for number, text in self._pieces(opening.lines(file, path), path):
                count += 1
                yield Row(number, {"text": text, "file_date": day})
        if not count:
            raise empty(path, "text", found="nothing")

    def _pieces(self, lines: _Numbered, path: Path) -> _Numbered:
        if self.unit == "line":
            return _lines(lines)
        return _paragraphs(lines, path) if self.unit == "paragraph" else _whole(lines, path)


def _lines(lines: _Numbered) -> _Numbered:
    for number, line in lines:
        if line.strip():
            yield number, line.rstrip("\n")


def _paragraphs(lines: _Numbered, path: Path) -> _Numbered:
    first, size, held = 0, 0, list[str]()
    for number, line in lines:
        if line.strip():
            first, size = first or number, size + len(line)
            if size > opening.LONGEST_LINE:
                raise opening.too_long(path, first)
            held.append(line)
        elif held:
            yield first, "".join(held).rstrip("\n")
            first, size, held = 0, 0, []
    if held:
        yield first, "".join(held).rstrip("\n")


def _whole(lines: _Numbered, path: Path) -> _Numbered:
    size, held = 0, list[str]()
    for _, line in lines:
        size += len(line)
        if size > opening.LONGEST_LINE:
            raise opening.too_long(path, 1)
        held.append(line)
    text = "".join(held)
    if text.strip():
        yield 1, text
