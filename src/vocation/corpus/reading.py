"""From the recipe's sources to records: files found, columns mapped, rows read by the task."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from vocation.corpus.formats import Format
from vocation.corpus.read_errors import read_errors
from vocation.errors import DataError, RecipeError, did_you_mean
from vocation.ledger import Ledger
from vocation.records import Record, Row
from vocation.tasks import Task
from vocation.text import Text

InvalidRows = Literal["refuse", "drop"]
GROUP = "group"
"""The key in a source's `columns` that names the column of groups."""


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


def source_files(sources: Sequence[Format], base: Path) -> list[SourceFile]:
    """The files of all sources, in the order of the recipe, those of a glob by name.

    Args:
        sources: the recipe's sources.
        base: the folder that relative paths start from.

    Raises:
        DataError: a path or glob finds nothing, or its folder may not be entered.
        RecipeError: two sources name the same file.
    """
    files = [
        SourceFile(index, source, path, _name(path, base))
        for index, source in enumerate(sources)
        for path in _found(source.path, base, f"corpus.sources[{index}].path")
    ]
    first: dict[Path, SourceFile] = {}
    for file in files:
        other = first.setdefault(file.path.resolve(), file)
        if other is not file:
            raise RecipeError(
                f"corpus.sources[{file.source}] names {file.name}, as corpus.sources[{other.source}] does already.\n"
                "  what to do: make the globs so that every file stands in one source"
            )
    return files


def read(file: SourceFile, task: Task, invalid_rows: InvalidRows, ledger: Ledger) -> Iterator[Record | None]:
    """The records of one file, as a stream; None in the place of a row that was dropped.

    Of a file whose split is "unlabelled", only the task's texts are read.

    Args:
        file: the file.
        task: how a row becomes a record.
        invalid_rows: whether a row that cannot be used stops the reading, or goes into the ledger.
        ledger: takes the dropped rows.

    Raises:
        DataError: the file cannot be read, lacks a column, or has an invalid row that may not be dropped.
        RecipeError: the source maps a field that the task does not have.
    """
    _check_mapping(file, task)
    seen, missed = set[str](), dict[str, _ColumnError]()
    try:
        for row in _rows(file):
            try:
                if row.fault:
                    raise row.fault
                seen.update(row.fields)
                yield _record(file, row, task, seen)
            except DataError as fault:
                if invalid_rows == "refuse":
                    raise
                problem = fault.problem
                if isinstance(fault, _ColumnError):
                    missed.setdefault(fault.name, fault)
                    problem = _incomplete(fault.name)
                _enter(problem, file, row, ledger)
                yield None
        for column, never_seen in missed.items():
            if column not in seen:
                raise never_seen
    except DataError as error:
        raise error.at(file.name, error.row) from error


def _rows(file: SourceFile) -> Iterator[Row]:
    with read_errors(file.name):
        yield from file.format.rows(file.path)


def _enter(problem: str, file: SourceFile, row: Row, ledger: Ledger) -> None:
    content = json.dumps(row.fields, ensure_ascii=False, default=str)
    ledger.add_row(
        "refused", "reading", "invalid row", file.name, row.number, content, split=file.split, detail=problem
    )


class _ColumnError(DataError):
    """A column that no row so far has had: unless a later row has it, the mapping is wrong and not the row.

    Args:
        name: of the column.
        problem: what is wrong, in one sentence.
        place: the rest, as `DataError` takes it.
    """

    def __init__(self, name: str, problem: str, **place: Any) -> None:
        self.name = name
        super().__init__(problem, column=name, **place)


def _record(file: SourceFile, row: Row, task: Task, seen: set[str]) -> Record:
    unlabelled = file.split == "unlabelled"
    fields = {
        name: _field(file, row, name, seen)
        for name in (task.record_schema.texts if unlabelled else task.record_schema.fields)
    }
    group = _field(file, row, GROUP, seen) if GROUP in file.format.columns else None
    try:
        texts, values = (_texts(fields), {}) if unlabelled else task.read(fields)
    except DataError as error:
        raise error.at(file.name, row.number) from error
    group_name = None if group is None or group == "" else str(group)
    return Record(f"{file.name}:{row.number}", texts, values, file.name, row.number, group_name)


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
        raise DataError(
            _incomplete(column),
            file=file.name,
            row=row.number,
            column=column,
            received=", ".join(present),
            remedy="complete the row, or set `corpus.invalid_rows: drop`",
        )
    raise _ColumnError(
        column,
        f"There is no column {column!r} for the field {name!r}.{did_you_mean(column, present)}",
        file=file.name,
        row=row.number,
        received=f"columns {', '.join(present)}",
        remedy=f"set `{key}` to the column that holds the {name}"
        + ("" if name == GROUP else f", or `corpus.sources[{file.source}].constants.{name}` to a value for all rows"),
    )


def _incomplete(column: str) -> str:
    return f"The row has no {column!r}, which other rows have"


def _check_mapping(file: SourceFile, task: Task) -> None:
    for setting, given, allowed in (
        ("columns", file.format.columns, (*task.record_schema.fields, GROUP)),
        ("constants", file.format.constants, task.record_schema.fields),
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


def _found(pattern: str, base: Path, key: str) -> list[Path]:
    with read_errors(pattern):
        return _find(pattern, base, key)


def _find(pattern: str, base: Path, key: str) -> list[Path]:
    path = base / pattern
    if path.is_file():
        return [path]
    if path.is_dir():
        raise DataError(
            f"{key} is a folder",
            file=pattern,
            allowed="a file, or a glob that finds files",
            remedy=f"write `{pattern.rstrip('/')}/*.csv` for the files in it, `**/*.csv` for all below",
        )
    # The base's own name may hold the marks of a glob, and is none.
    start, below = (Path(path.anchor), path.relative_to(path.anchor)) if Path(pattern).anchor else (base, Path(pattern))
    matches = start.absolute().glob(str(below))
    found = sorted(match for match in matches if match.is_file() and not match.name.startswith("."))
    if found:
        return found
    folder = path.parent
    while not folder.is_dir():
        folder = folder.parent
    if any(mark in pattern for mark in "*?["):
        raise DataError(
            f"{key} finds no file",
            file=pattern,
            received=f"a glob, looked for from {base}",
            remedy="check the pattern; relative paths start at the recipe's folder",
        )
    names = [entry.name for entry in folder.iterdir()]
    wanted = path.relative_to(folder).parts[0]
    raise DataError(
        f"The file does not exist.{did_you_mean(wanted, names)}",
        file=pattern,
        received=f"{key}, looked for in {folder}, which has {', '.join(sorted(names)[:8]) or 'no files'}",
        remedy="correct the path; relative paths start at the recipe's folder",
    )
