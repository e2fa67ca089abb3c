"""Parquet: a table with types, read and written in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from vocation.corpus import opening
from vocation.corpus.arrow_rows import rows_of
from vocation.corpus.file_types import mistaken_binary
from vocation.corpus.formats import WritableFormat
from vocation.corpus.row_faults import empty, nothing_to_write, unkeepable
from vocation.corpus.span_form import SpanForm, SpanKeys, SpanOffsets
from vocation.errors import DataError
from vocation.records import Row

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 1024
_MARK = b"PAR1"
"""How a Parquet file begins and ends."""
_SAMPLE = 8192
"""Rows from which the types of columns are taken."""


class Parquet(WritableFormat):
    """A Parquet file; its columns keep their types, dates and times become ISO 8601.

    Class labels of a Hugging Face dataset become their names. When rows are written, the first 8,192 say the types; a
    field that a row lacks is null, and members of a mapping that are null are left out when they are read back.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".parquet",)
    binary: ClassVar[bool] = True
    tabular: ClassVar[bool] = True

    span_keys: SpanKeys = Field(default_factory=dict)
    offsets: SpanOffsets = "code_points"

    def other_columns(self) -> tuple[str, ...]:
        return self._form().other_columns()

    def rows(self, path: Path) -> Iterator[Row]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not path.stat().st_size:
            raise empty(path, "a Parquet file")
        try:
            with pq.ParquetFile(path) as file:
                metadata, schema = file.metadata, file.schema_arrow
            if not metadata.num_rows:
                raise empty(path, "a table with at least one row", found="a table without rows")
            columns = (metadata.schema.column(place) for place in range(metadata.num_columns))
            texts = [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]
            with pq.ParquetFile(path, read_dictionary=texts) as file:
                rows = rows_of(file.iter_batches(batch_size=_BATCH), schema, path)
                yield from self._form().rows(rows, path)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise _damaged(path, error) from error

    def _form(self) -> SpanForm:
        return SpanForm(self.span_keys, self.offsets, self.columns)

    def write(self, path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
        import pyarrow.parquet as pq

        source = iter(rows)
        sample = list(islice(source, _SAMPLE))
        if not sample:
            raise nothing_to_write(path)
        schema = _schema(sample, path)
        count = 0
        with opening.writing_bytes(path) as file, pq.ParquetWriter(file, schema) as writer:
            while sample:
                writer.write_batch(_batch(sample, schema, path, count))
                count += len(sample)
                sample = list(islice(source, _BATCH))
        return count


def _schema(rows: Sequence[Mapping[str, Any]], path: Path) -> pa.Schema:
    """The columns of all rows, each of the type that its values say; strings where there are none."""
    import pyarrow as pa

    names = dict.fromkeys(name for row in rows for name in row)
    if not names:
        raise unkeepable(path, 1, None, "The row has no fields", {}, "give every row at least one field")
    fields = []
    for name in names:
        try:
            kind = pa.array([row.get(name) for row in rows]).type
            fields.append(pa.field(name, pa.string() if pa.types.is_null(kind) else kind))
        except (pa.ArrowException, ValueError, OverflowError) as error:
            raise _mixed(rows, name, path, error) from error
    return pa.schema(fields)


def _mixed(rows: Sequence[Mapping[str, Any]], name: str, path: Path, error: Exception) -> DataError:
    """The error for a column without one type; names the first row that does not go with those before it."""
    import pyarrow as pa

    for number in range(1, len(rows) + 1):
        try:
            pa.array([row.get(name) for row in rows[:number]])
        except (pa.ArrowException, ValueError, OverflowError):
            return _unlike(path, number, name, rows[number - 1].get(name), error)
    return _unlike(path, 1, name, rows[0].get(name), error)


def _batch(rows: Sequence[Mapping[str, Any]], schema: pa.Schema, path: Path, before: int) -> pa.RecordBatch:
    import pyarrow as pa

    for number, row in enumerate(rows, start=before + 1):
        if unknown := [name for name in row if name not in schema.names]:
            raise unkeepable(
                path,
                number,
                unknown[0],
                f"The column first stands after more than {_SAMPLE:,} rows",
                row[unknown[0]],
                "give it to the first rows as well (null where it has no value), or write JSON lines",
            )
    arrays = []
    for field in schema:
        values = [row.get(field.name) for row in rows]
        try:
            arrays.append(pa.array(values, type=field.type))
        except (pa.ArrowException, ValueError, OverflowError) as error:
            place = next(place for place, value in enumerate(values) if not _fits(value, field.type))
            raise _unlike(path, before + place + 1, field.name, values[place], error) from error
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _fits(value: Any, kind: pa.DataType) -> bool:
    import pyarrow as pa

    try:
        pa.array([value], type=kind)
    except (pa.ArrowException, ValueError, OverflowError):
        return False
    return True


def _unlike(path: Path, number: int, name: str, value: Any, error: Exception) -> DataError:
    return unkeepable(
        path,
        number,
        name,
        f"The value is not of the column's type: {str(error)[:80]}",
        value,
        "give all values of a column one type (such as strings), or write JSON lines",
    )


def _damaged(path: Path, error: Exception) -> DataError:
    if other := mistaken_binary(path, "a Parquet file"):
        return other
    with path.open("rb") as file:
        begins = file.read(len(_MARK)) == _MARK
        size = file.seek(0, 2)
        file.seek(max(0, size - len(_MARK)))
        ends = file.read() == _MARK
    marks = {
        (True, True): f"a fault between its marks ({str(error)[:60]})",
        (True, False): "no end mark: it is cut off",
    }
    return DataError(
        "The Parquet file is damaged or cut off, or is no Parquet file",
        file=path,
        received=f"{size} bytes, {marks.get((begins, ends), 'which do not begin as Parquet does')}",
        remedy="write it again, or copy it again from where it came",
    )
