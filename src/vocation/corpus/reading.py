"""From the recipe's sources to records: files found, columns mapped, rows read by the task."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from vocation import artifacts
from vocation.corpus.finding import find_files
from vocation.corpus.formats import Format
from vocation.corpus.read_errors import read_errors
from vocation.corpus.times import parse_time
from vocation.errors import DataError, RecipeError, did_you_mean
from vocation.ledger import Action, Ledger
from vocation.records import Record, Row
from vocation.tasks import Task
from vocation.text import Text

InvalidRows = Literal["refuse", "drop"]
GROUP, TIME = "group", "time"
"""The keys in a source's `columns` that name the columns of groups and of times."""


@dataclass(slots=True)
class BrokenCells:
    """Rows of a sheet with a line break inside a cell: meant, or what a tool made of two rows.

    Args:
        rows: how many there are.
        first: number of the first.
    """

    rows: int = 0
    first: int = 0

    def look(self, row: Row) -> None:
        """Counts a row if it has one."""
        if any(isinstance(cell, str) and ("\n" in cell or "\r" in cell) for cell in row.fields.values()):
            self.rows += 1
            self.first = self.first or row.number


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of one source.

    Args:
        source: place of the source in the recipe, from 0.
        format: its settings.
        path: where the file lies.
        name: the path as records, the ledger and messages give it: relative to the recipe where it can be.
    """

    source: int
    format: Format
    path: Path
    name: str

    @property
    def split(self) -> str | None:
        """The split that the recipe gives to all rows of the file."""
        return self.format.split

    def fingerprint(self) -> str:
        """SHA-256 of the file's content; of the digests of all, where others belong to it.

        Raises:
            DataError: the file cannot be read.
        """
        with read_errors(self.name):
            companions = [path for path in self.format.companions(self.path) if path.is_file()]
            digests = [artifacts.hash_file(path) for path in (self.path, *companions)]
        return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def source_files(sources: Sequence[Format], base: Path) -> list[SourceFile]:
    """The files of all sources, in the order of the recipe, those of a glob or a folder by name.

    Args:
        sources: the recipe's sources.
        base: the folder that relative paths start from.

    Raises:
        DataError: a path, glob or folder finds nothing, may not be entered, or leads out of itself.
        RecipeError: two sources name the same file.
    """
    files = [
        SourceFile(index, source, path, _name(path, base))
        for index, source in enumerate(sources)
        for path in find_files(source, base, f"corpus.sources[{index}].path")
    ]
    first: dict[Path, SourceFile] = {}
    for file in files:
        other = first.setdefault(file.path.resolve(), file)
        if other is not file:
            raise RecipeError(
                f"corpus.sources[{file.source}] names {file.name}, as corpus.sources[{other.source}] does already.\n"
                f"  received: path {file.format.path!r} and path {other.format.path!r}\n"
                f"  what to do: {_part_them(file, other)}"
            )
    return files


def _part_them(file: SourceFile, other: SourceFile) -> str:
    """What can be done about two sources of one file."""
    if any(source.path.name != Path(source.format.path).name for source in (file, other)):
        return "give a narrower glob or folder, so that every file stands in one source"
    return (
        "take one of the two sources out; to read another column of the same file as well, copy the file under "
        "another name and give that (`vocation convert` writes it in any format)"
    )


def read(
    file: SourceFile,
    task: Task,
    invalid_rows: InvalidRows,
    ledger: Ledger,
    *,
    withhold: bool = False,
    broken: BrokenCells | None = None,
) -> Iterator[Record | None]:
    """The records of one file, as a stream; None in the place of a row that was dropped.

    Of a file whose split is "unlabelled", only the task's texts are read.

    Args:
        file: the file.
        task: how a row becomes a record.
        invalid_rows: whether a row that cannot be used stops the reading, or goes into the ledger.
        ledger: takes the dropped rows.
        withhold: whether the ledger gets their places alone, because what they hold may identify persons.
        broken: counts the rows with a line break inside a cell, where the file has cells.

    Raises:
        DataError: the file cannot be read, lacks a column, or has an invalid row that may not be dropped.
        RecipeError: the source maps a field that the task does not have.
    """
    _check_mapping(file, task)
    reader = _Reader(file, task)
    try:
        for row in _rows(file):
            if broken and file.format.cells:
                broken.look(row)
            try:
                if row.fault:
                    raise row.fault
                yield reader.record(row)
            except DataError as fault:
                drop = isinstance(fault, _MissingError) and file.format.missing == "drop"
                if invalid_rows == "refuse" and not drop:
                    raise
                reader.note(fault)
                _enter(fault, file, row if not withhold else replace(row, fields={}), ledger, drop=drop)
                yield None
        reader.finish(ledger)
    except DataError as error:
        raise error.at(file.name, error.row) from error


def _rows(file: SourceFile) -> Iterator[Row]:
    with read_errors(file.name):
        yield from file.format.rows(file.path)


def _enter(fault: DataError, file: SourceFile, row: Row, ledger: Ledger, *, drop: bool) -> None:
    content = json.dumps(row.fields, ensure_ascii=False, default=str)
    problem = _incomplete(fault.name) if isinstance(fault, _ColumnError) else fault.problem
    action: Action = "dropped" if drop else "refused"
    reason = "missing value" if drop else "invalid row"
    ledger.add_row(action, "reading", reason, file.name, row.number, content, split=file.split, detail=problem)


class _MissingError(DataError):
    """A value that the task needs and the row does not have."""


class _ColumnError(_MissingError):
    """A column that no row so far has had: unless a later row has it, the mapping is wrong and not the row.

    Args:
        name: of the column.
        problem: what is wrong, in one sentence.
        place: the rest, as `DataError` takes it.
    """

    def __init__(self, name: str, problem: str, **place: Any) -> None:
        self.name = name
        super().__init__(problem, column=name, **place)


class _Reader:
    """Makes records of the rows of one file, and remembers which columns there were and what was filled in.

    Args:
        file: the file.
        task: how a row becomes a record.
    """

    def __init__(self, file: SourceFile, task: Task) -> None:
        self._file, self._task = file, task
        self._names = task.record_schema.texts if file.split == "unlabelled" else task.record_schema.fields
        self._seen = set[str]()
        self._missed = dict[str, _ColumnError]()
        self._filled = Counter[str]()

    def record(self, row: Row) -> Record:
        """The record of a row.

        Raises:
            DataError: the row cannot be used.
        """
        file, task = self._file, self._task
        self._seen.update(row.fields)
        fields = {name: self._value(row, name) for name in self._names}
        group, time = (
            _field(file, row, key, self._seen) if key in file.format.columns else None for key in (GROUP, TIME)
        )
        try:
            texts, values = (_texts(fields), {}) if file.split == "unlabelled" else task.read(fields)
            moment = parse_time(time)
        except DataError as error:
            raise error.at(file.name, row.number) from error
        group_name = None if group is None or group == "" else str(group)
        return Record(f"{file.name}:{row.number}", texts, values, file.name, row.number, group_name, moment)

    def note(self, fault: DataError) -> None:
        """Remembers that a row was left out, or completed, because a column was not there."""
        if isinstance(fault, _ColumnError):
            self._missed.setdefault(fault.name, fault)

    def finish(self, ledger: Ledger) -> None:
        """Enters what was filled in and replaced.

        Raises:
            DataError: a column that rows were left out for is in no row at all.
        """
        for column, never_seen in self._missed.items():
            if column not in self._seen:
                raise never_seen
        for name, count in self._filled.items():
            ledger.count("edited", "reading", f"missing {name} filled", count)
        replaced = self._file.format.replaced(self._file.path)
        ledger.add_file("edited", "reading", "undecodable bytes replaced", self._file.name, replaced)

    def _value(self, row: Row, name: str) -> Any:
        """What the task gets for a field, after the source's `missing`."""
        source = self._file.format
        try:
            value = _field(self._file, row, name, self._seen)
            if _is_missing(value):
                raise _missing(self._file, row, name, value)
        except _MissingError as fault:
            if name not in source.fill:
                raise
            self.note(fault)
            self._filled[name] += 1
            return source.fill[name]
        return value


def _is_missing(value: Any) -> bool:
    """None, a blank string, or NaN."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or (isinstance(value, float) and math.isnan(value))


def _missing(file: SourceFile, row: Row, name: str, value: Any) -> _MissingError:
    return _MissingError(
        f"The {name} is missing",
        file=file.name,
        row=row.number,
        column=file.format.columns.get(name, name),
        received=repr(value)[:60],
        remedy="complete the row, or set `missing: drop` or `missing: fill` for this source",
    )


def _texts(fields: Mapping[str, Any]) -> dict[str, Text]:
    for name, value in fields.items():
        if not isinstance(value, str):
            raise DataError(
                "The text is not a string", column=name, received=repr(value)[:60], remedy="write the text as a string"
            )
    return {name: Text(value) for name, value in fields.items()}


def _field(file: SourceFile, row: Row, name: str, seen: set[str]) -> Any:
    constants, columns = file.format.constants, file.format.columns
    if name in constants:
        return constants[name]
    column = columns.get(name, name)
    if column in row.fields:
        return row.fields[column]
    key = f"corpus.sources[{file.source}].columns.{name}"
    present = [str(candidate) for candidate in row.fields]
    if column in seen:
        raise _MissingError(
            _incomplete(column),
            file=file.name,
            row=row.number,
            column=column,
            received=", ".join(present),
            remedy="complete the row, set `missing: drop` or `missing: fill` for this source, or "
            "`corpus.invalid_rows: drop`",
        )
    raise _ColumnError(
        column,
        f"There is no column {column!r} for the field {name!r}.{did_you_mean(column, present)}",
        file=file.name,
        row=row.number,
        received=f"columns {', '.join(present)}",
        remedy=f"set `{key}` to the column that holds the {name}"
        + (
            ""
            if name in {GROUP, TIME}
            else f", or `corpus.sources[{file.source}].constants.{name}` to a value for all rows"
        )
        + file.format.without_column(),
    )


def _incomplete(column: str) -> str:
    return f"The row has no {column!r}, which other rows have"


def _check_mapping(file: SourceFile, task: Task) -> None:
    for setting, given, allowed in (
        ("columns", file.format.columns, (*task.record_schema.fields, GROUP, TIME, *file.format.other_columns())),
        ("constants", file.format.constants, task.record_schema.fields),
        ("fill", file.format.fill, task.record_schema.fields),
    ):
        for name in given:
            if name not in allowed:
                raise RecipeError(
                    f"corpus.sources[{file.source}].{setting}.{name}: the task {task.kind!r} has no field {name!r}."
                    f"{did_you_mean(name, allowed)}\n  allowed: {', '.join(allowed)}\n"
                    "  what to do: write `field: column`, the task's name first and the file's name second"
                )


def _name(path: Path, base: Path) -> str:
    for folder in (base, base.absolute()):
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return path.as_posix()
