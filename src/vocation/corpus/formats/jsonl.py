"""JSON lines: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from vocation.corpus import json_rows
from vocation.corpus.formats import WritableFormat
from vocation.corpus.span_form import SpanForm, SpanKeys, SpanOffsets
from vocation.records import Row


class Jsonl(WritableFormat):
    """One JSON object a line; its keys are the columns, and its values keep their types."""

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson")

    span_keys: SpanKeys = Field(default_factory=dict)
    offsets: SpanOffsets = "code_points"

    def other_columns(self) -> tuple[str, ...]:
        return self._form().other_columns()

    def rows(self, path: Path) -> Iterator[Row]:
        with self.open(path) as file:
            yield from self._form().rows(json_rows.read_lines(file, path), path)

    def _form(self) -> SpanForm:
        return SpanForm(self.span_keys, self.offsets, self.columns)

    def write(self, path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
        return json_rows.write_lines(path, rows)
