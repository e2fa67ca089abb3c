"""Reading: files found, columns mapped, faults placed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from vocation.corpus.formats import Format
from vocation.corpus.formats.csv import Csv
from vocation.corpus.formats.jsonl import Jsonl
from vocation.corpus.formats.plain_text import PlainText
from vocation.corpus.reading import BrokenCells, SourceFile, read, source_files
from vocation.errors import DataError, RecipeError
from vocation.ledger import Ledger, read_counts, read_entries
from vocation.records import Record
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.text import Span, Text

Write = Callable[..., Path]


@pytest.fixture
def read_all(tmp_path: Path) -> Callable[..., list[Record | None]]:
    """All records of one source, whose path is relative to the test's folder; the ledger stays in `ledger`."""

    def run(
        source: Format, task: Any = None, invalid_rows: Literal["refuse", "drop"] = "refuse"
    ) -> list[Record | None]:
        (tmp_path / "ledger").mkdir(exist_ok=True)
        with Ledger(tmp_path / "ledger") as ledger:
            return [
                record
                for file in source_files([source], tmp_path)
                for record in read(file, task or Classification(), invalid_rows, ledger)
            ]

    return run


def test_globs_are_read_in_the_order_of_names(write: Write, tmp_path: Path) -> None:
    for name in ("data/b.csv", "data/a.csv", "data/deep/c.csv", "data/.hidden.csv", "data/other.txt"):
        write(name, "x")
    (tmp_path / "data" / "folder.csv").mkdir()
    assert [file.name for file in source_files([Csv(path="data/*.csv")], tmp_path)] == ["data/a.csv", "data/b.csv"]
    deep = source_files([Csv(path="data/**/*.csv")], tmp_path)
    assert [file.name for file in deep] == ["data/a.csv", "data/b.csv", "data/deep/c.csv"]


def test_a_file_whose_name_looks_like_a_glob_is_found(write: Write, tmp_path: Path) -> None:
    write("rows [1].csv", "x")
    assert [file.name for file in source_files([Csv(path="rows [1].csv")], tmp_path)] == ["rows [1].csv"]


@pytest.mark.parametrize(("folder", "matched"), [("data [v1]", "data v"), ("who?", "whom"), ("a*b", "acb")])
def test_globs_start_in_a_folder_whose_name_looks_like_a_glob(
    write: Write, tmp_path: Path, folder: str, matched: str
) -> None:
    write(f"{folder}/data/a.csv", "x")
    write(f"{matched}/data/b.csv", "x")
    for pattern in ("data/*.csv", "**/*.csv", "./data/?.csv"):
        assert [file.name for file in source_files([Csv(path=pattern)], tmp_path / folder)] == ["data/a.csv"]


def test_an_absolute_glob_is_followed(write: Write, tmp_path: Path) -> None:
    path = write("elsewhere/a.csv", "x")
    (file,) = source_files([Csv(path=f"{path.parent}/*.csv")], tmp_path / "nowhere")
    assert file.path == path


def test_files_outside_the_recipes_folder_have_their_whole_path(write: Write, tmp_path: Path) -> None:
    path = write("elsewhere/a.csv", "x")
    base = write("project/recipe.yaml", "x").parent
    assert [file.name for file in source_files([Csv(path=str(path))], base)] == [path.as_posix()]
    assert source_files([Csv(path="../elsewhere/*.csv")], base)[0].path.samefile(path)


def test_a_missing_file_is_refused_with_the_nearest_name(write: Write, tmp_path: Path) -> None:
    write("data/train.csv", "x")
    with pytest.raises(DataError, match=r"Did you mean 'train\.csv'") as caught:
        source_files([Csv(path="data/trian.csv")], tmp_path)
    assert caught.value.file == "data/trian.csv"
    assert "corpus.sources[0].path" in str(caught.value)


def test_a_missing_folder_is_refused_with_the_nearest_name(write: Write, tmp_path: Path) -> None:
    write("data/train.csv", "x")
    with pytest.raises(DataError, match="Did you mean 'data'"):
        source_files([Csv(path="dta/train.csv")], tmp_path)


def test_a_glob_that_finds_nothing_is_refused(write: Write, tmp_path: Path) -> None:
    write("data/train.csv", "x")
    with pytest.raises(DataError, match=r"corpus\.sources\[0\]\.path finds no file"):
        source_files([Csv(path="data/*.tsv")], tmp_path)


MISSING = [
    ("a.csv", "text,label\none,a\n   ,b\nthree,\nfour,d\n", Csv),
    (
        "a.jsonl",
        '{"text": "one", "label": "a"}\n{"text": null, "label": "b"}\n{"text": "three"}\n'
        '{"text": "four", "label": "d"}\n',
        Jsonl,
    ),
]


@pytest.mark.parametrize(("name", "content", "kind"), MISSING)
def test_a_missing_value_is_refused_unless_the_source_says_otherwise(
    write: Write, read_all: Callable[..., list[Record]], name: str, content: str, kind: type[Format]
) -> None:
    write(name, content)
    with pytest.raises(DataError, match="The text is missing") as caught:
        read_all(kind(path=name))
    assert caught.value.column == "text"
    assert "missing: drop" in str(caught.value.remedy)


@pytest.mark.parametrize(("name", "content", "kind"), MISSING)
def test_rows_with_missing_values_are_dropped_into_the_ledger(
    write: Write,
    read_all: Callable[..., list[Record | None]],
    tmp_path: Path,
    name: str,
    content: str,
    kind: type[Format],
) -> None:
    write(name, content)
    records = read_all(kind.model_validate({"path": name, "missing": "drop"}))
    assert [record and record.text.content for record in records] == ["one", None, None, "four"]
    entries = read_entries(tmp_path / "ledger")
    assert [(entry["action"], entry["reason"]) for entry in entries] == [("dropped", "missing value")] * 2
    assert [record is None for record in records] == [False, True, True, False]
    assert "label" in entries[1]["detail"]


@pytest.mark.parametrize(("name", "content", "kind"), MISSING)
def test_missing_values_are_filled_and_counted(
    write: Write, read_all: Callable[..., list[Record]], tmp_path: Path, name: str, content: str, kind: type[Format]
) -> None:
    write(name, content)
    source = kind.model_validate({"path": name, "missing": "fill", "fill": {"label": "other", "text": "?"}})
    records = read_all(source)
    assert [(record.text.content, record.values["label"]) for record in records] == [
        ("one", "a"),
        ("?", "b"),
        ("three", "other"),
        ("four", "d"),
    ]
    counts = {count.reason: count.count for count in read_counts(tmp_path / "ledger")}
    assert counts == {"missing label filled": 1, "missing text filled": 1}


@pytest.mark.parametrize("policy", [{"missing": "drop"}, {"missing": "fill", "fill": {"label": "other"}}])
def test_a_column_that_no_row_has_is_refused_whatever_is_done_about_missing_values(
    write: Write, read_all: Callable[..., list[Record]], policy: dict[str, Any]
) -> None:
    write("a.csv", "text,category\nx,y\n")
    with pytest.raises(DataError, match="no column 'label'"):
        read_all(Csv.model_validate({"path": "a.csv", **policy}))


def test_fill_and_missing_go_together() -> None:
    for settings in ({"missing": "fill"}, {"fill": {"label": "x"}}):
        with pytest.raises(ValidationError, match="go together"):
            Csv.model_validate({"path": "a.csv", **settings})


def test_replaced_bytes_are_counted_in_the_ledger(
    write: Write, read_all: Callable[..., list[Record]], tmp_path: Path
) -> None:
    write("a.csv", b"text,label\n" + "头痛三天的患者,a\n".encode() * 9 + b"two \xff\xfe,b\n")
    records = read_all(Csv(path="a.csv", undecodable="replace"))
    assert records[-1].text.content == "two \ufffd\ufffd"
    (count,) = read_counts(tmp_path / "ledger")
    assert (count.action, count.step, count.reason, count.count) == (
        "edited",
        "reading",
        "undecodable bytes replaced",
        2,
    )

    (entry,) = read_entries(tmp_path / "ledger")
    assert (entry["file"], entry["row"], entry["detail"]) == ("a.csv", 0, "2")


def test_a_file_in_two_sources_is_refused(write: Write, tmp_path: Path) -> None:
    write("a.csv", "x")
    with pytest.raises(RecipeError, match=r"corpus\.sources\[1\] names a\.csv, as corpus\.sources\[0\]") as caught:
        source_files([Csv(path="*.csv"), Csv(path="a.csv")], tmp_path)
    assert "path 'a.csv' and path '*.csv'" in str(caught.value)
    assert "narrower glob" in str(caught.value)


def test_a_file_that_two_sources_name_without_a_glob_is_to_be_copied(write: Write, tmp_path: Path) -> None:
    write("a.csv", "x")
    with pytest.raises(RecipeError, match="copy the file under another name") as caught:
        source_files([Csv(path="a.csv"), Csv(path="a.csv", columns={"text": "other"})], tmp_path)
    assert "glob" not in str(caught.value)


def test_rows_with_a_line_break_in_a_cell_are_counted_where_there_are_cells(write: Write, tmp_path: Path) -> None:
    path = write("a.csv", 'text,label\nx,y\n"one\ntwo",y\nz,"q\r"\n')
    lines = write("a.jsonl", '{"text": "one\\ntwo", "label": "y"}\n')
    found = []
    for source, file in ((Csv(path="a.csv"), path), (Jsonl(path="a.jsonl"), lines)):
        broken = BrokenCells()
        with Ledger(tmp_path) as ledger:
            list(read(SourceFile(0, source, file, file.name), Classification(), "refuse", ledger, broken=broken))
        found.append((broken.rows, broken.first))
    assert found == [(2, 3), (0, 0)]


def test_columns_constants_and_groups_are_mapped(write: Write, read_all: Callable[..., list[Record]]) -> None:
    write("a.csv", "Frage,Kunde\nWo ist sie?,7\nHallo,\n")
    source = Csv(path="a.csv", columns={"text": "Frage", "group": "Kunde"}, constants={"label": "card"})
    assert read_all(source) == [
        Record("a.csv:2", {"text": Text("Wo ist sie?")}, {"label": "card"}, "a.csv", 2, "7"),
        Record("a.csv:3", {"text": Text("Hallo")}, {"label": "card"}, "a.csv", 3, None),
    ]


def test_times_are_read_from_the_column_that_the_source_names(
    write: Write, read_all: Callable[..., list[Record]]
) -> None:
    write("a.csv", "text,label,day\nhi,x,2023年5月1日\nho,y,\nha,y,1 May 2023\n")
    records = read_all(Csv(path="a.csv", columns={"time": "day"}))
    may = datetime(2023, 5, 1, tzinfo=UTC)
    assert [record.time for record in records] == [may, None, may]
    assert [record.time for record in read_all(Csv(path="a.csv"))] == [None, None, None]


def test_a_time_that_cannot_be_read_is_refused_with_its_row_or_dropped(
    write: Write, read_all: Callable[..., list[Record | None]]
) -> None:
    write("a.csv", "text,label,day\nhi,x,2023-05-01\nho,y,05/06/2023\n")
    source = Csv(path="a.csv", columns={"time": "day"})
    with pytest.raises(DataError, match=r"a\.csv, row 3, column 'time': The time may be read with the day first"):
        read_all(source)
    assert [record is None for record in read_all(source, invalid_rows="drop")] == [False, True]


def test_spans_are_read_from_json(write: Write, read_all: Callable[..., list[Record]]) -> None:
    write("a.jsonl", json.dumps({"text": "flu season", "spans": [[0, 3, "Disease"]]}) + "\n")
    (record,) = read_all(Jsonl(path="a.jsonl"), Entities())
    assert record.text == Text("flu season", (Span(0, 3, "Disease"),))


def test_unlabelled_files_need_texts_alone(write: Write, read_all: Callable[..., list[Record]]) -> None:
    write("a.txt", "one\n\ntwo\n")
    records = read_all(PlainText(path="a.txt", split="unlabelled"))
    assert [(record.text.content, record.values) for record in records] == [("one", {}), ("two", {})]
    write("b.jsonl", '{"text": 3}\n')
    with pytest.raises(DataError, match=r"b\.jsonl, row 1, column 'text': The text is not a string"):
        read_all(Jsonl(path="b.jsonl", split="unlabelled"))


@pytest.mark.parametrize(
    ("columns", "problem", "remedy"),
    [
        ({}, "no column 'label' for the field 'label'.", "set `corpus.sources[0].columns.label` to the column"),
        ({"label": "categry"}, "no column 'categry' for the field 'label'. Did you mean 'category'?", "columns.label"),
        ({"label": "category", "group": "id"}, "no column 'id' for the field 'group'.", "columns.group"),
    ],
)
def test_a_missing_column_is_refused_even_when_invalid_rows_are_dropped(
    write: Write, read_all: Callable[..., list[Record]], columns: dict[str, str], problem: str, remedy: str
) -> None:
    write("a.csv", "text,category\nx,y\n")
    with pytest.raises(DataError) as caught:
        read_all(Csv(path="a.csv", columns=columns), invalid_rows="drop")
    assert problem in caught.value.problem
    assert caught.value.remedy is not None
    assert remedy in caught.value.remedy
    assert caught.value.received == "columns text, category"
    assert caught.value.row == 2


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_row_without_a_column_that_other_rows_have_is_dropped_wherever_it_stands(
    write: Write, read_all: Callable[..., list[Record | None]], tmp_path: Path, place: int
) -> None:
    lines = ['{"text": "one", "label": "a"}', '{"text": "two", "label": "b"}']
    lines.insert(place, '{"text": "bare"}')
    write("a.jsonl", "\n".join(lines))
    found = read_all(Jsonl(path="a.jsonl"), invalid_rows="drop")
    assert [record is None for record in found] == [position == place for position in range(3)]
    (entry,) = read_entries(tmp_path / "ledger")
    assert (entry["row"], entry["detail"]) == (place + 1, "The row has no 'label', which other rows have")
    assert "bare" in entry["content"]


def test_a_column_that_no_row_has_is_refused_at_the_end_of_the_file(
    write: Write, read_all: Callable[..., list[Record | None]]
) -> None:
    write("a.jsonl", '{"text": "one"}\n{oops\n{"text": "two", "lable": "a"}\n')
    with pytest.raises(DataError, match=r"a\.jsonl, row 1, column 'label': There is no column 'label'"):
        read_all(Jsonl(path="a.jsonl"), invalid_rows="drop")


@pytest.mark.parametrize("setting", ["columns", "constants"])
def test_a_field_that_the_task_does_not_have_is_refused(
    write: Write, read_all: Callable[..., list[Record]], setting: str
) -> None:
    write("a.csv", "text,label\nx,y\n")
    source = Csv.model_validate({"kind": "csv", "path": "a.csv", setting: {"lable": "label"}})
    message = rf"sources\[0\]\.{setting}\.lable: the task 'classification' has no field 'lable'\. Did you mean 'label'"
    with pytest.raises(RecipeError, match=message):
        read_all(source)


INVALID = [
    ("a.csv", "text,label\nx,y\n,,\nz,\nlast,y\n", Csv, [3, 4], ["another number of cells", "label is missing"]),
    (
        "a.jsonl",
        '{"text": "x", "label": "y"}\n{"text": "x"}\n{oops\n{"text": "last", "label": "y"}\n',
        Jsonl,
        [2, 3],
        ["The row has no 'label', which other rows have", "not valid JSON"],
    ),
]


@pytest.mark.parametrize(("name", "content", "kind", "rows", "problems"), INVALID)
def test_invalid_rows_are_refused_with_their_place(
    write: Write,
    read_all: Callable[..., list[Record]],
    name: str,
    content: str,
    kind: type[Format],
    rows: list[int],
    problems: list[str],
) -> None:
    write(name, content)
    with pytest.raises(DataError) as caught:
        read_all(kind.model_validate({"path": name}))
    assert (caught.value.file, caught.value.row) == (name, rows[0])
    assert problems[0] in str(caught.value)


@pytest.mark.parametrize(("name", "content", "kind", "rows", "problems"), INVALID)
def test_invalid_rows_are_dropped_into_the_ledger_on_demand(
    write: Write,
    read_all: Callable[..., list[Record | None]],
    tmp_path: Path,
    name: str,
    content: str,
    kind: type[Format],
    rows: list[int],
    problems: list[str],
) -> None:
    write(name, content)
    records = read_all(kind.model_validate({"path": name}), invalid_rows="drop")
    assert [record and record.text.content for record in records] == ["x", None, None, "last"]
    entries = read_entries(tmp_path / "ledger")
    assert [(entry["action"], entry["reason"], entry["row"]) for entry in entries] == [
        ("refused", "invalid row", row) for row in rows
    ]
    for entry, problem in zip(entries, problems, strict=True):
        assert problem in entry["detail"]
        assert entry["content"]


@pytest.mark.parametrize("moment", ["vocation.corpus.encodings._detect", "vocation.corpus.formats.csv._numbered"])
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(
    write: Write, read_all: Callable[..., list[Record]], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    write("a.csv", "text,label\nx,y\n")

    def refused(*arguments: Any, **options: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(moment, refused)
    with pytest.raises(DataError, match=r"^a\.csv: The file cannot be read: Input/output error") as caught:
        read_all(Csv(path="a.csv"), invalid_rows="drop")
    assert caught.value.remedy


def test_a_folder_that_may_not_be_entered_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refused)
    with pytest.raises(DataError, match=r"data/a\.csv: The file cannot be read: Permission denied"):
        source_files([Csv(path="data/a.csv")], tmp_path)
