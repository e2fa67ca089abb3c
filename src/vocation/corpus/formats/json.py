"""JSON: one array of objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from vocation.corpus import json_rows
from vocation.corpus.formats import WritableFormat
from vocation.corpus.span_form import SpanForm, SpanKeys, SpanOffsets
from vocation.records import Row


class Json(WritableFormat):
    """An array of JSON objects, or an object with such an array; read item by item, however large the file is.

    An object whose values are all objects is rows too: `{"a": {"text": "…"}, …}`; the name of each is its `id`.

    The keys of an object are the columns, and its values keep their types. A row's number is its place in the array,
    from 1. For files with one object a line, use `jsonl`.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    key: str | None = Field(
        default=None,
        description="Where the array stands in a file that holds one object. Without it, the object must have just "
        "one array of objects, or objects alone.",
    )

    span_keys: SpanKeys = Field(default_factory=dict)
    offsets: SpanOffsets = "code_points"

    def other_columns(self) -> tuple[str, ...]:
        return self._form().other_columns()

    def rows(self, path: Path) -> Iterator[Row]:
        with self.open(path) as file:
            yield from self._form().rows(json_rows.read_array(file, path, self.key), path)

    def _form(self) -> SpanForm:
        return SpanForm(self.span_keys, self.offsets, self.columns)

    def write(self, path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
        return json_rows.write_array(path, rows, self.key)
