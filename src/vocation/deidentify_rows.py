"""The rows of a data file as de-identification reads them, and as it writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from vocation.corpus import opening
from vocation.corpus.format_choice import format_of
from vocation.corpus.formats import Format, WritableFormat
from vocation.corpus.read_errors import read_errors
from vocation.corpus.reading_bar import ReadingBar, reading_bar
from vocation.errors import DataError, RecipeError, did_you_mean
from vocation.progress import Progress
from vocation.records import Row

TEXT_SUFFIX = ".txt"

Fields = Mapping[str, Any]


def rewrite(source: Path, target: Path, rows: Iterator[Fields], progress: Progress) -> None:
    """Writes the changed rows of the source, which nobody has begun to read, in the format of the target.

    Args:
        source: the file, which is read once more for the columns of a table.
        target: the file to write, whole or not at all.
        rows: its rows, changed.
        progress: shows the reading of the columns.

    Raises:
        RecipeError: the target's ending says no format, or its format has no place for a column.
        ArtifactError: it cannot be written.
    """
    if opening.content_suffix(target) == TEXT_SUFFIX:
        if opening.content_suffix(source) != TEXT_SUFFIX:
            raise RecipeError(f"{target} is a text file, and {source} is none.\n  what to do: give it another ending")
        with opening.writing(target) as file:
            file.writelines(str(fields["text"]) for fields in rows)
        return
    writer = format_of(target, WritableFormat)(path=str(target))
    if writer.keeps is not None:
        rows = _with_place(rows, writer.keeps, target)
    if writer.tabular:
        # A table has the columns of its first row; rows of a stream may have others, so that all are known first.
        with reading_bar(progress, "reading the columns", [source]) as bar:
            names = tuple(dict.fromkeys(name for row in watched_rows(source, bar) for name in row.fields))
        rows = ({name: fields.get(name) for name in names} for fields in rows)
    writer.write(target, rows)


def _with_place(rows: Iterator[Fields], keeps: frozenset[str], target: Path) -> Iterator[Fields]:
    """The rows, of which none has a field that would be lost."""
    for row in rows:
        lost = [name for name in row if name not in keeps]
        if lost:
            raise RecipeError(
                f"{target} has no place for the columns {', '.join(lost)}.\n  what to do: give it the ending .jsonl"
            )
        yield row


def require_file(path: Path) -> None:
    """Refuses a path at which no file is, and says what else is there.

    Raises:
        DataError: there is no file.
    """
    if not path.is_file():
        siblings = [sibling.name for sibling in path.parent.glob("*")] if path.parent.is_dir() else []
        raise DataError(f"The file does not exist.{did_you_mean(path.name, siblings)}", file=path)


def watched_rows(path: Path, bar: ReadingBar) -> Iterator[Row]:
    """The rows of a file, which move the bar."""
    with bar.file(path):
        for row in rows_of(path):
            bar.row()
            yield row


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of a file; of a text file its paragraphs, with their line ends and the blank lines behind them."""
    require_file(path)
    reader = format_of(path, Format)(path=str(path))
    with read_errors(path):
        if opening.content_suffix(path) == TEXT_SUFFIX:
            yield from _paragraphs(reader, path)
        else:
            yield from reader.rows(path)


def _paragraphs(reader: Format, path: Path) -> Iterator[Row]:
    with reader.open(path, newline="") as file:
        first, held, blank = 1, list[str](), False
        for number, line in opening.lines(file, path):
            if held and blank and line.strip():
                yield Row(first, {"text": "".join(held)})
                first, held = number, []
            held.append(line)
            blank = not line.strip()
        if held:
            yield Row(first, {"text": "".join(held)})


def require_columns(row: Row, names: Sequence[str]) -> None:
    """Refuses a row that is not sound, or lacks a column.

    Raises:
        DataError: as said.
    """
    if row.fault:
        raise row.fault
    for name in names:
        if name not in row.fields:
            present = [str(column) for column in row.fields]
            raise DataError(
                f"There is no column {name!r}.{did_you_mean(name, present)}",
                row=row.number,
                received=", ".join(present)[:200],
                remedy="correct --columns, --whole or --group",
            )
