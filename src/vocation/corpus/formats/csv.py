"""CSV and TSV: one row a record, cells quoted where they hold the delimiter or a newline (RFC 4180)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from pydantic import Field, field_validator

from vocation.corpus.encodings import open_text
from vocation.corpus.formats import Format
from vocation.errors import DataError
from vocation.records import Row

_DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
_CELL_LIMIT = 1 << 26
"""Characters in one cell; a longer one is a quote that was never closed, not text that a person wrote."""


class Csv(Format):
    """Comma- or tab-separated values with a header. Cells are strings, newlines in quoted cells included."""

    delimiter: str = Field(
        default="auto",
        description="The one character between cells. `auto` is a tab for files that end in .tsv, else a comma.",
    )
    header: tuple[str, ...] | None = Field(
        default=None,
        min_length=1,
        description="Names of the columns of a file whose first line is data already. Without it, the first line has "
        "the names.",
    )
    quotes: bool = Field(
        default=True,
        description='Whether a cell may stand in double quotes. Set to false where `"` is an ordinary character.',
    )

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, value: str) -> str:
        if value != "auto" and (len(value) != 1 or value in '"\r\n'):
            raise ValueError('must be "auto" or one character, such as "," or ";" or "\\t"')
        return value

    def rows(self, path: Path) -> Iterator[Row]:
        with open_text(path, self.encoding, newline="") as file:
            delimiter = self._delimiter(path)
            lines = _numbered(file, path, delimiter, quotes=self.quotes)
            if self.header is None:
                number, names = next(lines, (0, []))
                if not number:
                    raise _empty(path, "nothing")
                names = _names(names, path, number)
            else:
                number, names = 0, list(self.header)
            _refuse_wrong_delimiter(names, path, number, delimiter)
            count = 0
            for number, cells in lines:
                count += 1
                if len(cells) != len(names):
                    if count == 1:
                        _refuse_wrong_delimiter(cells, path, number, delimiter)
                    fault = _ragged(path, number, cells, names)
                    yield Row(number, {str(place): cell for place, cell in enumerate(cells, start=1)}, fault)
                else:
                    yield Row(number, dict(zip(names, cells, strict=True)))
            if not count:
                raise _empty(path, "a header" if self.header is None else "nothing")

    def _delimiter(self, path: Path) -> str:
        if self.delimiter != "auto":
            return self.delimiter
        return "\t" if path.suffix.lower() == ".tsv" else ","


def _numbered(file: TextIO, path: Path, delimiter: str, *, quotes: bool) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the 1-based line on which it begins."""
    csv.field_size_limit(_CELL_LIMIT)
    reader = csv.reader(file, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise DataError(
                "A cell's quotes are not as CSV has them",
                file=path,
                row=number,
                received=f"the row that begins here: {error}",
                allowed='"…" around a whole cell, with "" for a quote inside it',
                remedy='correct the quotes in this row, or set `quotes: false` where " is an ordinary character',
            ) from error
        if cells is None:
            return
        if cells:
            yield number, cells


def _names(cells: list[str], path: Path, number: int) -> list[str]:
    names = [cell.strip() for cell in cells]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise DataError(
            f"Two columns have the name {twice[0]!r}",
            file=path,
            row=number,
            received=", ".join(names),
            remedy="give every column its own name; for a file without a header, list the names as `header: […]`",
        )
    return names


def _refuse_wrong_delimiter(cells: list[str], path: Path, number: int, delimiter: str) -> None:
    if len(cells) != 1:
        return
    counts = {mark: cells[0].count(mark) for mark in _DELIMITERS if mark != delimiter}
    likely = max(counts, key=lambda mark: counts[mark])
    if counts[likely]:
        raise DataError(
            f"Wrong delimiter: the line is one cell when it is split at {_title(delimiter)}",
            file=path,
            row=number or None,
            received=f"{cells[0][:60]!r}",
            remedy=f"the {_title(likely)} looks likely: set `delimiter: {_yaml(likely)}` for this source",
        )


def _ragged(path: Path, number: int, cells: list[str], names: list[str]) -> DataError:
    return DataError(
        "The row has another number of cells than there are columns",
        file=path,
        row=number,
        received=f"{len(cells)} cells",
        allowed=f"{len(names)} cells ({', '.join(names)})",
        remedy="put a cell that holds the delimiter in double quotes, or complete the row",
    )


def _empty(path: Path, found: str) -> DataError:
    return DataError(
        "The file is empty" if found == "nothing" else "The file has no rows",
        file=path,
        received=found,
        allowed="a line with the names of the columns, then at least one row",
        remedy="give a file with data, or take this source out of the recipe",
    )


def _title(delimiter: str) -> str:
    return _DELIMITERS.get(delimiter, repr(delimiter))


def _yaml(delimiter: str) -> str:
    return '"\\t"' if delimiter == "\t" else f'"{delimiter}"'
