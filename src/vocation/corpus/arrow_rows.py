"""Rows of Arrow batches: plain values, and the names of labels that are kept as numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.corpus.arrow_limits import safe_batches
from vocation.errors import DataError
from vocation.records import Row

if TYPE_CHECKING:
    import pyarrow as pa

Convert = Callable[[Any], Any]


def rows_of(batches: Iterable[pa.RecordBatch], schema: pa.Schema, path: Path) -> Iterator[Row]:
    """The rows of some batches, numbered from 1.

    Dates and times become ISO 8601, decimals their digits; members of a struct that are null are left out. Where the
    schema has the features of a Hugging Face dataset, class labels become their names, and no label null.

    Raises:
        DataError: a column holds times that are finer than a microsecond, or a batch is too large to be meant.
        UnicodeDecodeError: the name of a column is no text, in a damaged file.
        pa.ArrowInvalid: a batch is damaged.
    """
    import pyarrow as pa

    features = _features(schema)
    converts = [(field.name, _convert(field.type, features.get(field.name))) for field in schema]
    wanted = [(name, convert) for name, convert in converts if convert is not None]
    number = 0
    for batch in safe_batches(batches, schema, path):
        try:
            rows = batch.to_pylist()
        except (pa.ArrowInvalid, ValueError, OverflowError) as error:
            raise DataError(
                "A value cannot be read",
                file=path,
                row=number + 1,
                received=str(error)[:120],
                remedy="times must be no finer than a microsecond and lie between the years 1 and 9999",
            ) from error
        for row in rows:
            number += 1
            for name, convert in wanted:
                row[name] = convert(row[name])
            yield Row(number, row)


def _features(schema: pa.Schema) -> Mapping[str, Any]:
    """What the `datasets` library wrote beside the schema: the feature of each column."""
    try:
        return dict(json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"])
    except (KeyError, ValueError, TypeError):
        return {}  # Of another program, or of none.


def _convert(kind: pa.DataType, feature: Any) -> Convert | None:
    """What turns a column's Python values into plain ones; None where they are plain already."""
    from pyarrow import types

    if isinstance(feature, Mapping) and feature.get("_type") == "ClassLabel" and feature.get("names"):
        return _label(tuple(feature["names"]))
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        inner = _convert(kind.value_type, _item_feature(feature))
        return None if inner is None else lambda values: None if values is None else [inner(value) for value in values]
    if types.is_struct(kind):
        known = feature if isinstance(feature, Mapping) else {}
        inside = {field.name: _convert(field.type, known.get(field.name)) for field in kind}
        return lambda value: None if value is None else _members(value, inside)
    if types.is_map(kind):
        return lambda value: None if value is None else dict(value)
    return _plain if types.is_temporal(kind) or types.is_decimal(kind) else None


def _item_feature(feature: Any) -> Any:
    if isinstance(feature, list):
        return feature[0] if feature else None
    return feature.get("feature") if isinstance(feature, Mapping) else None


def _label(names: tuple[str, ...]) -> Convert:
    return lambda value: names[value] if isinstance(value, int) and 0 <= value < len(names) else None


def _members(value: Mapping[str, Any], inside: Mapping[str, Convert | None]) -> dict[str, Any]:
    result = {}
    for name, member in value.items():
        if member is not None:
            convert = inside[name]
            result[name] = member if convert is None else convert(member)
    return result


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | timedelta) else value
