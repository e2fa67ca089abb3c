"""The format `csv`."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from vocation.corpus.formats.csv import Csv
from vocation.errors import DataError
from vocation.records import Row


def read(tmp_path: Path, content: str, name: str = "a.csv", **settings: Any) -> list[Row]:
    path = tmp_path / name
    path.write_bytes(content.encode())
    return list(Csv(path=name, **settings).rows(path))


def test_cells_keep_their_newlines_and_rows_know_where_they_begin(tmp_path: Path) -> None:
    rows = read(tmp_path, 'text,label\r\n"two\r\nlines, ""quoted""",a\r\n\r\nlast,b\r\n')
    assert [(row.number, row.fields) for row in rows] == [
        (2, {"text": 'two\r\nlines, "quoted"', "label": "a"}),
        (5, {"text": "last", "label": "b"}),
    ]


def test_tsv_files_are_split_at_tabs_and_others_at_the_given_delimiter(tmp_path: Path) -> None:
    assert read(tmp_path, "a\tb\n1,5\t2\n", "x.TSV")[0].fields == {"a": "1,5", "b": "2"}
    assert read(tmp_path, "a;b\n1,5;2\n", delimiter=";")[0].fields == {"a": "1,5", "b": "2"}


def test_names_of_columns_can_be_given(tmp_path: Path) -> None:
    rows = read(tmp_path, "one,a\ntwo,b\n", header=("text", "label"))
    assert [(row.number, row.fields["text"]) for row in rows] == [(1, "one"), (2, "two")]


def test_quotes_can_be_ordinary_characters(tmp_path: Path) -> None:
    rows = read(tmp_path, 'text\tlabel\n"open\ta\n5" pipe\tb\n', "x.tsv", quotes=False)
    assert [row.fields["text"] for row in rows] == ['"open', '5" pipe']


@pytest.mark.parametrize("content", ['text,label\n"never closed,a\nx,b\n', 'text,label\n"closed"early,a\n'])
def test_quotes_that_are_not_csv_are_refused_with_the_row(tmp_path: Path, content: str) -> None:
    with pytest.raises(DataError, match=r"row 2.*quotes are not as CSV has them") as caught:
        read(tmp_path, content)
    assert "quotes: false" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "name", "settings", "likely"),
    [
        ("text;label\nx;a\n", "a.csv", {}, 'the semicolon looks likely: set `delimiter: ";"`'),
        ("text\tlabel\nx\ta\n", "a.csv", {}, 'the tab looks likely: set `delimiter: "\\t"`'),
        ("text,label\nx,a\n", "a.tsv", {}, 'the comma looks likely: set `delimiter: ","`'),
        ("text|label\nx|a\n", "a.csv", {"delimiter": ";"}, "the bar looks likely"),
        ("x;a\n", "a.csv", {"header": ("text", "label")}, "the semicolon looks likely"),
        ("text,label\nx;a\ny;b\n", "a.csv", {}, "the semicolon looks likely"),
    ],
)
def test_a_wrong_delimiter_is_refused_and_the_likely_one_named(
    tmp_path: Path, content: str, name: str, settings: dict[str, Any], likely: str
) -> None:
    with pytest.raises(DataError, match="Wrong delimiter") as caught:
        read(tmp_path, content, name, **settings)
    assert likely in str(caught.value)


def test_one_column_is_no_wrong_delimiter(tmp_path: Path) -> None:
    assert read(tmp_path, "text\nhello; you\n")[0].fields == {"text": "hello; you"}


def test_a_ragged_row_is_faulty_and_the_rows_behind_it_are_read(tmp_path: Path) -> None:
    rows = read(tmp_path, "text,label\ngood,a\nyes, please,b\nalso,c\n")
    assert [row.fault is None for row in rows] == [True, False, True]
    message = str(rows[1].fault)
    assert "row 3: The row has another number of cells" in message
    assert "received: 3 cells" in message
    assert "allowed: 2 cells (text, label)" in message


@pytest.mark.parametrize("footer", ["Total; 5 rows", "-- 5 rows | 2 columns --", "5\trows"])
def test_a_footer_of_one_cell_is_a_ragged_row_whatever_it_holds(tmp_path: Path, footer: str) -> None:
    rows = read(tmp_path, f"text,label\nx,a\n{footer}\ny,b\n")
    assert [row.fault is None for row in rows] == [True, False, True]
    assert "another number of cells" in str(rows[1].fault)


def test_a_header_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="The file has no rows"):
        read(tmp_path, "text,label\n")


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Two columns have the name 'text'"):
        read(tmp_path, "text,label,text\na,b,c\n")


def test_columns_without_a_name_are_called_by_their_letters(tmp_path: Path) -> None:
    (row,) = read(tmp_path, ",text, ,label,\n0,x,y,z,\n")
    assert row.fields == {"A": "0", "text": "x", "C": "y", "label": "z", "E": ""}
    with pytest.raises(DataError, match="Two columns have the name 'A'"):
        read(tmp_path, ",A\n0,x\n")


@pytest.mark.parametrize("column", ["spans", "found"])
def test_spans_that_were_written_as_json_are_a_list_again(tmp_path: Path, column: str) -> None:
    path = tmp_path / "a.csv"
    rows: list[dict[str, Any]] = [
        {"text": "in Bonn", column: [[3, 7, "CITY"]]},
        {"text": "“x”", column: []},
        {"text": "y", column: [{"a": 1}]},
    ]
    source = Csv(path="x", columns={"spans": column})
    source.write(path, rows)
    assert [row.fields for row in source.rows(path)] == rows


@pytest.mark.parametrize("cell", ["", "[see below]", "[1, 2]", "[[0, 1", '[{"a": 1, "a": 2}]', "[" * 100_000, "none"])
def test_cells_that_hold_no_list_of_spans_stay_texts(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "a.csv"
    Csv(path="x").write(path, [{"text": "t", "spans": cell}])
    assert [row.fields["spans"] for row in Csv(path="x").rows(path)] == [cell]


def test_a_long_cell_is_read(tmp_path: Path) -> None:
    assert len(read(tmp_path, f"text\n{'长' * 200_000}\n")[0].fields["text"]) == 200_000


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n"])
def test_a_delimiter_is_one_character(delimiter: str) -> None:
    with pytest.raises(ValidationError, match='must be "auto" or one character'):
        Csv(path="x", delimiter=delimiter)


@given(rows=st.lists(st.tuples(*[st.text(st.characters(codec="utf-8", exclude_characters="\0"))] * 2), min_size=1))
def test_what_the_standard_writer_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b"), *rows])
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(buffer.getvalue().encode())
    assert [(row.fields["a"], row.fields["b"]) for row in Csv(path="x").rows(path)] == rows


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@given(
    rows=st.lists(st.fixed_dictionaries({"text": CELLS, "标签 1": CELLS, "c": CELLS}), min_size=1, max_size=4),
    delimiter=st.sampled_from(["auto", ";", "\t", "|"]),
    name=st.sampled_from(["any.csv", "any.tsv", "any.csv.gz", "any.tsv.zst"]),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]], delimiter: str, name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    source = Csv(path="x", delimiter=delimiter)
    assert source.write(path, iter(rows)) == len(rows)
    assert [row.fields for row in source.rows(path)] == rows


@given(cells=st.lists(CELLS, min_size=1, max_size=4))
def test_one_column_without_a_header_is_read_back(tmp_path_factory: pytest.TempPathFactory, cells: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "one.csv"
    source = Csv(path="x", header=("text",))
    rows = [{"text": "first"}, *({"text": cell} for cell in cells)]
    source.write(path, rows)
    assert [row.fields for row in source.rows(path)] == rows


def test_values_that_are_no_strings_are_written_as_json_and_null_as_an_empty_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    Csv(path="x").write(path, [{"a": 1, "b": None, "c": ["一", 2.5], "d": True}, {"c": {}}])
    assert [row.fields for row in Csv(path="x").rows(path)] == [
        {"a": "1", "b": "", "c": '["一", 2.5]', "d": "true"},
        {"a": "", "b": "", "c": "{}", "d": ""},
    ]


@pytest.mark.parametrize(
    ("rows", "place", "problem", "settings"),
    [
        ([{"a": "x"}, {"a": "nul\0"}], (2, "a"), "NUL character", {}),
        ([{"a": "x"}, {"a": "\ud800"}], (2, "a"), "half of a surrogate pair", {}),
        ([{"a": "x"}, {"a": "y", "b": "z"}], (2, "b"), "no column", {}),
        ([{"a": "x"}, {"a": b"bytes"}], (2, "a"), "cannot be written as text", {}),
        ([{" a": "x"}], (1, " a"), "begins or ends with a blank", {}),
        ([{"": "x"}], (1, ""), "name of a column is empty", {}),
        ([{"a;b": "x"}], (None, None), "Wrong delimiter", {}),
        ([{"a": "\ufeffx"}], (1, "a"), "byte-order mark", {"header": ("a",)}),
        ([{"a": "x,y", "b": ""}], (1, None), "holds the delimiter", {"quotes": False}),
        ([], (None, None), "no rows to write", {}),
    ],
)
def test_what_csv_cannot_keep_is_refused_with_its_row_and_nothing_is_written(
    tmp_path: Path,
    rows: list[dict[str, Any]],
    place: tuple[int | None, str | None],
    problem: str,
    settings: dict[str, Any],
) -> None:
    with pytest.raises(DataError, match=problem) as caught:
        Csv(path="x", **settings).write(tmp_path / "a.csv", rows)
    assert (caught.value.row, caught.value.column) == place
    assert not list(tmp_path.iterdir())
