"""Answers for a whole file: its columns, and the model's answers beside them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.component import kinds
from vocation.corpus.formats import Format
from vocation.errors import ArtifactError, DataError, RecipeError, did_you_mean
from vocation.prediction.predictor import Predictor
from vocation.progress import SILENT, Progress
from vocation.records import Prediction, Row

if TYPE_CHECKING:
    import pyarrow as pa

_KINDS = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".txt": "plain_text"}
_CHUNK = 4096
ANSWER, CONFIDENCE = "prediction", "confidence"


def require_texts(texts: Sequence[str] | None, file: Path | None) -> None:
    """Refuses a call that gives neither texts nor a file, or both.

    Raises:
        RecipeError: as said.
    """
    if bool(texts) == bool(file):
        raise RecipeError(
            f"predict needs {'either texts or a file, not both' if texts else 'something to answer'}.\n"
            '  allowed: vocation predict RUN "a text"\n           vocation predict RUN --file in.csv --out out.parquet'
        )


def predict_file(predictor: Predictor, source: Path, column: str, target: Path, progress: Progress = SILENT) -> int:
    """Answers every row of a file and writes rows and answers; whole or not at all.

    The target has the source's columns, then `prediction` (the label, or the spans as a list of [start, end, label]
    in the source's characters) and `confidence`. JSONL keeps the types of all values; in Parquet and CSV, what is no
    string becomes JSON.

    Args:
        predictor: the finished model.
        source: CSV, TSV, JSONL or text (one text a line), by its ending.
        column: the source's column that holds the texts.
        target: Parquet, CSV or JSONL, by its ending.
        progress: shows how far it is.

    Returns:
        How many rows were answered.

    Raises:
        DataError: the source cannot be read, or lacks the column.
        ArtifactError: the target cannot be written, or its ending says no format.
    """
    rows = iter(_read(source))
    count = 0
    with _written(target) as write, progress.bar("predicting", None, "texts") as bar:
        while chunk := list(islice(rows, _CHUNK)):
            answers = predictor.predict([_text(row, column, source) for row in chunk])
            write([_answered(row, answer) for row, answer in zip(chunk, answers, strict=True)])
            bar.advance(len(chunk))
            count += len(chunk)
    return count


def _read(source: Path) -> Iterator[Row]:
    kind = _KINDS.get(source.suffix.lower())
    if kind is None:
        raise DataError(
            "the file's ending says no format", file=source, received=source.suffix, allowed=", ".join(_KINDS)
        )
    if not source.is_file():
        siblings = [path.name for path in source.parent.glob("*")] if source.parent.is_dir() else []
        raise DataError(f"the file does not exist.{did_you_mean(source.name, siblings)}", file=source)
    unit = {"unit": "line"} if kind == "plain_text" else {}
    reader = kinds("vocation.corpus.formats")[kind].model_validate({"path": str(source), **unit})
    assert isinstance(reader, Format)
    return _readable(reader.rows(source), source)


def _readable(rows: Iterator[Row], source: Path) -> Iterator[Row]:
    try:
        yield from rows
    except OSError as error:
        raise DataError(f"the file cannot be read: {error.strerror or error}", file=source) from error


def _text(row: Row, column: str, source: Path) -> str:
    if row.fault:
        raise row.fault
    if column not in row.fields:
        present = [str(name) for name in row.fields]
        raise DataError(
            f"there is no column {column!r}.{did_you_mean(column, present)}",
            file=source,
            row=row.number,
            received=f"columns {', '.join(present)}",
            remedy="name the column that holds the texts with --column",
        )
    value = row.fields[column]
    if not isinstance(value, str):
        raise DataError(
            "the text is not a string", file=source, row=row.number, column=column, received=repr(value)[:60]
        )
    return value


def _answered(row: Row, prediction: Prediction) -> dict[str, Any]:
    fields = {name: value for name, value in row.fields.items() if name not in (ANSWER, CONFIDENCE)}
    answer = prediction.answer
    value = answer if isinstance(answer, str) else [list(span) for span in answer]
    return {**fields, ANSWER: value, CONFIDENCE: prediction.confidence}


@contextmanager
def _written(target: Path) -> Iterator[Callable[[list[dict[str, Any]]], None]]:
    """A function that writes chunks of rows to a temporary file, which takes its name when all is written."""
    if target.suffix.lower() not in (".parquet", ".csv", ".jsonl"):
        raise ArtifactError(f"{target} has an ending that says no format.\n  allowed: .parquet, .csv, .jsonl")
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with _OPENERS[target.suffix.lower()](temporary) as write:
            yield write
        temporary.replace(target)
    except OSError as error:
        raise ArtifactError(f"{target} cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _table(rows: list[dict[str, Any]], schema: pa.Schema | None) -> pa.Table:
    import pyarrow as pa

    names = [*dict.fromkeys(name for row in rows for name in row if name not in (ANSWER, CONFIDENCE))]
    if schema is None:
        columns: list[tuple[str, pa.DataType]] = [(name, pa.string()) for name in (*names, ANSWER)]
        schema = pa.schema([*columns, (CONFIDENCE, pa.float64())])
    if late := [name for name in names if name not in schema.names]:
        raise DataError(
            f"the column {late[0]!r} first stands after more than {_CHUNK:,} rows",
            remedy="write the answers to a .jsonl file, whose rows need not have the same columns",
        )
    return pa.Table.from_pylist(
        [{name: _cell(name, value) for name, value in row.items()} for row in rows], schema=schema
    )


def _cell(name: str, value: Any) -> Any:
    plain = value is None or isinstance(value, str) or name == CONFIDENCE
    return value if plain else json.dumps(value, ensure_ascii=False)


@contextmanager
def _arrow(path: Path, opener: Callable[[Path, pa.Schema], Any]) -> Iterator[Callable[[list[dict[str, Any]]], None]]:
    writer: Any = None
    schema: pa.Schema | None = None

    def write(rows: list[dict[str, Any]]) -> None:
        nonlocal writer, schema
        table = _table(rows, schema)
        if writer is None:
            schema, writer = table.schema, opener(path, table.schema)
        writer.write_table(table)

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()


@contextmanager
def _parquet(path: Path) -> Iterator[Callable[[list[dict[str, Any]]], None]]:
    import pyarrow.parquet as pq

    with _arrow(path, pq.ParquetWriter) as write:
        yield write


@contextmanager
def _csv(path: Path) -> Iterator[Callable[[list[dict[str, Any]]], None]]:
    import pyarrow.csv as pc

    with _arrow(path, pc.CSVWriter) as write:
        yield write


@contextmanager
def _jsonl(path: Path) -> Iterator[Callable[[list[dict[str, Any]]], None]]:
    with path.open("w", encoding="utf-8") as file:
        yield lambda rows: file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


_OPENERS = {".parquet": _parquet, ".csv": _csv, ".jsonl": _jsonl}
