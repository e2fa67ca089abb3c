"""Answers for a whole file: its columns, and the model's answers beside them."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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
_CHUNK = 512  # Rows answered between two steps of the progress bar.
ANSWER, CONFIDENCE = "prediction", "confidence"


def require_texts(texts: Sequence[str] | None, file: Path | None, out: Path | None = None) -> None:
    """Refuses a call that gives neither texts nor a file, or both, or a target for texts, which are only printed.

    Raises:
        RecipeError: as said.
    """
    if bool(texts) == bool(file):
        raise RecipeError(
            f"predict needs {'either texts or a file, not both' if texts else 'something to answer'}.\n"
            '  allowed: vocation predict RUN "a text"\n           vocation predict RUN --file in.csv --out out.parquet'
        )
    if texts and out:
        raise RecipeError(
            f"--out {out} is for the answers of a file; answers to texts are printed, one JSON object each.\n"
            '  what to do: vocation predict RUN "a text" > answers.jsonl'
        )


def predict_file(
    predictor: Predictor,
    source: Path,
    column: str,
    target: Path,
    progress: Progress = SILENT,
    delimiter: str | None = None,
) -> int:
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
        delimiter: of a CSV file, where it is not the one that its ending says.

    Returns:
        How many rows were answered.

    Raises:
        DataError: the source cannot be read, lacks the column, or has a column that is named as an answer is. All
            rows are read once before the first is answered.
        ArtifactError: the target cannot be written, or its ending says no format.
    """
    texts = FileTexts(source, column, delimiter)
    total, cuts = texts.check(), Counter[str]()
    rows = iter(texts.rows())
    with _written(target) as write, progress.bar("predicting", total, "texts") as bar:
        while chunk := list(islice(rows, _CHUNK)):
            answers = predictor.predict([texts.text(row) for row in chunk], lambda _, cut: cuts.update([cut.reason]))
            write([_answered(row, answer) for row, answer in zip(chunk, answers, strict=True)])
            bar.advance(len(chunk))
    for reason, count in cuts.items():
        progress.note(f"{count} rows: {reason}; the model did not see all of them")
    return total


@dataclass(frozen=True, slots=True)
class FileTexts:
    """The texts of a file.

    Args:
        source: the file; its ending says the format.
        column: the column that holds the texts.
        delimiter: of a CSV file, where it is not the one that its ending says.
    """

    source: Path
    column: str
    delimiter: str | None = None

    def check(self) -> int:
        """Reads every row once and returns how many there are.

        Raises:
            DataError: a row cannot be used.
        """
        count = 0
        for row in self.rows():
            self.text(row)
            taken = sorted({ANSWER, CONFIDENCE}.intersection(row.fields))
            if taken:
                raise DataError(
                    "the file has a column that is named as an answer is",
                    file=self.source,
                    column=taken[0],
                    remedy="rename the column; the answers are written under this name",
                )
            count += 1
        return count

    def rows(self) -> Iterator[Row]:
        """The rows, as a stream."""
        source = self.source
        kind = _KINDS.get(source.suffix.lower())
        if kind is None:
            raise DataError(
                "the file's ending says no format", file=source, received=source.suffix, allowed=", ".join(_KINDS)
            )
        if not source.is_file():
            siblings = [path.name for path in source.parent.glob("*")] if source.parent.is_dir() else []
            raise DataError(f"the file does not exist.{did_you_mean(source.name, siblings)}", file=source)
        settings = {"path": str(source)}
        settings |= {"unit": "line"} if kind == "plain_text" else {}
        settings |= {"delimiter": self.delimiter} if kind == "csv" and self.delimiter else {}
        reader = kinds("vocation.corpus.formats")[kind].model_validate(settings)
        assert isinstance(reader, Format)
        try:
            yield from reader.rows(source)
        except OSError as error:
            raise DataError(f"the file cannot be read: {error.strerror or error}", file=source) from error

    def text(self, row: Row) -> str:
        """The text of a row.

        Raises:
            DataError: the row lacks the column, or does not hold a string there.
        """
        if row.fault:
            raise row.fault
        if self.column not in row.fields:
            present = [str(name) for name in row.fields]
            raise DataError(
                f"there is no column {self.column!r}.{did_you_mean(self.column, present)}",
                file=self.source,
                row=row.number,
                received=f"columns {', '.join(present)}",
                remedy="name the column that holds the texts with --column",
            )
        value = row.fields[self.column]
        if not isinstance(value, str):
            raise DataError(
                "the text is not a string",
                file=self.source,
                row=row.number,
                column=self.column,
                received=repr(value)[:60],
            )
        return value


def _answered(row: Row, prediction: Prediction) -> dict[str, Any]:
    answer = prediction.answer
    value = answer if isinstance(answer, str) else [list(span) for span in answer]
    return {**row.fields, ANSWER: value, CONFIDENCE: prediction.confidence}


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
