"""Answers for a whole file: every way in, every way out, and what is refused."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vocation import file_prediction
from vocation.errors import ArtifactError, DataError, RecipeError, VocationError
from vocation.file_prediction import predict_file, require_texts
from vocation.prediction.predictor import NoteCut, Predictor
from vocation.progress import SILENT
from vocation.records import Prediction, Record
from vocation.tasks import Cut
from vocation.text import Span

Predict = Callable[[Sequence[str]], list[Prediction]]


class Lengths:
    """A predictor whose label is the number of characters."""

    def predict(self, texts: Sequence[str], note_cut: NoteCut | None = None) -> list[Prediction]:
        for text in texts:
            if note_cut and len(text) > 90:
                note_cut(Record("0", {}), Cut(0, "text longer than max_length", 1, "tokens"))
        return [Prediction(str(len(text)), 0.5) for text in texts]


class FirstLetters:
    """A predictor that finds one span, the first letter; none in an empty text."""

    def predict(self, texts: Sequence[str], note_cut: NoteCut | None = None) -> list[Prediction]:
        return [Prediction((Span(0, 1, "字"),) if text else (), 0.25) for text in texts]


LENGTHS, FIRST_LETTERS = cast("Predictor", Lengths()), cast("Predictor", FirstLetters())


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


SOURCES = {
    "in.csv": 'id,text\n1,"a, ""b"""\n2,信用卡\n',
    "in.tsv": 'id\ttext\n1\ta, "b"\n2\t信用卡\n',
    "in.jsonl": '{"id": "1", "text": "a, \\"b\\""}\n{"id": "2", "text": "信用卡"}\n',
    "in.ndjson": '{"id": "1", "text": "a, \\"b\\""}\n{"id": "2", "text": "信用卡"}\n',
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("target", ["out.parquet", "out.csv", "out.jsonl", "OUT.CSV"])
def test_every_format_in_goes_to_every_format_out(tmp_path: Path, source: str, target: str) -> None:
    count = predict_file(LENGTHS, write(tmp_path, source, SOURCES[source]), "text", tmp_path / target)
    assert count == 2
    found = read(tmp_path / target) if target != "OUT.CSV" else read((tmp_path / target).rename(tmp_path / "out.csv"))
    rows = [{**row, "confidence": float(row["confidence"])} for row in found]
    assert rows == [
        {"id": "1", "text": 'a, "b"', "prediction": "6", "confidence": 0.5},
        {"id": "2", "text": "信用卡", "prediction": "3", "confidence": 0.5},
    ]


def test_text_file_has_one_text_a_line(tmp_path: Path) -> None:
    predict_file(LENGTHS, write(tmp_path, "in.txt", "one\n\nthree\n"), "text", tmp_path / "out.jsonl")
    assert [(row["text"], row["prediction"]) for row in read(tmp_path / "out.jsonl")] == [("one", "3"), ("three", "5")]


def test_parquet_has_strings_and_numbers(tmp_path: Path) -> None:
    predict_file(LENGTHS, write(tmp_path, "in.csv", SOURCES["in.csv"]), "text", tmp_path / "out.parquet")
    schema = pq.read_schema(tmp_path / "out.parquet")
    assert schema.names == ["id", "text", "prediction", "confidence"]
    assert schema.types == [pa.string(), pa.string(), pa.string(), pa.float64()]


@pytest.mark.parametrize(
    ("target", "answers"),
    [
        ("out.parquet", ['[[0, 1, "字"]]', "[]"]),
        ("out.csv", ['[[0, 1, "字"]]', "[]"]),
        ("out.jsonl", [[[0, 1, "字"]], []]),
    ],
)
def test_spans_are_lists_in_jsonl_and_json_elsewhere(tmp_path: Path, target: str, answers: list[Any]) -> None:
    source = write(tmp_path, "in.jsonl", '{"text": "信用卡"}\n{"text": ""}\n')
    predict_file(FIRST_LETTERS, source, "text", tmp_path / target)
    assert [row["prediction"] for row in read(tmp_path / target)] == answers


def test_jsonl_keeps_the_types_of_values(tmp_path: Path) -> None:
    source = write(tmp_path, "in.jsonl", '{"text": "a", "id": 7, "tags": ["x"], "share": 0.5, "note": null}\n')
    predict_file(LENGTHS, source, "text", tmp_path / "out.jsonl")
    (row,) = read(tmp_path / "out.jsonl")
    assert row == {
        "text": "a",
        "id": 7,
        "tags": ["x"],
        "share": 0.5,
        "note": None,
        "prediction": "1",
        "confidence": 0.5,
    }
    predict_file(LENGTHS, source, "text", tmp_path / "out.parquet")
    (row,) = read(tmp_path / "out.parquet")
    assert row == {
        "text": "a", "id": "7", "tags": '["x"]', "share": "0.5", "note": None, "prediction": "1", "confidence": 0.5
    }  # fmt: skip


def test_cut_texts_are_counted_in_a_note(tmp_path: Path) -> None:
    notes: list[str] = []

    class Notes:
        bar = SILENT.bar

        def note(self, message: str) -> None:
            notes.append(message)

    source = write(tmp_path, "in.txt", f"short\n{'long ' * 30}\n{'long ' * 40}\n")
    assert predict_file(LENGTHS, source, "text", tmp_path / "out.csv", Notes()) == 3
    assert notes == ["2 rows: text longer than max_length; the model did not see all of them"]


def test_delimiter_can_be_given(tmp_path: Path) -> None:
    source = write(tmp_path, "in.csv", "id;text\n1;abc\n")
    with pytest.raises(DataError, match="delimiter"):
        predict_file(LENGTHS, source, "text", tmp_path / "out.csv")
    predict_file(LENGTHS, source, "text", tmp_path / "out.csv", delimiter=";")
    assert read(tmp_path / "out.csv")[0]["prediction"] == "3"


def test_column_named_as_an_answer_is_refused_not_replaced(tmp_path: Path) -> None:
    source = write(tmp_path, "in.csv", "text,prediction,confidence\nabc,old,0.1\n")
    with pytest.raises(DataError, match="named as an answer") as caught:
        predict_file(LENGTHS, source, "text", tmp_path / "out.csv")
    assert "column 'confidence'" in str(caught.value)


def test_another_column_may_hold_the_texts(tmp_path: Path) -> None:
    source = write(tmp_path, "in.csv", "text,question\nabc,ab\n")
    predict_file(LENGTHS, source, "question", tmp_path / "out.csv")
    assert read(tmp_path / "out.csv")[0]["prediction"] == "2"


@pytest.mark.parametrize("target", ["out.parquet", "out.csv", "out.jsonl"])
def test_file_of_many_chunks_keeps_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    monkeypatch.setattr(file_prediction, "_CHUNK", 2)
    source = write(tmp_path, "in.csv", "text\n" + "".join(f"{'x' * length}\n" for length in range(1, 6)))
    assert predict_file(LENGTHS, source, "text", tmp_path / target) == 5
    assert [row["prediction"] for row in read(tmp_path / target)] == ["1", "2", "3", "4", "5"]


LATE = '{"text": "a"}\n{"text": "b"}\n{"text": "c", "note": "late"}\n'


@pytest.mark.parametrize("target", ["out.jsonl", "out.parquet", "out.csv"])
def test_a_column_that_only_the_last_row_has_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.setattr(file_prediction, "_CHUNK", 2)
    predict_file(LENGTHS, write(tmp_path, "in.jsonl", LATE), "text", tmp_path / target)
    assert [row.get("note") or None for row in read(tmp_path / target)] == [None, None, "late"]


def test_any_format_that_can_be_read_is_answered(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["信用卡", "ab"]}), tmp_path / "in.parquet")
    write(tmp_path, "in.conll", "信 O\n用 O\n卡 O\n\nab O\n")
    write(tmp_path, "in.json", '[{"text": "信用卡"}, {"text": "ab"}]')
    (tmp_path / "in.csv.gz").write_bytes(gzip.compress("text\n信用卡\nab\n".encode()))
    for name in ("in.parquet", "in.conll", "in.json", "in.csv.gz"):
        assert predict_file(LENGTHS, tmp_path / name, "text", tmp_path / "out.jsonl") == 2
        assert [row["prediction"] for row in read(tmp_path / "out.jsonl")] == ["3", "2"]


def test_a_delimiter_is_for_csv_alone(tmp_path: Path) -> None:
    source = write(tmp_path, "in.jsonl", '{"text": "a"}\n')
    with pytest.raises(RecipeError, match="--delimiter ;\n  allowed: for CSV files"):
        predict_file(LENGTHS, source, "text", tmp_path / "out.csv", delimiter=";")


@pytest.mark.parametrize(
    ("name", "content", "column", "message"),
    [
        (
            "in.xlsx",
            "",
            "text",
            r"in\.xlsx: The file is empty",
        ),
        (
            "in.csv",
            "txt\nabc\n",
            "text",
            r"in\.csv, row 2: there is no column 'text'\. Did you mean 'txt'\?\n  received: c",
        ),
        (
            "in.csv",
            "text\nabc\n",
            "question",
            r"there is no column 'question'\.\n(.|\n)*name the column .* with --column",
        ),
        ("in.csv", "id,text\n1,abc\n2,ab,c\n", "text", r"in\.csv, row 3: The row has another number of cells"),
        ("in.csv", "", "text", r"in\.csv: The file is empty"),
        (
            "in.jsonl",
            '{"text": 7}\n',
            "text",
            r"in\.jsonl, row 1, column 'text': the text is not a string\n  received: 7",
        ),
        ("in.jsonl", '{"text": "a"}\n{"text": \n', "text", r"in\.jsonl, row 2: The line is not valid JSON"),
    ],
)
def test_bad_source_is_refused_and_nothing_is_written(
    tmp_path: Path, name: str, content: str, column: str, message: str
) -> None:
    source = write(tmp_path, name, content)
    with pytest.raises(DataError, match=message):
        predict_file(LENGTHS, source, column, tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == [source]


def test_missing_source_is_refused_with_its_nearest_sibling(tmp_path: Path) -> None:
    write(tmp_path, "rows.csv", "text\nabc\n")
    with pytest.raises(DataError, match=r"row\.csv: the file does not exist\. Did you mean 'rows\.csv'\?"):
        predict_file(LENGTHS, tmp_path / "row.csv", "text", tmp_path / "out.csv")


def test_source_that_cannot_be_read_is_not_blamed_on_the_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path, "in.csv", SOURCES["in.csv"])

    def refused(*arguments: Any, **options: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("vocation.corpus.encodings.open_text", refused)
    with pytest.raises(DataError, match=r"in\.csv: The file cannot be read: Permission denied"):
        predict_file(LENGTHS, source, "text", tmp_path / "out.csv")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("out.xlsx", r"The ending of .*out\.xlsx does not say its format\.\n  allowed: \.ann, .*\.jsonl"),
        ("out.conll", r"out\.conll cannot hold answers: .*\n  allowed: \.csv"),
        ("out.ann", r"out\.ann cannot hold answers: .*\n  allowed: \.csv"),
        ("nowhere/out.csv", r"nowhere/out\.csv cannot be written"),
        ("nowhere/out.jsonl", r"nowhere/out\.jsonl cannot be written: No such file or directory"),
        ("nowhere/out.parquet", r"nowhere/out\.parquet cannot be written"),
    ],
)
def test_bad_target_is_refused(tmp_path: Path, target: str, message: str) -> None:
    source = write(tmp_path, "in.csv", SOURCES["in.csv"])
    with pytest.raises(VocationError, match=message) as caught:
        predict_file(LENGTHS, source, "text", tmp_path / target)
    assert isinstance(caught.value, ArtifactError if "nowhere" in target else RecipeError)
    assert list(tmp_path.iterdir()) == [source]


def test_failure_leaves_the_older_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_prediction, "_CHUNK", 1)
    older = write(tmp_path, "out.csv", "older\n")
    with pytest.raises(DataError, match="row 3"):
        predict_file(LENGTHS, write(tmp_path, "in.csv", "id,text\n1,abc\n2\n"), "text", older)
    assert older.read_text() == "older\n"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("texts", "file", "message"),
    [([], None, "something to answer"), (None, None, "something to answer"), (["a"], Path("in.csv"), "not both")],
)
def test_prediction_needs_texts_or_a_file(texts: list[str] | None, file: Path | None, message: str) -> None:
    with pytest.raises(RecipeError, match=rf"{message}\.\n  allowed: vocation predict RUN \"a text\""):
        require_texts(texts, file)


def test_texts_are_printed_and_take_no_target() -> None:
    with pytest.raises(RecipeError, match="is for the answers of a file"):
        require_texts(["a"], None, Path("out.csv"))


def test_prediction_takes_texts_or_a_file() -> None:
    require_texts(["a"], None)
    require_texts(None, Path("in.csv"))
