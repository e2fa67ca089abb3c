"""Excel: the rows of one sheet."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from vocation.corpus import opening
from vocation.corpus.column_letters import column_letters, column_number
from vocation.corpus.file_types import mistaken_binary
from vocation.corpus.formats import Format
from vocation.corpus.row_faults import HEADER_REMEDY, empty
from vocation.corpus.span_form import spans_of_cells
from vocation.errors import DataError, did_you_mean
from vocation.records import Row

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_Cell = str | bool | int | float | date | datetime | time | timedelta
_LARGEST_SHEET = 1 << 26
"""Cells between the first and the last of a sheet; the reader makes room for each (2 GiB), filled or not."""
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
_REFERENCE_SIZE = 32
_CHUNK = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0"
"""How an .xls file begins, and one with a password."""


class Excel(Format):
    """One sheet of an Excel workbook with a header; cells become the text that a person sees, without their format.

    Whole numbers are written without a point, others with at most 15 digits (Excel keeps no more), dates and times in
    ISO 8601, durations as hours:minutes:seconds, truth values as TRUE and FALSE. Formulae give the value that was
    saved with them; an error such as #N/A is an empty cell. Rows without any value are left out. A column without a
    name is called by its letter; `spans` may stand in their cell as JSON, such as [[0, 5, "X"]].
    """

    suffixes: ClassVar[tuple[str, ...]] = (".xlsx", ".xlsm", ".xls")
    binary: ClassVar[bool] = True
    cells: ClassVar[bool] = True

    sheet: str | int = Field(default=1, description="The sheet's name, or its place from 1.")
    header: tuple[str, ...] | None = Field(
        default=None,
        min_length=1,
        description="Names of the columns of a sheet whose first row is data already. Without it, the first row that "
        "is not empty has the names.",
    )

    def without_column(self) -> str:
        return "" if self.header else HEADER_REMEDY

    def rows(self, path: Path) -> Iterator[Row]:
        return spans_of_cells(self._rows(path), self.columns)

    def _rows(self, path: Path) -> Iterator[Row]:
        sheet = self._sheet(_workbook(path), path)
        rows = ((number, cells) for number, cells in enumerate(sheet.iter_rows(), start=1) if any(map(_is_full, cells)))
        names = self.header
        if names is None:
            number, cells = next(rows, (0, []))
            names = _names(cells, (sheet.start or (0, 0))[1], path, number)
        found = False
        for number, cells in rows:
            found = True
            fault = (
                None if len(cells) <= len(names) or not any(map(_is_full, cells[len(names) :])) else _wide(path, number)
            )
            padded = [*map(_text, cells), *[""] * (len(names) - len(cells))]
            if max(map(len, padded)) > opening.LONGEST_LINE:
                raise opening.too_long(path, number)
            fields = {name: cell for name, cell in zip(names, padded, strict=False) if name}
            yield Row(number, fields, fault)
        if not found:
            raise empty(
                path,
                "a row with the names of the columns, then at least one row",
                found=f"a header in sheet {sheet.name!r}" if names else "nothing",
            )

    def _sheet(self, workbook: CalamineWorkbook, path: Path) -> CalamineSheet:
        from python_calamine import CalamineError

        names = workbook.sheet_names
        known = self.sheet in names if isinstance(self.sheet, str) else 1 <= self.sheet <= len(names)
        if not known:
            raise DataError(
                f"There is no sheet {self.sheet!r}.{did_you_mean(str(self.sheet), names)}",
                file=path,
                received=", ".join(names)[:200],
                remedy="set `sheet` to the name of one of these sheets, or to its place from 1",
            )
        try:
            if isinstance(self.sheet, str):
                return workbook.get_sheet_by_name(self.sheet)
            return workbook.get_sheet_by_index(self.sheet - 1)
        except CalamineError as error:
            raise _unreadable(path, str(error)) from error


def _workbook(path: Path) -> CalamineWorkbook:
    from python_calamine import CalamineError, CalamineWorkbook

    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise empty(path, "an Excel workbook")
    if not head.startswith(_OLE) and (other := mistaken_binary(path, "an Excel workbook")):
        raise other
    if head.startswith(b"PK") or path.suffix.lower() != ".xls":
        opening.check_container(path)
        _check_extent(path)
    try:
        return CalamineWorkbook.from_path(path)
    except CalamineError as error:
        raise _unreadable(path, str(error)) from error


def _check_extent(path: Path) -> None:
    """Refuses sheets whose outermost cells lie so far apart that the room between them would fill the memory."""
    with zipfile.ZipFile(path) as container:
        for name in container.namelist():
            if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
                continue
            rows, columns = 0, 0
            with container.open(name) as file:
                tail = b""
                while chunk := file.read(_CHUNK):
                    found = _REFERENCE.findall(tail + chunk)
                    tail = chunk[-_REFERENCE_SIZE:]
                    if found:
                        rows = max(rows, *(int(row) for _, row in found), 0)
                        columns = max(
                            columns, *(column_number(letters.decode()) for letters in {pair[0] for pair in found}), 0
                        )
            if rows * columns > _LARGEST_SHEET:
                raise DataError(
                    "A cell lies so far from the others that the sheet would fill the memory",
                    file=path,
                    received=f"{rows} rows and {columns} columns in {name}",
                    allowed=f"{_LARGEST_SHEET} cells, empty ones among them",
                    remedy="delete the empty columns and rows around the table, or save the sheet as CSV",
                )


def _names(cells: list[_Cell], first: int, path: Path, number: int) -> tuple[str, ...]:
    names = [_text(cell).strip() or column_letters(first + place) for place, cell in enumerate(cells, start=1)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            f"Two columns have the name {twice[0]!r}",
            file=path,
            row=number,
            received=", ".join(names)[:200],
            remedy="give every column its own name; for a sheet without a header, list the names as `header: […]`",
        )
    return tuple(names)


def _is_full(cell: _Cell) -> bool:
    return not isinstance(cell, str) or bool(cell.strip())


def _text(cell: _Cell) -> str:
    """A cell as text; `bool` is an `int`, `datetime` a `date`."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return f"{cell:.15g}"
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return cell.isoformat()


def _wide(path: Path, number: int) -> DataError:
    return DataError(
        "The row has more cells than there are columns",
        file=path,
        row=number,
        remedy="name every column in `header`, or delete the cells",
    )


def _unreadable(path: Path, reason: str) -> DataError:
    return DataError(
        "The workbook cannot be read",
        file=path,
        received=reason[:120],
        allowed="an Excel workbook without a password",
        remedy="open it in Excel and save it again as .xlsx, without a password",
    )
