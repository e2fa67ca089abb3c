"""Answers for a whole file: its columns, and the model's answers beside them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from vocation.corpus.format_choice import format_of
from vocation.corpus.formats import Format, WritableFormat
from vocation.corpus.formats.csv import Csv
from vocation.corpus.formats.plain_text import PlainText
from vocation.corpus.read_errors import read_errors
from vocation.errors import DataError, RecipeError, did_you_mean
from vocation.prediction.predictor import Predictor
from vocation.progress import SILENT, Progress
from vocation.records import Prediction, Row

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
    in the source's characters) and `confidence`. JSON keeps the types of all values; in tables (Parquet, CSV), what is
    no string becomes JSON.

    Args:
        predictor: the finished model.
        source: a file of any format, told by its ending; one text a line, of a text file.
        column: the source's column that holds the texts.
        target: a file of a format that can be written and has a place for every column, told by its ending.
        progress: shows how far it is.
        delimiter: of a CSV file, where it is not the one that its ending says.

    Returns:
        How many rows were answered.

    Raises:
        RecipeError: an ending says no format, or one that answers cannot be written in.
        DataError: the source cannot be read, lacks the column, or has a column that is named as an answer is. All
            rows are read once before the first is answered.
        ArtifactError: the target cannot be written.
    """
    writer = _writer(target)
    texts = FileTexts(source, column, delimiter)
    names, total = texts.check()
    cuts = Counter[str]()
    with progress.bar("predicting", total, "texts") as bar:

        def answered() -> Iterator[dict[str, Any]]:
            rows = iter(texts.rows())
            while chunk := list(islice(rows, _CHUNK)):
                answers = predictor.predict(
                    [texts.text(row) for row in chunk], lambda _, cut: cuts.update([cut.reason])
                )
                yield from (_answered(row, answer) for row, answer in zip(chunk, answers, strict=True))
                bar.advance(len(chunk))

        columns = (*names, ANSWER, CONFIDENCE)
        writer.write(target, (_cells(row, columns) for row in answered()) if writer.tabular else answered())
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

    def check(self) -> tuple[list[str], int]:
        """Reads every row once and returns the columns that any has, and how many rows there are.

        Raises:
            RecipeError: the ending of the file does not say its format, or a delimiter is given for another than CSV.
            DataError: a row cannot be used.
        """
        count, names = 0, dict[str, None]()
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
            names.update(dict.fromkeys(map(str, row.fields)))
            count += 1
        return list(names), count

    def rows(self) -> Iterator[Row]:
        """The rows, as a stream."""
        source = self.source
        kind = format_of(source, Format)
        if not source.is_file():
            siblings = [path.name for path in source.parent.glob("*")] if source.parent.is_dir() else []
            raise DataError(f"the file does not exist.{did_you_mean(source.name, siblings)}", file=source)
        settings = {"path": str(source)} | ({"unit": "line"} if kind is PlainText else {})
        if self.delimiter:
            if kind is not Csv:
                raise RecipeError(f"--delimiter {self.delimiter}\n  allowed: for CSV files, and {source} is none")
            settings |= {"delimiter": self.delimiter}
        with read_errors(source):
            yield from kind.model_validate(settings).rows(source)

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


def _writer(target: Path) -> WritableFormat:
    kind = format_of(target, WritableFormat)
    if kind.keeps is not None:
        raise RecipeError(
            f"{target} cannot hold answers: files of its format have no place for columns.\n"
            "  allowed: .csv, .tsv, .json, .jsonl, .parquet"
        )
    return kind(path=str(target))


def _cells(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """A row of a table: every column, and strings in all but the last."""
    return {name: _cell(name, row.get(name)) for name in names}


def _cell(name: str, value: Any) -> Any:
    plain = value is None or isinstance(value, str) or name == CONFIDENCE
    return value if plain else json.dumps(value, ensure_ascii=False)
