"""The ledger: what was dropped, edited, cut, refused or found, why, how often, and the rows themselves.

The rows go to `ledger.parquet` as they come, a batch at a time; the counts go to `ledger.json`. Row contents stand in
the artifact alone, never in a log.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from vocation.records import Record

Action = Literal["dropped", "edited", "cut", "refused", "reported"]
_COLUMNS = ("action", "step", "reason", "split", "file", "row", "id", "detail", "content")
_BATCH, _BATCH_CHARACTERS = 4096, 1 << 24
"""Rows, and characters of their contents, from which on a batch is written."""


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened.

    Args:
        action: what was done: the row was dropped, edited, cut short, refused, or only reported.
        step: kind of the component that did it.
        reason: why, in the words of the step.
        count: how many rows (or spans, or tokens: the reason says).
    """

    action: Action
    step: str
    reason: str
    count: int


class Ledger:
    """Collects entries during a stage and writes them to its folder; use as a context manager.

    Args:
        folder: the artifact's folder; it gets `ledger.parquet` and `ledger.json`.
    """

    def __init__(self, folder: Path) -> None:
        self._closed = False
        self._begin(folder)

    def add(
        self,
        action: Action,
        step: str,
        reason: str,
        record: Record,
        *,
        split: str | None = None,
        detail: str = "",
    ) -> None:
        """Enters one record, with its texts."""
        content = " ⏎ ".join(text.content for text in record.texts.values())
        self.add_row(action, step, reason, record.file, record.row, content, split=split, id=record.id, detail=detail)

    def add_row(
        self,
        action: Action,
        step: str,
        reason: str,
        file: str,
        row: int,
        content: str,
        *,
        split: str | None = None,
        id: str = "",
        detail: str = "",
    ) -> None:
        """Enters one row that never became a record, or whose record is not at hand."""
        self._counts[action, step, reason] += 1
        self._append((action, step, reason, split, file, row, id, detail, content))

    def add_file(self, action: Action, step: str, reason: str, file: str, count: int) -> None:
        """Enters what happened so many times in a file, as one entry with the row 0 and the number as its detail."""
        if count:
            self._counts[action, step, reason] += count
            self._append((action, step, reason, None, file, 0, "", str(count), ""))

    def count(self, action: Action, step: str, reason: str, count: int) -> None:
        """Adds to a count without keeping rows; for edits, whose rows live on in the output."""
        if count:
            self._counts[action, step, reason] += count

    def absorb(self, folder: Path) -> None:
        """Adds what another ledger left in its folder: counts and rows."""
        for count in read_counts(folder):
            self._counts[count.action, count.step, count.reason] += count.count
        for entry in stream_entries(folder):
            self._append(tuple(entry[name] for name in _COLUMNS))

    def summary(self) -> list[Count]:
        """The counts, ordered by action, step and reason."""
        return [Count(*key, count) for key, count in sorted(self._counts.items())]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Finishes the files. Nothing can be entered afterwards, unless it is turned to another folder."""
        if self._closed:
            return
        self._closed = True
        self._flush()
        self._writer.close()
        text = json.dumps([asdict(count) for count in self.summary()], ensure_ascii=False, indent=1)
        (self.folder / "ledger.json").write_text(text, encoding="utf-8")

    def turn(self, folder: Path) -> None:
        """Finishes the files, and goes on in another folder with nothing entered."""
        self.close()
        self._begin(folder)

    def _begin(self, folder: Path) -> None:
        self.folder = folder
        self._closed = False
        self._counts: Counter[tuple[Action, str, str]] = Counter()
        self._rows: list[tuple[Any, ...]] = []
        self._characters = 0
        self._writer: Any = None

    def _append(self, row: tuple[Any, ...]) -> None:
        if self._closed:
            raise ValueError(f"the ledger of {self.folder} is closed")
        self._rows.append(row)
        self._characters += len(row[-1])
        if len(self._rows) >= _BATCH or self._characters >= _BATCH_CHARACTERS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        kinds = {"row": pa.int64()}
        schema = pa.schema([(name, kinds.get(name, pa.string())) for name in _COLUMNS])
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.folder / "ledger.parquet", schema)
        if self._rows:
            columns = [
                pa.array(column, kind.type) for column, kind in zip(zip(*self._rows, strict=True), schema, strict=True)
            ]
            self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
            self._rows, self._characters = [], 0


def read_counts(folder: Path) -> list[Count]:
    """The counts that a stage left in its folder."""
    entries: list[Mapping[str, Any]] = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    return [Count(**entry) for entry in entries]


def stream_entries(folder: Path) -> Iterator[dict[str, Any]]:
    """All entries that a stage left in its folder, a batch in memory at a time."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(folder / "ledger.parquet") as file:
        for batch in file.iter_batches(batch_size=_BATCH):
            yield from batch.to_pylist()


def read_entries(folder: Path, limit: int = 1000, reason: str | None = None) -> list[dict[str, Any]]:
    """The first `limit` entries that a stage left in its folder, as mappings with the ledger's columns."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    found: list[dict[str, Any]] = []
    with pq.ParquetFile(folder / "ledger.parquet") as file:
        for batch in file.iter_batches(batch_size=_BATCH):
            rows = batch if reason is None else batch.filter(pc.equal(batch.column("reason"), pa.scalar(reason)))
            found += rows.slice(0, limit - len(found)).to_pylist()
            if len(found) >= limit:
                break
    return found
