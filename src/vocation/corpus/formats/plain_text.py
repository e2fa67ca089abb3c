"""Plain text: lines, paragraphs or whole files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from vocation.corpus.encodings import open_text
from vocation.corpus.formats import Format
from vocation.errors import DataError
from vocation.records import Row


class PlainText(Format):
    """Text without columns; each piece is the field `text`.

    For unlabelled text (`split: unlabelled`), or for one class a file (`constants: {label: …}`).
    """

    unit: Literal["line", "paragraph", "file"] = Field(
        default="paragraph",
        description="What one row is: a line, a paragraph (lines up to a blank one), or the whole file.",
    )

    def rows(self, path: Path) -> Iterator[Row]:
        count = 0
        with open_text(path, self.encoding) as file:
            for number, text in _UNITS[self.unit](file):
                count += 1
                yield Row(number, {"text": text})
        if not count:
            raise DataError(
                "The file is empty",
                file=path,
                received="no line with text",
                remedy="give a file with text, or take this source out of the recipe",
            )


def _lines(file: Iterator[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(file, start=1):
        if line.strip():
            yield number, line.rstrip("\n")


def _paragraphs(file: Iterator[str]) -> Iterator[tuple[int, str]]:
    first, lines = 0, list[str]()
    for number, line in enumerate(file, start=1):
        if line.strip():
            first = first or number
            lines.append(line)
        elif lines:
            yield first, "".join(lines).rstrip("\n")
            first, lines = 0, []
    if lines:
        yield first, "".join(lines).rstrip("\n")


def _whole(file: Iterator[str]) -> Iterator[tuple[int, str]]:
    text = "".join(file)
    if text.strip():
        yield 1, text


_UNITS = {"line": _lines, "paragraph": _paragraphs, "file": _whole}
