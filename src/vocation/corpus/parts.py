"""The first pass: every source file read and cleaned, in parts that a killed run does not do again.

A part is a large file, or some small ones. What comes of it (records, ledger, description of its files) is published
whole in a scratch folder; a run that finds it there goes on behind it.
"""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from vocation.artifacts import publish, write_json
from vocation.cleaning import CleaningStep
from vocation.corpus import reading
from vocation.corpus.clean import Chain, Link
from vocation.corpus.near_duplicates.threads import available_cores
from vocation.corpus.opening import watched
from vocation.corpus.outcome import describe_file
from vocation.corpus.reading import InvalidRows, SourceFile
from vocation.corpus.workers import map_batches
from vocation.ledger import Ledger
from vocation.progress import SILENT, Bar, Progress
from vocation.records import Record, read_records, write_records
from vocation.tasks import Task

_PART = 1 << 24
"""Bytes of source files from which on a part is full."""
_BATCH = 512
_WARM = 16
_WORTH_PROCESSES = 1 << 23
"""Bytes of source files from which on it may be worth to start processes that clean."""
_WORTH_SENDING = 150e-6
"""Seconds of cleaning a record from which on it is faster to send it to another process: measured on two cores with
one text a record, where sending, receiving and unpacking took about 100 microseconds."""
_RECORDS, _FILES = "records.parquet", "files.json"


@dataclass(frozen=True)
class FirstPass:
    """What is read, and how.

    Args:
        files: all source files, in order.
        task: makes records of rows.
        invalid_rows: what happens to rows that cannot be used.
        processes: how many clean at once; None for one a core where that is faster.
        progress: shows how far it is.
        withhold: whether the ledger gets only the places of rows that cannot be used (see `reading.read`).
    """

    files: Sequence[SourceFile]
    task: Task
    invalid_rows: InvalidRows
    processes: int | None
    progress: Progress
    withhold: bool = False

    def learn(self, steps: Sequence[CleaningStep], chain: Callable[[Sequence[Link]], Chain], folder: Path) -> Chain:
        """The chain, with what its learning steps know once they have seen the whole corpus.

        Args:
            steps: of the recipe; each learning step costs a pass over all files.
            chain: makes a chain of steps as they act.
            folder: for what is not kept.
        """
        links: list[Link] = []
        for step in steps:
            if step.learns:
                counts, texts = self._observe(step, chain(links), folder / "learning")
                links.append(Link(step.kind, step.learned(counts, texts), step.divides))
            else:
                links.append(Link.of(step))
        return chain(links)

    def write(self, chain: Chain, folder: Path, add: Callable[[Record], None]) -> list[Path]:
        """Reads and cleans everything.

        Args:
            chain: cleans.
            folder: for what is not kept.
            add: called with every record that stays, in order.

        Returns:
            The folders of the parts, in order.
        """
        groups = list(_grouped(self.files))
        targets = [folder / f"{number:05d}" for number in range(len(groups))]
        done = [target.exists() for target in targets]
        if any(done):
            self.progress.note(f"going on after {sum(done)} of {len(groups)} parts of the files")
        processes = self._chosen(chain, folder)
        with self._bar("reading") as shown:
            for group, target in zip(groups, targets, strict=True):
                if target.exists():
                    shown.skip(group)
                    for record in read_records(records_of(target), self.task.record_schema):
                        add(record)
                else:
                    self._write_part(group, chain, target, _Part(shown, add, processes))
        return targets

    def _write_part(self, files: Sequence[SourceFile], chain: Chain, target: Path, part: _Part) -> None:
        partial = target.with_name(f"{target.name}-partial")
        if partial.exists():
            shutil.rmtree(partial)
        partial.mkdir(parents=True)
        rows: Counter[str] = Counter()
        with Ledger(partial) as ledger:

            def cleaned() -> Iterator[Record]:
                for file in files:
                    for record in self._cleaned(file, chain, ledger, part):
                        part.add(record)
                        yield record
                    rows[file.name] = part.shown.rows_of_file

            write_records(partial / _RECORDS, cleaned(), self.task.record_schema)
        write_json(partial / _FILES, [describe_file(file, rows[file.name]) for file in files])
        publish(partial, target)

    def _cleaned(self, file: SourceFile, chain: Chain, ledger: Ledger, part: _Part) -> Iterator[Record]:
        for sources, cleaned in map_batches(chain, self._read(file, ledger, part.shown), _BATCH, part.processes):
            cleaned.enter(sources, file.split, ledger)
            for records in cleaned.records:
                yield from records

    def _read(self, file: SourceFile, ledger: Ledger, shown: _Shown) -> Iterator[Record]:
        with shown.file(file):
            for record in reading.read(file, self.task, self.invalid_rows, ledger, withhold=self.withhold):
                shown.row()
                if record:
                    yield record

    def _observe(self, step: CleaningStep, chain: Chain, folder: Path) -> tuple[Counter[int], int]:
        folder.mkdir(parents=True, exist_ok=True)
        counts: Counter[int] = Counter()
        texts = 0
        observe, processes = _Observe(chain, step), self._chosen(chain, folder)
        with self._bar(f"learning {step.kind}") as shown, Ledger(folder) as ledger:
            for file in self.files:
                for _, (found, seen) in map_batches(observe, self._read(file, ledger, shown), _BATCH, processes):
                    counts.update(found)
                    texts += seen
        shutil.rmtree(folder)
        return counts, texts

    def _chosen(self, chain: Chain, folder: Path) -> int:
        """How many processes clean: as many as were asked for, else one a core if a first batch takes long enough."""
        if self.processes is not None:
            return self.processes
        if sum(map(_size, self.files)) < _WORTH_PROCESSES:
            return 1
        trial = folder / "trial"
        trial.mkdir(parents=True, exist_ok=True)
        with Ledger(trial) as ledger:
            shown = _Shown(SILENT.bar("", None, "").__enter__())
            records = list(islice(self._read(self.files[0], ledger, shown), _BATCH))
        shutil.rmtree(trial)
        chain(records[:_WARM])
        started = time.perf_counter()
        chain(records)
        slow = time.perf_counter() - started > _WORTH_SENDING * len(records)
        return available_cores() if slow else 1

    def _bar(self, description: str) -> _Bars:
        return _Bars(self.progress, description, self.files)


@dataclass(frozen=True, slots=True)
class _Observe:
    """The first half of learning, for a batch; picklable."""

    chain: Chain
    step: CleaningStep

    def __call__(self, records: Sequence[Record]) -> tuple[Counter[int], int]:
        return self.chain.observe(records, self.step)


@dataclass(frozen=True, slots=True)
class _Part:
    """Where the reading of a part tells how far it is and what it read, and on how many processes it cleans."""

    shown: _Shown
    add: Callable[[Record], None]
    processes: int


def records_of(part: Path) -> Path:
    """The Parquet file with the cleaned records of a part."""
    return part / _RECORDS


def described(parts: Sequence[Path]) -> list[dict[str, Any]]:
    """What the manifest says of the source files, in order."""
    return [file for part in parts for file in json.loads((part / _FILES).read_text(encoding="utf-8"))]


def _grouped(files: Sequence[SourceFile]) -> Iterator[list[SourceFile]]:
    group, size = list[SourceFile](), 0
    for file in files:
        group.append(file)
        size += _size(file)
        if size >= _PART:
            yield group
            group, size = [], 0
    if group:
        yield group


def _size(file: SourceFile) -> int:
    """Bytes of a file, or of all files of a folder that is one source."""
    if file.path.is_dir():
        return sum(path.stat().st_size for path in file.path.rglob("*") if path.is_file())
    return file.path.stat().st_size


class _Bars:
    """A bar over the kilobytes of all files, with the rows beside it."""

    def __init__(self, progress: Progress, description: str, files: Sequence[SourceFile]) -> None:
        self._context = progress.bar(description, sum(map(_kilobytes, files)), "KB")

    def __enter__(self) -> _Shown:
        return _Shown(self._context.__enter__())

    def __exit__(self, *error: Any) -> None:
        self._context.__exit__(*error)


class _Shown:
    """How far the reading is.

    Args:
        bar: counts kilobytes.
    """

    def __init__(self, bar: Bar) -> None:
        self._bar, self._clock, self._rows = bar, time.monotonic(), 0
        self.rows_of_file = 0
        self._position: Callable[[], int] = lambda: 0
        self._counted = 0

    def skip(self, files: Sequence[SourceFile]) -> None:
        """Files that an earlier run read."""
        self._bar.advance(sum(map(_kilobytes, files)))

    @contextmanager
    def file(self, file: SourceFile) -> Iterator[None]:
        """Around the reading of a file."""
        self.rows_of_file = self._counted = 0
        with watched() as self._position:
            yield
        self._bar.advance(_kilobytes(file) - self._counted, self._status())

    def row(self) -> None:
        """One more row."""
        self._rows += 1
        self.rows_of_file += 1
        if self._rows % _BATCH == 0:
            read = self._position() >> 10
            self._bar.advance(read - self._counted, self._status())
            self._counted = read

    def _status(self) -> str:
        return f"{self._rows:,} rows, {self._rows / max(time.monotonic() - self._clock, 1e-9):,.0f} rows/s"


def _kilobytes(file: SourceFile) -> int:
    return _size(file) >> 10
