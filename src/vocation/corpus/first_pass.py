"""The first pass: every source file read and cleaned, in parts that a killed run does not do again."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from vocation.artifacts import write_json
from vocation.cleaning import CleaningStep
from vocation.corpus import reading
from vocation.corpus.clean import Chain, Link
from vocation.corpus.outcome import describe_file
from vocation.corpus.parts import Place, described, finished, new_part, reached, records_of, write_state
from vocation.corpus.reading import BrokenCells, InvalidRows, SourceFile
from vocation.corpus.reading_bar import ReadingBar, file_size, reading_bar
from vocation.corpus.workers import available_cores, map_batches
from vocation.ledger import Ledger
from vocation.progress import SILENT, Progress
from vocation.records import Record, read_records, write_records
from vocation.tasks import Task

_PART = 1 << 22
"""Characters of texts from which on a part is full: what a killed run may have to clean again. A second's work where
cleaning is light, a minute's where it is heavy; to publish a part takes some 20 milliseconds."""
_ROW = 64
"""Characters that a row counts for besides its texts."""
_BATCH, _BATCH_CHARACTERS = 512, 1 << 20
"""Records and characters from which on a batch is full."""
_WARM = 16
_WORTH_PROCESSES = 1 << 23
"""Bytes of source files from which on it may be worth to start processes that clean."""
_WORTH_SENDING = 150e-6
"""Seconds of cleaning a record from which on it is faster to send it to another process: measured on two cores with
one text a record, where sending, receiving and unpacking took about 100 microseconds."""


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
            steps: of the recipe; each learning step costs a pass over all files, which a later run does not do again.
            chain: makes a chain of steps as they act.
            folder: for what is not kept.
        """
        links: list[Link] = []
        for place, step in enumerate(steps):
            if step.learns:
                counts, texts = self._observed(step, chain(links), folder, folder / f"observed-{place}.json")
                links.append(Link(step.kind, step.learned(counts, texts), step.divides))
            else:
                links.append(Link.of(step))
        return chain(links)

    def write(self, chain: Chain, folder: Path, add: Callable[[Record], None]) -> list[Path]:
        """Reads and cleans everything that an earlier run has not.

        The rows of a file that an earlier run came to the middle of are read again, which takes little, and not cleaned
        again.

        Args:
            chain: cleans.
            folder: for what is not kept.
            add: called with every record that stays, in order.

        Returns:
            The folders of the parts, in order.
        """
        done = finished(folder)
        start = reached(done)
        if done:
            rows = sum(file["rows"] for file in described(done)) + start.rows
            self.progress.note(f"going on behind {rows:,} rows that are done")
        for part in done:
            for record in read_records(records_of(part), self.task.record_schema):
                add(record)
        if start.files == len(self.files):
            return done
        processes = self._chosen(chain, folder)
        with (
            reading_bar(self.progress, "reading", self._paths(), start.files) as bar,
            _scratch(folder / "skipped") as ledger,
        ):
            cursor = _Cursor(start.files)
            rows = self._rows(cursor, ledger, bar)
            deque(islice(rows, start.rows), maxlen=0)
            while cursor.files < len(self.files):
                with new_part(folder, len(done)) as part:
                    ledger.turn(part)
                    cleaned = self._cleaned(chain, _until_full(rows), processes, ledger)
                    write_records(records_of(part), _each(cleaned, add), self.task.record_schema)
                    ledger.close()
                    ended = [describe_file(*ended) for ended in cursor.take_ended()]
                    write_state(part, ended, Place(cursor.files, cursor.rows))
                done = finished(folder)
        return done

    def _rows(self, cursor: _Cursor, ledger: Ledger, bar: ReadingBar) -> Iterator[Record | None]:
        """All rows from the cursor's file on, None for one that cannot be used; moves the cursor."""
        for file in self.files[cursor.files :]:
            broken = BrokenCells()
            with bar.file(file.path):
                for record in reading.read(
                    file, self.task, self.invalid_rows, ledger, withhold=self.withhold, broken=broken
                ):
                    cursor.rows += 1
                    bar.row()
                    yield record
            cursor.end(file, broken)

    def _cleaned(self, chain: Chain, records: Iterable[Record], processes: int, ledger: Ledger) -> Iterator[Record]:
        splits = {file.name: file.split for file in self.files}
        for sources, cleaned in map_batches(chain, _batched(records), processes):
            cleaned.enter(sources, splits, ledger)
            for made in cleaned.records:
                yield from made

    def _observed(self, step: CleaningStep, chain: Chain, folder: Path, kept: Path) -> tuple[Counter[int], int]:
        """What a step wants counted in all texts, and how many texts there are; kept for a later run."""
        if kept.exists():
            known = json.loads(kept.read_text(encoding="utf-8"))
            return Counter({int(key): count for key, count in known["counts"].items()}), known["texts"]
        counts: Counter[int] = Counter()
        texts = 0
        observe, processes = _Observe(chain, step), self._chosen(chain, folder)
        with (
            reading_bar(self.progress, f"learning {step.kind}", self._paths()) as bar,
            _scratch(folder / "learning") as ledger,
        ):
            rows = self._rows(_Cursor(), ledger, bar)
            for _, (found, seen) in map_batches(observe, _batched(filter(None, rows)), processes):
                counts.update(found)
                texts += seen
        write_json(kept, {"texts": texts, "counts": {key: count for key, count in counts.items() if count > 1}})
        return counts, texts

    def _paths(self) -> list[Path]:
        return [file.path for file in self.files]

    def _chosen(self, chain: Chain, folder: Path) -> int:
        """How many processes clean: as many as were asked for, else one a core if a first batch takes long enough."""
        if self.processes is not None:
            return self.processes
        if sum(map(file_size, self._paths())) < _WORTH_PROCESSES:
            return 1
        with reading_bar(SILENT, "trial", self._paths()) as bar, _scratch(folder / "trial") as ledger:
            records = next(_batched(filter(None, self._rows(_Cursor(), ledger, bar))), [])
        chain(records[:_WARM])
        started = time.perf_counter()
        chain(records)
        slow = time.perf_counter() - started > _WORTH_SENDING * len(records)
        return available_cores() if slow else 1


@dataclass(frozen=True, slots=True)
class _Observe:
    """The first half of learning, for a batch; picklable."""

    chain: Chain
    step: CleaningStep

    def __call__(self, records: Sequence[Record]) -> tuple[Counter[int], int]:
        return self.chain.observe(records, self.step)


@dataclass(slots=True)
class _Cursor:
    """How far the files have been read.

    Args:
        files: how many to their end.
        rows: how many rows of the next one.
        ended: files that came to their end and are not described yet, with their rows and broken cells.
    """

    files: int = 0
    rows: int = 0
    ended: list[tuple[SourceFile, int, BrokenCells]] = field(default_factory=list)

    def end(self, file: SourceFile, broken: BrokenCells) -> None:
        """A file has come to its end."""
        self.ended.append((file, self.rows, broken))
        self.files, self.rows = self.files + 1, 0

    def take_ended(self) -> list[tuple[SourceFile, int, BrokenCells]]:
        """The files that came to their end since this was asked last."""
        ended, self.ended = self.ended, []
        return ended


def _until_full(rows: Iterator[Record | None]) -> Iterator[Record]:
    """The records of the rows of one part."""
    characters = 0
    for record in rows:
        if record:
            characters += _characters(record)
            yield record
        characters += _ROW
        if characters >= _PART:
            return


def _batched(records: Iterable[Record]) -> Iterator[list[Record]]:
    batch, characters = list[Record](), 0
    for record in records:
        batch.append(record)
        characters += _characters(record)
        if len(batch) == _BATCH or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _characters(record: Record) -> int:
    return sum(len(text.content) for text in record.texts.values())


def _each(records: Iterable[Record], add: Callable[[Record], None]) -> Iterator[Record]:
    """The records, each shown to a function on its way."""
    for record in records:
        add(record)
        yield record


@contextmanager
def _scratch(folder: Path) -> Iterator[Ledger]:
    """A ledger that nobody will read, until it is turned to another folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with Ledger(folder) as ledger:
        yield ledger
    shutil.rmtree(folder)
