"""JSON lines: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from vocation.corpus import json_rows
from vocation.corpus.formats import WritableFormat
from vocation.records import Row


class Jsonl(WritableFormat):
    """One JSON object a line; its keys are the columns, and its values keep their types."""

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson")

    def rows(self, path: Path) -> Iterator[Row]:
        with self.open(path) as file:
            yield from json_rows.read_lines(file, path)

    def write(self, path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
        return json_rows.write_lines(path, rows)
