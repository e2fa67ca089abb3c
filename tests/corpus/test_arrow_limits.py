"""Arrow batches: checked, cut to what fits into memory, and decoded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus import arrow_limits, opening
from vocation.corpus.arrow_limits import safe_batches
from vocation.errors import DataError

TEXTS = st.none() | st.text(st.characters(codec="utf-8"), max_size=20)
STRING = pa.string()
TYPES: dict[str, pa.DataType] = {
    "plain": STRING,
    "large": pa.large_string(),
    "list": pa.list_(STRING),
    "map": pa.map_(STRING, STRING),
    "struct": pa.struct([("role", STRING), ("content", pa.list_(STRING))]),
    "number": pa.int64(),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "a.parquet"
    file.write_bytes(b"x" * 100)
    return file


def read(batch: pa.RecordBatch, schema: pa.Schema, path: Path) -> list[pa.RecordBatch]:
    return list(safe_batches([batch], schema, path))


@given(rows=st.lists(st.tuples(TEXTS, TEXTS.filter(lambda text: text is not None)), max_size=20))
def test_values_are_the_same_in_pieces_of_any_size(tmp_path_factory: pytest.TempPathFactory, rows: list[Any]) -> None:
    path = tmp_path_factory.getbasetemp() / "sizes"
    path.write_bytes(b"x")
    values: dict[str, list[Any]] = {
        "plain": [one for one, _ in rows],
        "large": [one for one, _ in rows],
        "list": [None if one is None else [one, two] for one, two in rows],
        "map": [None if one is None else [(two, one)] for one, two in rows],
        "struct": [{"role": one, "content": [two]} for one, two in rows],
        "number": [None if one is None else len(one) for one, _ in rows],
    }
    schema = pa.schema(list(TYPES.items()))
    batch = pa.RecordBatch.from_pydict(values, schema=schema)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrow_limits, "_PIECE", 50)
        pieces = read(batch, schema, path)
    assert [row for piece in pieces for row in piece.to_pylist()] == batch.to_pylist()
    texts = sum(len((one or "").encode()) * 2 for one, _ in rows)
    assert texts <= 50 or len(pieces) > 1 or len(rows) < 2


def test_a_text_that_stands_for_many_rows_is_measured_as_often_as_it_stands(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0, None, 0, 1], pa.int32()), pa.array(["x" * 40_000, "y"]))
    batch, schema = pa.RecordBatch.from_arrays([column], ["text"]), pa.schema([("text", STRING)])
    assert [piece.column(0).type for piece in read(batch, schema, path)] == [STRING]
    monkeypatch.setattr(opening, "HARMLESS", 60_000)
    with pytest.raises(DataError, match="unpacks to far more") as caught:
        read(batch, schema, path)
    assert "100 bytes that unpack to 80001 or more" in str(caught.value.received)
    path.write_bytes(b"x" * 1000)
    assert len(read(batch, schema, path)) == 1


def test_a_text_that_is_too_long_is_refused_with_its_row(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LONGEST_LINE", 100)
    monkeypatch.setattr(arrow_limits, "_PIECE", 100)
    batch = pa.RecordBatch.from_pydict({"m": [[{"c": "x"}], [{"c": "x" * 99}], [{"c": "x" * 101}]]})
    with pytest.raises(DataError, match="too long to be one row") as caught:
        read(batch, batch.schema, path)
    assert caught.value.row == 3


def test_offsets_that_point_anywhere_are_refused_before_a_value_is_read(path: Path) -> None:
    offsets = pa.py_buffer(b"".join(place.to_bytes(4, "little") for place in (0, 1 << 30, 2)))
    array = pa.Array.from_buffers(STRING, 2, [None, offsets, pa.py_buffer(b"ab")])
    batch = pa.RecordBatch.from_arrays([array], ["text"])
    with pytest.raises(pa.ArrowInvalid):
        read(batch, batch.schema, path)


def test_a_type_that_cannot_be_cast_keeps_its_values(path: Path) -> None:
    column = pa.array(["a", "b", "a"]).dictionary_encode()
    batch = pa.RecordBatch.from_arrays([column], ["text"])
    (piece,) = read(batch, pa.schema([("text", pa.string_view())]), path)
    assert piece.column(0).to_pylist() == ["a", "b", "a"]
