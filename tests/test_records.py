"""Records go through Parquet unchanged, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation import records as records_module
from vocation.records import (
    SPLITS,
    Record,
    RecordSchema,
    arrow_schema,
    from_arrow,
    read_records,
    record_batches,
    to_arrow,
    write_records,
)
from vocation.text import Edit, Span, Text

PLAIN = RecordSchema(texts=("question", "answer"), values=("label",))
SPANNED = RecordSchema(texts=("text",), spans=True)
characters = st.characters(exclude_categories=["Cs"])


@st.composite
def spanned_texts(draw: st.DrawFn) -> Text:
    content = draw(st.text(characters, max_size=20))
    pairs = draw(st.lists(st.tuples(st.integers(0, len(content)), st.integers(0, len(content))), max_size=3))
    return Text(
        content, tuple(Span(*pair, draw(st.text(characters, max_size=3))) for pair in pairs if pair[0] < pair[1])
    )


@st.composite
def records(draw: st.DrawFn, schema: RecordSchema) -> list[Record]:
    text = spanned_texts() if schema.spans else st.text(characters, max_size=20).map(Text)
    return [
        Record(
            f"file:{row}",
            {name: draw(text) for name in schema.texts},
            {name: draw(st.text(characters, max_size=5)) for name in schema.values if draw(st.booleans())},
            draw(st.text(characters, max_size=5)),
            row,
            draw(st.none() | st.text(characters, max_size=5)),
            draw(st.none() | st.datetimes(timezones=st.just(UTC))),
        )
        for row in range(draw(st.integers(0, 5)))
    ]


@pytest.mark.parametrize("schema", [PLAIN, SPANNED], ids=["plain", "spans"])
@given(data=st.data())
def test_records_come_back_from_arrow_as_they_were(schema: RecordSchema, data: st.DataObject) -> None:
    given_records = data.draw(records(schema))
    batch = to_arrow(given_records, schema)
    assert batch.schema == arrow_schema(schema)
    assert list(from_arrow(batch, schema)) == given_records


@pytest.mark.parametrize("count", [0, 1, 4, 5, 9])
def test_files_hold_every_record_in_order_whatever_the_batches(tmp_path: Path, count: int) -> None:
    written = [Record(str(row), {"text": Text(f"第{row}", (Span(0, 1, "x"),))}, {}, "a", row) for row in range(count)]
    assert write_records(tmp_path / "a.parquet", iter(written), SPANNED, batch_size=4) == count
    assert list(read_records(tmp_path / "a.parquet", SPANNED, batch_size=3)) == written
    assert pq.read_metadata(tmp_path / "a.parquet").num_rows == count


def test_reading_does_not_hold_the_whole_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_records(tmp_path / "a.parquet", (Record(str(row), {"text": Text("x")}) for row in range(10)), SPANNED)
    asked: list[int] = []

    def counted(batch: pa.RecordBatch, schema: RecordSchema) -> Iterator[Record]:
        asked.append(len(batch))
        return from_arrow(batch, schema)

    monkeypatch.setattr(records_module, "from_arrow", counted)
    stream = read_records(tmp_path / "a.parquet", SPANNED, batch_size=2)
    assert [next(stream).id for _ in range(3)] == ["0", "1", "2"]
    assert asked == [2, 2]
    assert len(list(stream)) == 7


def test_batches_of_long_texts_are_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records_module, "_BATCH_CHARACTERS", 25)
    written = [Record(str(row), {"text": Text("ten letter")}) for row in range(8)]
    assert write_records(tmp_path / "a.parquet", iter(written), SPANNED) == 8
    assert [len(batch) for batch in record_batches([tmp_path / "a.parquet"], 100)] == [3, 3, 2]


def test_cleaning_history_stays_behind(tmp_path: Path) -> None:
    text = Text("ａb", (Span(0, 1, "x"),)).edit([Edit(0, 1, "a")])
    assert text.history
    write_records(tmp_path / "a.parquet", [Record("1", {"text": text})], SPANNED)
    (back,) = read_records(tmp_path / "a.parquet", SPANNED)
    assert (back.text, back.text.history) == (text, ())


def test_a_schema_names_every_field_that_a_column_can_be_mapped_to() -> None:
    assert PLAIN.fields == ("question", "answer", "label")
    assert SPANNED.fields == ("text", "spans")
    assert arrow_schema(SPANNED).names == ["id", "file", "row", "group", "time", "text", "text_spans"]
    assert SPLITS == ("train", "validation", "test")


def test_the_text_of_a_record_is_its_first() -> None:
    assert Record("1", {"question": Text("q"), "answer": Text("a")}).text == Text("q")
