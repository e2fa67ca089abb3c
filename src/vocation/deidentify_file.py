"""A data file without its identifiers: what `vocation deidentify` does."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from vocation.corpus import opening
from vocation.corpus.format_choice import format_of, require_free
from vocation.corpus.formats import Format, WritableFormat
from vocation.corpus.read_errors import read_errors
from vocation.corpus.reading_bar import ReadingBar, reading_bar
from vocation.corpus.workers import available_cores, map_batches
from vocation.deidentification.audit import Audit
from vocation.deidentification.deidentifier import Deidentifier
from vocation.deidentification.field_names import FieldNames
from vocation.deidentification.review import Place as ReviewPlace
from vocation.deidentification.risk import Residual, residual_risk
from vocation.deidentification.row_texts import texts_of, with_texts
from vocation.deidentification.rows import RowResult, RowWork
from vocation.deidentification.settings import Deidentification
from vocation.deidentification.vault import read_vault, restore, write_vault
from vocation.errors import DataError, RecipeError, did_you_mean
from vocation.progress import SILENT, Progress
from vocation.records import Row
from vocation.text import Span, Text

_BATCH = 256  # Rows de-identified together.
_WARM = 16  # Rows that load lists and compile patterns before time is taken.
_WORTH_PROCESSES = 1 << 22
"""Bytes of a file from which on it may be worth to start processes."""
_WORTH_SENDING = 150e-6
"""Seconds a text from which on it is faster to send it to another process; see `vocation.corpus.first_pass`."""
_TEXT_SUFFIX = ".txt"

Fields = Mapping[str, Any]


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
        audit: takes what is found, for its report; None for no audit.
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
    audit: Audit | None = None
    processes: int | None = None

    def run(self, progress: Progress = SILENT) -> Summary:
        """De-identifies the file; the target is whole or absent, and never there without its vault.

        Raises:
            RecipeError: a method needs a key and there is none, or an ending says no format.
            DataError: the source cannot be read, lacks a column, or has an identifier in the name of a field.
            ArtifactError: the target is there already, it or the vault cannot be written, or the vault that is there
                has another key.
            MissingExtraError: a package of the extra `deidentification` is missing.
            ResourceError: a process died.
        """
        tally = _Tally(self, progress)
        _require_file(self.source)
        if self.target is None:
            deque(tally.rows(), maxlen=0)
            return tally.summary(None)
        require_free(self.source, self.target, overwrite=self.overwrite)
        vault = self._vault(self.target) if self.settings.reversible() else None
        _rewrite(self.source, self.target, _sealing(tally, vault, self.settings), progress)
        return tally.summary(vault if tally.total else None)

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
        one_document = opening.content_suffix(job.source) == _TEXT_SUFFIX
        self._work = RowWork(
            Deidentifier(job.settings), job.source.name, job.columns, job.whole, job.group, one_document
        )
        self.counts: Counter[tuple[str, str]] = Counter()
        self.pseudonyms: dict[str, str] = {}
        self.total, self.touched = 0, 0

    def rows(self) -> Iterator[Fields]:
        """The rows' fields without identifiers."""
        processes = self._processes()
        with reading_bar(self._progress, "de-identifying", [self._job.source]) as bar:
            rows = self._named(_watched(self._job.source, bar))
            for _, done in map_batches(self._work, self._batches(rows), processes):
                for row in done:
                    self._count(row)
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
        while batch := list(islice(rows, _BATCH)):
            for row in batch:
                _require(row, self._work.required())
            yield batch

    def _processes(self) -> int:
        """As many as were asked for; else one a core, if the first batch takes long enough in this process."""
        if self._job.processes is not None:
            return self._job.processes
        if not self._job.source.is_file() or self._job.source.stat().st_size < _WORTH_PROCESSES:
            return 1
        batch = next(self._batches(_rows(self._job.source)), [])
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
                self._job.audit.add(ReviewPlace(self._job.source.name, row.number, one.field), one.before, one.result)


def _sealing(tally: _Tally, vault: Path | None, settings: Deidentification) -> Iterator[Fields]:
    """The rows, and behind the last of them the vault.

    A target appears under its name only when its rows have come to an end (see `WritableFormat.write`), so that the
    vault is there first: were it the other way round, whoever stops in between could put nothing back.
    """
    yield from tally.rows()
    if vault and tally.total:
        write_vault(vault, tally.pseudonyms.items(), settings.key.read())


def restore_file(
    source: Path,
    target: Path,
    vault: Path,
    settings: Deidentification,
    *,
    overwrite: bool = False,
    progress: Progress = SILENT,
) -> Summary:
    """Puts back what the pseudonyms of a file stand for.

    Args:
        source: a file that was de-identified with the method `pseudonym`.
        target: the file to write.
        vault: where the pseudonyms are kept.
        settings: of which only the key is used.
        overwrite: whether a target that is there already is replaced.
        progress: shows how far it is.

    Raises:
        ArtifactError: the vault cannot be opened with the key, or the target cannot be written.
        DataError: the source cannot be read.
        RecipeError: there is no key.
    """
    _require_file(source)
    require_free(source, target, overwrite=overwrite)
    entries = read_vault(vault, settings.key.read())
    counts: Counter[tuple[str, str]] = Counter()
    total, touched = 0, 0

    def restored() -> Iterator[Fields]:
        nonlocal total, touched
        with reading_bar(progress, "restoring", [source]) as bar:
            for row in _watched(source, bar):
                _require(row, ())
                texts = dict(texts_of(row.fields))
                new = {place: restore(text, entries) for place, text in texts.items()}
                changed = [place for place in texts if new[place] is not texts[place]]
                counts.update((str(place[0]), "restored") for place in changed)
                total, touched = total + 1, touched + bool(changed)
                yield with_texts(row.fields, new)

    _rewrite(source, target, restored(), progress)
    return Summary(target, total, touched, dict(counts), vault)


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
        rows = iter(_rows(path))
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


def _rewrite(source: Path, target: Path, rows: Iterator[Fields], progress: Progress) -> None:
    """Writes the changed rows of the source, which nobody has begun to read, in the format of the target."""
    if opening.content_suffix(target) == _TEXT_SUFFIX:
        if opening.content_suffix(source) != _TEXT_SUFFIX:
            raise RecipeError(f"{target} is a text file, and {source} is none.\n  what to do: give it another ending")
        with opening.writing(target) as file:
            file.writelines(str(fields["text"]) for fields in rows)
        return
    writer = format_of(target, WritableFormat)(path=str(target))
    if writer.keeps is not None:
        rows = _with_place(rows, writer.keeps, target)
    if writer.tabular:
        # A table has the columns of its first row; rows of a stream may have others, so that all are known first.
        with reading_bar(progress, "reading the columns", [source]) as bar:
            names = tuple(dict.fromkeys(name for row in _watched(source, bar) for name in row.fields))
        rows = ({name: fields.get(name) for name in names} for fields in rows)
    writer.write(target, rows)


def _with_place(rows: Iterator[Fields], keeps: frozenset[str], target: Path) -> Iterator[Fields]:
    """The rows, of which none has a field that would be lost."""
    for row in rows:
        lost = [name for name in row if name not in keeps]
        if lost:
            raise RecipeError(
                f"{target} has no place for the columns {', '.join(lost)}.\n  what to do: give it the ending .jsonl"
            )
        yield row


def _require_file(path: Path) -> None:
    if not path.is_file():
        siblings = [sibling.name for sibling in path.parent.glob("*")] if path.parent.is_dir() else []
        raise DataError(f"The file does not exist.{did_you_mean(path.name, siblings)}", file=path)


def _watched(path: Path, bar: ReadingBar) -> Iterator[Row]:
    """The rows of a file, which move the bar."""
    with bar.file(path):
        for row in _rows(path):
            bar.row()
            yield row


def _rows(path: Path) -> Iterator[Row]:
    """The rows of a file; of a text file its paragraphs, with their line ends and the blank lines behind them."""
    _require_file(path)
    reader = format_of(path, Format)(path=str(path))
    with read_errors(path):
        if opening.content_suffix(path) == _TEXT_SUFFIX:
            yield from _paragraphs(reader, path)
        else:
            yield from reader.rows(path)


def _paragraphs(reader: Format, path: Path) -> Iterator[Row]:
    with reader.open(path, newline="") as file:
        first, held, blank = 1, list[str](), False
        for number, line in opening.lines(file, path):
            if held and blank and line.strip():
                yield Row(first, {"text": "".join(held)})
                first, held = number, []
            held.append(line)
            blank = not line.strip()
        if held:
            yield Row(first, {"text": "".join(held)})


def _require(row: Row, names: Sequence[str]) -> None:
    if row.fault:
        raise row.fault
    for name in names:
        if name not in row.fields:
            present = [str(column) for column in row.fields]
            raise DataError(
                f"There is no column {name!r}.{did_you_mean(name, present)}",
                row=row.number,
                received=", ".join(present)[:200],
                remedy="correct --columns, --whole or --group",
            )
