"""One data file turned into another format."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.projects import Command
from vocation.console import progress_for
from vocation.conversion import Conversion, Converted
from vocation.errors import ArtifactError, DataError, RecipeError, VocationError

LINES = '{"Frage": "第一", "n": 1}\n{"Frage": "two", "more": ["x"]}\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_text(LINES, encoding="utf-8")
    return path


def test_rows_go_from_one_format_to_another_with_all_their_columns(source: Path, tmp_path: Path) -> None:
    done = Conversion(source, tmp_path / "a.csv.gz").run()
    assert done == Converted(tmp_path / "a.csv.gz", 2, 0, 0, "jsonl", "csv")
    assert "Wrote 2 rows" in done.sentence
    Conversion(tmp_path / "a.csv.gz", tmp_path / "b.json").run()
    assert json.loads((tmp_path / "b.json").read_text(encoding="utf-8")) == [
        {"Frage": "第一", "n": "1", "more": ""},
        {"Frage": "two", "n": "", "more": '["x"]'},
    ]


def test_kilobytes_and_rows_tell_how_far_it_is(source: Path, tmp_path: Path) -> None:
    stream = io.StringIO()
    Conversion(source, tmp_path / "a.csv").run(progress_for(stream))
    columns, rows = stream.getvalue().splitlines()
    assert columns.startswith("  reading the columns: 1/1 KB")
    assert rows.startswith("  converting: 1/1 KB")
    assert ", 2 rows, " in rows


def test_columns_get_the_names_of_fields_and_constants_are_added(source: Path, tmp_path: Path) -> None:
    settings = ("columns.text=Frage", "constants={label: other}")
    Conversion(source, tmp_path / "b.jsonl", settings=settings).run()
    first, second = map(json.loads, (tmp_path / "b.jsonl").read_text(encoding="utf-8").splitlines())
    assert first == {"text": "第一", "n": 1, "label": "other"}
    assert second == {"text": "two", "more": ["x"], "label": "other"}


def test_settings_go_to_the_format_that_has_them(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a;b\n1;2\n")
    done = Conversion(tmp_path / "a.csv", tmp_path / "b.csv", settings=("delimiter=;", "to.delimiter=|")).run()
    assert done.rows == 1
    assert (tmp_path / "b.csv").read_text() == "a|b\n1|2\n"
    Conversion(tmp_path / "a.csv", tmp_path / "c.json", settings=("delimiter=;", "key=rows")).run()
    assert json.loads((tmp_path / "c.json").read_text()) == {"rows": [{"a": "1", "b": "2"}]}


def test_kinds_are_given_where_endings_leave_them_open(tmp_path: Path) -> None:
    path = tmp_path / "chats.json"
    path.write_text('[{"instruction": "Hi", "output": "Hello"}]')
    Conversion(path, tmp_path / "out.jsonl", "alpaca", "messages").run()
    assert json.loads((tmp_path / "out.jsonl").read_text()) == {
        "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    }


def test_a_folder_is_read_as_all_its_files(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for name in ("b.jsonl", "a.jsonl"):
        (folder / name).write_text(json.dumps({"name": name}) + "\n")
    Conversion(folder, tmp_path / "b.parquet", "jsonl").run()
    Conversion(tmp_path / "b.parquet", tmp_path / "b.tsv").run()
    assert (tmp_path / "b.tsv").read_text() == "name\na.jsonl\nb.jsonl\n"


def test_invalid_rows_are_refused_or_left_out_and_counted(source: Path, tmp_path: Path) -> None:
    source.write_text(LINES + "{oops\n", encoding="utf-8")
    for name in ("b.json", "b.csv"):
        with pytest.raises(DataError, match="row 3: The line is not valid JSON"):
            Conversion(source, tmp_path / name).run()
        assert not (tmp_path / name).exists()
        done = Conversion(source, tmp_path / name, invalid_rows="drop").run()
        assert (done.rows, done.dropped) == (2, 1)
        assert "left out 1 rows" in done.sentence


def test_fields_that_the_target_has_no_place_for_are_told(source: Path, tmp_path: Path) -> None:
    source.write_text('{"text": "a b", "label": "x"}\n{"text": "c", "spans": [], "n": 1}\n')
    done = Conversion(source, tmp_path / "b.conll").run()
    assert done.lost == ("label", "n")
    assert "left out the fields label, n, for which there is no place in it" in done.sentence
    assert Conversion(source, tmp_path / "b.json").run().lost == ()


@pytest.mark.parametrize(
    ("spans", "problem"),
    [
        ('[[2, 50, "X"]]', "A span does not lie in its text: offset 50 lies outside"),
        ('[{"start": 0, "end": 4, "label": "X", "text": "John"}]', "do not fit the text that the file quotes"),
        ('[[0, 2, "X"], [3, 3, "X"]]', "A span is empty"),
    ],
)
def test_spans_that_are_not_in_their_text_are_refused_or_left_out(
    source: Path, tmp_path: Path, spans: str, problem: str
) -> None:
    source.write_text(f'{{"body": "fine", "spans": [[0, 4, "X"]]}}\n{{"body": "hello", "spans": {spans}}}\n')
    for name in ("b.json", "b.csv"):
        with pytest.raises(DataError, match=rf"a\.jsonl, row 2, column 'spans': .*{problem}"):
            Conversion(source, tmp_path / name, settings=("columns.text=body",)).run()
    done = Conversion(source, tmp_path / "b.json", settings=("columns.text=body",), invalid_rows="drop").run()
    assert (done.rows, done.dropped) == (1, 1)


def test_a_field_named_spans_that_holds_something_else_is_let_pass(source: Path, tmp_path: Path) -> None:
    row = {"text": "x", "spans": [[0, 99], {"start": 0.5, "end": 2.5}, "bridge", ["a", "b", "c"]]}
    source.write_text(json.dumps(row) + "\n")
    Conversion(source, tmp_path / "b.jsonl").run()
    assert json.loads((tmp_path / "b.jsonl").read_text()) == row


def test_spans_survive_the_way_through_a_table(source: Path, tmp_path: Path) -> None:
    rows = [{"text": "in Bonn", "spans": [[3, 7, "CITY"]]}, {"text": "none", "spans": []}]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    Conversion(source, tmp_path / "b.csv").run()
    Conversion(tmp_path / "b.csv", tmp_path / "c.jsonl").run()
    assert [json.loads(line) for line in (tmp_path / "c.jsonl").read_text().splitlines()] == rows
    Conversion(tmp_path / "b.csv", tmp_path / "d.conll").run()
    assert "Bonn\tB-CITY" in (tmp_path / "d.conll").read_text()


def test_the_format_is_called_by_the_ending_of_the_file(source: Path, tmp_path: Path) -> None:
    Conversion(source, tmp_path / "b.csv").run()
    assert "from csv to tsv." in Conversion(tmp_path / "b.csv", tmp_path / "b.tsv.gz").run().sentence
    assert "from tsv to jsonl." in Conversion(tmp_path / "b.tsv.gz", tmp_path / "b.jsonl").run().sentence
    (tmp_path / "c.md").write_text("x\n")
    assert "from markdown to jsonl." in Conversion(tmp_path / "c.md", tmp_path / "c.jsonl").run().sentence
    (tmp_path / "c.jsonl").write_text('{"text": "x", "label": []}\n')
    assert (
        "from doccano to ndjson."
        in Conversion(tmp_path / "c.jsonl", tmp_path / "c.ndjson", "doccano", "jsonl").run().sentence
    )


def test_replaced_bytes_are_counted(source: Path, tmp_path: Path) -> None:
    source.write_bytes('{"text": "很长的中文"}\n'.encode() * 5 + b'{"text": "\xff"}\n')
    done = Conversion(source, tmp_path / "b.json", settings=("undecodable=replace",)).run()
    assert (done.rows, done.replaced) == (6, 1)
    assert "replaced 1 undecodable bytes" in done.sentence


BAD: list[tuple[dict[str, Any], type[VocationError], str]] = [
    ({"target": "a.jsonl"}, ArtifactError, "is the file that is read"),
    ({"target": "there.csv"}, ArtifactError, "is there already.\n  what to do: give another name, or --force"),
    ({"target": "no/b.csv"}, ArtifactError, "cannot be written: No such file"),
    ({"target": "b.pages"}, RecipeError, "does not say its format"),
    ({"target": "b"}, RecipeError, "does not say its format"),
    ({"source_kind": "jsonlines"}, RecipeError, "--from jsonlines: this format is not known. Did you mean 'jsonl'?"),
    ({"target_kind": "excel"}, RecipeError, "--to excel: this format cannot be written"),
    ({"settings": ["keys=x"]}, RecipeError, "--set keys=x: this is not a setting of these formats"),
    ({"settings": ["path=x"]}, RecipeError, "--set path=x: this is not a setting of these formats"),
    ({"settings": ["encoding"]}, RecipeError, "--set encoding: this is not a setting of these formats"),
    ({"settings": ["columns={a"]}, RecipeError, "the value is not YAML"),
    ({"settings": ["encoding=latin-1"]}, RecipeError, "--set encoding: Input should be 'auto'"),
    ({"settings": ["columns.text=frage"]}, DataError, "There is no column 'frage'. Did you mean 'Frage'?"),
    ({"invalid_rows": "skip"}, RecipeError, "--invalid-rows skip\n  allowed: refuse, drop"),
    ({"source": "b.jsonl"}, DataError, "The file does not exist. Did you mean 'a.jsonl'?"),
]


@pytest.mark.parametrize(("change", "kind", "problem"), BAD)
def test_what_cannot_be_converted_is_told_and_nothing_is_written(
    source: Path, tmp_path: Path, change: dict[str, Any], kind: type[VocationError], problem: str
) -> None:
    (tmp_path / "there.csv").write_text("before")
    given = {"source": "a.jsonl", "target": "b.csv", **change}
    paths = {name: tmp_path / given.pop(name) for name in ("source", "target")}
    with pytest.raises(kind) as caught:
        Conversion(**paths, **given).run()
    assert problem in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "there.csv"]
    assert source.read_text(encoding="utf-8") == LINES
    assert (tmp_path / "there.csv").read_text() == "before"


def test_the_command_converts_and_says_what_it_did(vocation: Command, source: Path, tmp_path: Path) -> None:
    target = tmp_path / "b.parquet"
    outcome = vocation("convert", source, target, "--set=columns.text=Frage")
    assert (outcome.status, outcome.out) == (0, f"Wrote 2 rows to {target}, from jsonl to parquet.\n")
    again = vocation("convert", source, target)
    assert again.status == 1
    assert "is there already" in again.err
    assert vocation("convert", source, target, "--force").status == 0
