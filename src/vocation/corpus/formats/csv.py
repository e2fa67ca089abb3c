"""CSV and TSV: one row a record, cells quoted where they hold the delimiter or a newline (RFC 4180)."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, TextIO

from pydantic import Field, field_validator

from vocation.corpus import opening
from vocation.corpus.column_letters import column_letters
from vocation.corpus.formats import WritableFormat
from vocation.corpus.row_faults import HEADER_REMEDY, empty, nothing_to_write, require_text, unkeepable
from vocation.corpus.span_form import spans_of_cells
from vocation.errors import DataError
from vocation.records import Row

_DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
_ALLOWED = "a line with the names of the columns, then at least one row"


class Csv(WritableFormat):
    """Comma- or tab-separated values with a header. Cells are strings, newlines in quoted cells included.

    A column without a name is called by its letter, as in a spreadsheet. What is written ends its lines as RFC 4180
    says. Values that are no strings are written as JSON, null as an empty cell; they are read back as strings, except
    `spans`, which become a list again.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv")
    tabular: ClassVar[bool] = True
    cells: ClassVar[bool] = True

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

    def without_column(self) -> str:
        return "" if self.header else HEADER_REMEDY

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, value: str) -> str:
        if value != "auto" and (len(value) != 1 or value in '"\r\n'):
            raise ValueError('must be "auto" or one character, such as "," or ";" or "\\t"')
        return value

    def rows(self, path: Path) -> Iterator[Row]:
        return spans_of_cells(self._rows(path), self.columns)

    def _rows(self, path: Path) -> Iterator[Row]:
        with self.open(path, newline="") as file:
            delimiter = self._delimiter(path)
            lines = _numbered(file, path, delimiter, quotes=self.quotes)
            if self.header is None:
                number, names = next(lines, (0, []))
                if not number:
                    raise empty(path, _ALLOWED)
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
                raise empty(path, _ALLOWED, found="a header" if self.header is None else "nothing")

    def write(self, path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
        source = iter(rows)
        first = next(source, None)
        if first is None:
            raise nothing_to_write(path)
        names = list(self.header) if self.header is not None else _writable_names(first, path)
        delimiter, count = self._delimiter(path), 0
        _refuse_wrong_delimiter(names, path, 0, delimiter)
        with opening.writing(path) as file:
            quoting: Any = csv.QUOTE_MINIMAL if self.quotes else csv.QUOTE_NONE
            writer = csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator="\r\n")
            for count, row in enumerate(chain([first], source), start=1):
                cells = _writable_cells(row, names, path, count)
                try:
                    if count == 1 and self.header is None:
                        writer.writerow(names)
                    writer.writerow(cells)
                except csv.Error as error:
                    raise unkeepable(
                        path, count, None, "A cell holds the delimiter", cells, "write the file with `quotes: true`"
                    ) from error
        return count

    def _delimiter(self, path: Path) -> str:
        if self.delimiter != "auto":
            return self.delimiter
        return "\t" if opening.content_suffix(path) == ".tsv" else ","


def _numbered(file: TextIO, path: Path, delimiter: str, *, quotes: bool) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the 1-based line on which it begins."""
    csv.field_size_limit(opening.LONGEST_LINE)
    source = (line for _, line in opening.lines(file, path))
    reader = csv.reader(
        source, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE, strict=True
    )
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
    names = [cell.strip() or column_letters(place) for place, cell in enumerate(cells, start=1)]
    twice = sorted({name for name in names if names.count(name) > 1})
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


def _writable_names(row: Mapping[str, Any], path: Path) -> list[str]:
    for name in row:
        require_text(name, path, 1, name)
        if name != name.strip() or not name or name.startswith("\ufeff"):
            raise unkeepable(
                path, 1, name, "The name of a column is empty or begins or ends with a blank", name, "rename the field"
            )
    return list(row)


def _writable_cells(row: Mapping[str, Any], names: Sequence[str], path: Path, number: int) -> list[str]:
    if unknown := [name for name in row if name not in names]:
        raise DataError(
            "The row has a field for which there is no column",
            file=path,
            row=number,
            column=unknown[0],
            allowed=f"the fields of the first row: {', '.join(names)}"[:200],
            remedy="give every row the same fields, or write JSON lines",
        )
    cells = [_cell(row.get(name), path, number, name) for name in names]
    if number == 1 and cells[0].startswith("\ufeff"):
        raise unkeepable(path, 1, names[0], "The file would begin with a byte-order mark", cells[0], "remove it")
    return cells


def _cell(value: Any, path: Path, number: int, name: str) -> str:
    text = "" if value is None else value
    if not isinstance(text, str):
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise unkeepable(
                path, number, name, "The value cannot be written as text", value, "make it a string"
            ) from error
    require_text(text, path, number, name)
    return text


def _title(delimiter: str) -> str:
    return _DELIMITERS.get(delimiter, repr(delimiter))


def _yaml(delimiter: str) -> str:
    return '"\\t"' if delimiter == "\t" else f'"{delimiter}"'
