"""What every labelled record shares, and how records are kept in Parquet between stages.

A record has named texts (each with its spans), named values (labels and the like), a group that must not be split,
and the place it was read from. A task's `RecordSchema` says which names there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.errors import DataError
from vocation.text import Span, Text

if TYPE_CHECKING:
    import pyarrow as pa

SPLITS = ("train", "validation", "test")
"""The labelled splits, in the order in which they are reported."""
_BATCH_CHARACTERS = 1 << 22
"""Characters from which on a batch of records is written, however few they are."""


@dataclass(frozen=True, slots=True)
class RecordSchema:
    """The names in the records of a task.

    Args:
        texts: names of the text fields, in the order in which the model sees them.
        values: names of the string fields beside them, such as a label.
        spans: whether the texts carry labelled spans.
    """

    texts: tuple[str, ...]
    values: tuple[str, ...] = ()
    spans: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """Every name that a raw row may map a column to."""
        return (*self.texts, *self.values, *(("spans",) if self.spans else ()))


@dataclass(frozen=True, slots=True)
class Row:
    """A row as a format read it, before any task has looked at it.

    Args:
        number: 1-based number of the line (or record, or paragraph) where the row begins.
        fields: name and content; strings, or lists and mappings where the format has them.
        fault: why the row cannot be used, with its place; None for a sound row. The file goes on behind it, so that
            whoever reads can refuse the file or drop the row.
    """

    number: int
    fields: Mapping[str, Any]
    fault: DataError | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One labelled row (or, with no values and spans, one unlabelled document).

    Args:
        id: unique within the corpus, stable over runs: "source file:row".
        texts: the text fields by name.
        values: the string fields by name.
        file: path of the source file as the recipe gives it.
        row: 1-based row in that file.
        group: rows of equal group never stand on two sides of a split; None when the row is on its own.
        time: when the row is from, in UTC; None when the source does not say.
    """

    id: str
    texts: Mapping[str, Text]
    values: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    row: int = 0
    group: str | None = None
    time: datetime | None = None

    @property
    def text(self) -> Text:
        """The first text; for tasks that have just one."""
        return next(iter(self.texts.values()))


Answer = str | tuple[Span, ...]
"""What a task gives for a record, as gold or as prediction: a label, or labelled spans."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of one record.

    Args:
        answer: the label, or the spans ordered by position.
        confidence: between 0 and 1: the probability of the label, or the lowest probability among the tags of the text.
        scores: for a label, the probability of every label; for spans, the probability of each, keyed by
            "start:end:label".
    """

    answer: Answer
    confidence: float
    scores: Mapping[str, float] = field(default_factory=dict)


def arrow_schema(schema: RecordSchema) -> pa.Schema:
    """The Parquet columns of records: id, file, row, group, time, then the texts (each with its spans), the values."""
    import pyarrow as pa

    span = pa.struct([("start", pa.int64()), ("end", pa.int64()), ("label", pa.string())])
    columns: list[tuple[str, pa.DataType]] = [
        ("id", pa.string()),
        ("file", pa.string()),
        ("row", pa.int64()),
        ("group", pa.string()),
        ("time", pa.timestamp("us", tz="UTC")),
    ]
    columns += [(name, pa.string()) for name in (*schema.texts, *schema.values)]
    columns += [(f"{name}_spans", pa.list_(span)) for name in schema.texts if schema.spans]
    return pa.schema(columns)


def to_arrow(records: Sequence[Record], schema: RecordSchema) -> pa.RecordBatch:
    """One Arrow batch with the columns of `arrow_schema`; a value that a record lacks is null."""
    import pyarrow as pa

    columns: list[Any] = [
        [record.id for record in records],
        [record.file for record in records],
        [record.row for record in records],
        [record.group for record in records],
        [record.time for record in records],
    ]
    columns += [[record.texts[name].content for record in records] for name in schema.texts]
    columns += [[record.values.get(name) for record in records] for name in schema.values]
    if schema.spans:
        columns += [
            [[span._asdict() for span in record.texts[name].spans] for record in records] for name in schema.texts
        ]
    target = arrow_schema(schema)
    arrays = [pa.array(column, type=kind.type) for column, kind in zip(columns, target, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=target)


def from_arrow(batch: pa.RecordBatch, schema: RecordSchema) -> Iterator[Record]:
    """The records of one Arrow batch with the columns of `arrow_schema`."""
    for row in batch.to_pylist():
        texts = {
            name: Text(row[name], tuple(Span(**span) for span in row.get(f"{name}_spans") or ()))
            for name in schema.texts
        }
        values = {name: row[name] for name in schema.values if row[name] is not None}
        yield Record(row["id"], texts, values, row["file"], row["row"], row["group"], row["time"])


def read_records(path: Path, schema: RecordSchema, batch_size: int = 4096) -> Iterator[Record]:
    """The records of a Parquet file, in order, holding `batch_size` of them at a time."""
    for batch in record_batches([path], batch_size):
        yield from from_arrow(batch, schema)


def draw_records(path: Path, schema: RecordSchema, count: int | None, seed: int) -> Iterator[Record]:
    """So many records of a Parquet file, drawn without replacement, in the order of the file; all where it has fewer.

    Args:
        path: the file.
        schema: of its records.
        count: how many; None for all.
        seed: equal seeds draw equal rows.
    """
    import numpy as np
    import pyarrow.parquet as pq

    total = pq.read_metadata(path).num_rows
    if count is None or count >= total:
        yield from read_records(path, schema)
        return
    generator = np.random.Generator(np.random.Philox(key=seed))
    drawn = set(generator.choice(total, count, replace=False).tolist())
    yield from (record for place, record in enumerate(read_records(path, schema)) if place in drawn)


def read_in_batches(
    path: Path, schema: RecordSchema, batch_size: int = 1024, most: int | None = None
) -> Iterator[list[Record]]:
    """The records of a Parquet file, in order, in lists of at most `batch_size`; the first `most` of them or all."""
    left = most
    for batch in record_batches([path], batch_size):
        wanted = batch if left is None else batch.slice(0, left)
        if not len(wanted):
            return
        left = None if left is None else left - len(wanted)
        yield list(from_arrow(wanted, schema))


def record_batches(paths: Iterable[Path], batch_size: int, columns: Sequence[str] | None = None) -> Iterator[Any]:
    """Arrow batches of Parquet files, one file after the other, with the columns asked for or all.

    No batch is larger than a row group, so that `write_records` bounds the memory it takes.
    """
    import pyarrow.parquet as pq

    for path in paths:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                yield from file.iter_batches(batch_size, [group], list(columns) if columns else None)


def write_records(path: Path, records: Iterable[Record], schema: RecordSchema, batch_size: int = 4096) -> int:
    """Writes records to a Parquet file, holding `batch_size` of them at a time; returns how many there were.

    Where texts are long, fewer are held, and stand in a row group together.
    """
    import pyarrow.parquet as pq

    count, characters, batch = 0, 0, []
    with pq.ParquetWriter(path, arrow_schema(schema)) as writer:
        for record in records:
            batch.append(record)
            characters += sum(len(text.content) for text in record.texts.values())
            if len(batch) == batch_size or characters >= _BATCH_CHARACTERS:
                writer.write_batch(to_arrow(batch, schema))
                count, characters, batch = count + len(batch), 0, []
        if batch:
            writer.write_batch(to_arrow(batch, schema))
    return count + len(batch)
