"""The format `json`, and writing of JSON and JSON lines."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus import json_stream
from vocation.corpus.formats.json import Json
from vocation.corpus.formats.jsonl import Jsonl
from vocation.errors import DataError
from vocation.records import Row

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)
ROWS = st.lists(st.dictionaries(st.text(st.characters(codec="utf-8")), VALUES, max_size=3), min_size=1, max_size=4)


def read(tmp_path: Path, content: str, **settings: Any) -> list[Row]:
    path = tmp_path / "a.json"
    path.write_text(content, encoding="utf-8")
    return list(Json(path="x", **settings).rows(path))


def test_the_objects_of_an_array_are_rows_numbered_from_one(tmp_path: Path) -> None:
    rows = read(tmp_path, '\n[{"text": "你好",\n "n": 1}, {"text": null}]\n')
    assert [(row.number, row.fields) for row in rows] == [(1, {"text": "你好", "n": 1}), (2, {"text": None})]


@pytest.mark.parametrize("key", [None, "data"])
def test_the_array_may_stand_in_an_object(tmp_path: Path, key: str | None) -> None:
    content = '{"version": [1, 2], "meta": {"a": [{"b": 1}]}, "none": [], "data": [{"text": "x"}], "end": true}'
    assert [row.fields for row in read(tmp_path, content, key=key)] == [{"text": "x"}]


@given(rows=ROWS, chunk=st.integers(1, 40))
def test_rows_are_the_same_however_little_is_read_at_once(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], chunk: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "chunks.json"
    path.write_text(json.dumps({"a": 12, "data": rows, "b": [[]]}, indent=1), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_CHUNK", chunk)
        assert [row.fields for row in Json(path="x", key="data").rows(path)] == rows


@given(rows=ROWS)
@pytest.mark.parametrize("settings", [{}, {"key": "rows"}])
def test_what_is_written_as_an_array_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, settings: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    assert Json(path="x", **settings).write(path, iter(rows)) == len(rows)
    assert [row.fields for row in Json(path="x", **settings).rows(path)] == rows
    plain = json.loads(path.read_text(encoding="utf-8"))
    assert (plain["rows"] if settings else plain) == rows


@given(rows=ROWS)
@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_what_is_written_as_lines_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, ending: str, rows: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any.jsonl{ending}"
    assert Jsonl(path="x").write(path, iter(rows)) == len(rows)
    assert [(row.number, row.fields, row.fault) for row in Jsonl(path="x").rows(path)] == [
        (number, row, None) for number, row in enumerate(rows, start=1)
    ]


def test_a_large_array_is_read_and_written_in_bounded_memory(tmp_path: Path) -> None:
    path, count = tmp_path / "a.json", 20_000
    tracemalloc.start()
    try:
        Json(path="x").write(path, ({"n": n, "text": "长" * 300} for n in range(count)))
        assert sum(1 for _ in Json(path="x").rows(path)) == count
        assert tracemalloc.get_traced_memory()[1] < path.stat().st_size / 2
    finally:
        tracemalloc.stop()


def test_items_that_are_no_objects_are_faulty_and_the_rest_is_read(tmp_path: Path) -> None:
    rows = read(tmp_path, '[{"text": "good"}, 12, "x", {"text": "\\ud83d"}, {"text": "also"}]')
    assert [row.fault is None for row in rows] == [True, False, False, False, True]
    assert [row.fault.row for row in rows if row.fault] == [2, 3, 4]
    assert "surrogate" in str(rows[3].fault)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "The file is empty"),
        (" \n", "The file is empty"),
        ("[]", "The file has no rows"),
        ('"text"', "not an array of rows"),
        ('[{"text": "a"}, {"text": "b', "not valid JSON: Unterminated string"),
        ('[{"text": "a"}', "not valid JSON: its end stands where ',' should"),
        ('[{"text": "a"},', "not valid JSON: Expecting value"),
        ('[{"text": "a"} {"text": "b"}]', "not valid JSON: '{' stands where ',' should"),
        ('[{"text": "a" "b"}, ' + '{"text": "b"}, ' * 9, "not valid JSON: Expecting ',' delimiter"),
        ('{"a": 1', "not valid JSON: its end stands where"),
        ("{1: 2}", "the name of a value is missing"),
        ('{"text": "a"}', "no array of objects"),
        ('{"a": [{}], "b": [{}]}', "several arrays of objects"),
        ('{"text": "a"}\n{"text": "b"}\n', "no array of objects"),
        ('{"a": [{"x": 1}]}\n{"a": [{"x": 2}]}\n', "behind the end of the JSON text"),
        ('[{"text": "a"}] x', "behind the end of the JSON text"),
        ('[{"text": ' + "[" * 100_000, "nests too deeply"),
    ],
)
def test_what_is_no_array_of_objects_is_refused(tmp_path: Path, content: str, problem: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, content)
    assert problem in str(caught.value)
    assert caught.value.remedy
    assert len(str(caught.value.received)) < 200


def test_an_object_of_objects_is_rows_named_by_their_keys(tmp_path: Path) -> None:
    found = read(tmp_path, '{"é": {"text": "a"}, "2": {"text": "b", "id": 7}}')
    assert [(row.number, row.fields) for row in found] == [
        (1, {"id": "é", "text": "a"}),
        (2, {"id": 7, "text": "b"}),
    ]
    assert read(tmp_path, '{"version": 1, "rows": {"x": {"text": "a"}}}', key="rows")[0].fields["id"] == "x"


def test_a_file_that_describes_itself_in_objects_is_still_read_by_its_array(tmp_path: Path) -> None:
    found = read(tmp_path, '{"info": {"by": "x"}, "licence": {}, "data": [{"text": "a"}]}')
    assert [row.fields for row in found] == [{"text": "a"}]
    with pytest.raises(DataError, match="no array of objects"):
        read(tmp_path, '{"info": {"by": "x"}, "version": 1}')


def test_many_objects_under_their_keys_come_as_a_stream_with_faults_in_their_place(tmp_path: Path) -> None:
    items = ", ".join(f'"{n}": ' + ("5" if n == 40 else f'{{"text": "{n}"}}') for n in range(60))
    found = read(tmp_path, f"{{{items}}}")
    assert [row.number for row in found if row.fault] == [41]
    assert [row.fields["id"] for row in found if not row.fault] == [str(n) for n in range(60) if n != 40]
    rows = Json(path="x").rows(tmp_path / "a.json")
    (tmp_path / "a.json").write_text(f"{{{items}", encoding="utf-8")  # Cut off behind the last row.
    assert next(rows).fields["id"] == "0"
    with pytest.raises(DataError, match="not valid JSON"):
        list(rows)


def test_a_missing_key_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no array under 'rows'") as caught:
        read(tmp_path, '{"data": [{"a": 1}]}', key="rows")
    assert "data" in str(caught.value.received)


def test_the_fault_is_placed_by_its_line(tmp_path: Path) -> None:
    content = "[\n" + ",\n".join(['{"text": "x"}'] * 50) + ",\n{oops}]"
    with pytest.raises(DataError, match="line 52: "):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"a": float("nan")}, "JSON cannot keep"),
        ({"a": b"bytes"}, "JSON cannot keep"),
        ({"a": "\ud800"}, "half of a surrogate pair"),
        ({"\udfff": "a"}, "half of a surrogate pair"),
    ],
)
@pytest.mark.parametrize("kind", [Json, Jsonl])
def test_what_json_cannot_keep_is_refused_with_its_row_and_nothing_is_written(
    tmp_path: Path, kind: type[Json] | type[Jsonl], row: dict[str, Any], problem: str
) -> None:
    path = tmp_path / "a.json"
    with pytest.raises(DataError, match=problem) as caught:
        kind(path="x").write(path, [{"a": "good"}, row])
    assert caught.value.row == 2
    with pytest.raises(DataError, match="no rows to write"):
        kind(path="x").write(path, [])
    assert not list(tmp_path.iterdir())
