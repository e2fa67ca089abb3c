"""The format `parquet`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus.formats import parquet
from vocation.corpus.formats.parquet import Parquet
from vocation.errors import DataError

TEXT = st.text(st.characters(codec="utf-8"), max_size=6)
SPANS = st.lists(
    st.fixed_dictionaries({"start": st.integers(0, 9), "end": st.integers(0, 9), "label": TEXT}), max_size=2
)
TABLES = st.lists(
    st.fixed_dictionaries(
        {
            "text": TEXT,
            "文": st.none() | TEXT,
            "n": st.none() | st.integers(-(2**63), 2**63 - 1),
            "x": st.floats(allow_nan=False),
            "yes": st.booleans(),
            "tags": st.lists(TEXT, max_size=2),
            "spans": SPANS,
        }
    ),
    min_size=1,
    max_size=4,
)


@given(rows=TABLES)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.parquet"
    assert Parquet(path="x").write(path, iter(rows)) == len(rows)
    assert [(row.number, row.fields) for row in Parquet(path="x").rows(path)] == list(enumerate(rows, start=1))


def test_many_rows_pass_in_batches(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    count = parquet._SAMPLE + 3 * parquet._BATCH + 1
    assert Parquet(path="x").write(path, ({"n": n, "text": f"第{n}"} for n in range(count))) == count
    rows = list(Parquet(path="x").rows(path))
    assert [row.number for row in rows] == list(range(1, count + 1))
    assert rows[-1].fields == {"n": count - 1, "text": f"第{count - 1}"}


def test_members_that_some_messages_lack_stay_absent(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    chat = [{"role": "user", "content": "x"}, {"role": "tool", "content": "y", "tool_call_id": "c"}]
    Parquet(path="x").write(path, [{"messages": chat, "id": 1}, {"messages": chat[:1]}])
    assert [row.fields for row in Parquet(path="x").rows(path)] == [
        {"messages": chat, "id": 1},
        {"messages": chat[:1], "id": None},
    ]


def test_dates_times_and_decimals_are_plain_text(tmp_path: Path) -> None:
    table = pa.table(
        {
            "date": pa.array([date(2023, 5, 1), None]),
            "time": pa.array([datetime(2023, 5, 1, 10, 30, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
            "price": pa.array([Decimal("1.50"), None]),
            "days": pa.array([[date(2023, 5, 1)], None]),
            "map": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    first, second = Parquet(path="x").rows(tmp_path / "a.parquet")
    assert first.fields == {
        "date": "2023-05-01",
        "time": "2023-05-01T10:30:00+00:00",
        "price": "1.50",
        "days": ["2023-05-01"],
        "map": {"a": 1},
    }
    assert set(second.fields.values()) == {None}


@pytest.mark.parametrize(
    ("rows", "place", "problem"),
    [
        ([{"a": 1}, {"a": "x"}], (2, "a"), "not of the column's type"),
        ([{"a": "x"}, {"a": "\ud800"}], (2, "a"), "not of the column's type"),
        ([{"a": 1}, {"a": 2**70}], (2, "a"), "not of the column's type"),
        ([{"a": "x"}] * (parquet._SAMPLE + 1) + [{"a": 1}], (parquet._SAMPLE + 2, "a"), "not of the column's type"),
        ([{"a": "x"}] * (parquet._SAMPLE + 1) + [{"b": 1}], (parquet._SAMPLE + 2, "b"), "first stands after more than"),
        ([{}], (1, None), "no fields"),
        ([], (None, None), "no rows to write"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_row_and_nothing_is_written(
    tmp_path: Path, rows: list[dict[str, Any]], place: tuple[int | None, str | None], problem: str
) -> None:
    with pytest.raises(DataError, match=problem) as caught:
        Parquet(path="x").write(tmp_path / "a.parquet", rows)
    assert (caught.value.row, caught.value.column) == place
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("keep", [4, 0.5, -1])
def test_a_truncated_file_is_refused(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "a.parquet"
    Parquet(path="x").write(path, [{"text": "x" * n} for n in range(100)])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2 if keep == 0.5 else int(keep)])
    with pytest.raises(DataError, match="damaged or cut off"):
        list(Parquet(path="x").rows(path))


def test_a_damaged_page_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["x" * 50, "y" * 50]}), path, compression="zstd", use_dictionary=False)
    content = bytearray(path.read_bytes())
    content[20:60] = bytes(40)
    path.write_bytes(content)
    with pytest.raises(DataError, match="damaged or cut off"):
        list(Parquet(path="x").rows(path))


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"")
    with pytest.raises(DataError, match="The file is empty"):
        list(Parquet(path="x").rows(tmp_path / "a.parquet"))
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "b.parquet")
    with pytest.raises(DataError, match="The file has no rows"):
        list(Parquet(path="x").rows(tmp_path / "b.parquet"))
