"""The corpus stage: raw files in, clean and deduplicated splits out.

Two passes with bounded memory. The first reads, cleans and writes every record, and keeps a few numbers of each (the
index). Decisions are made on the index. The second pass sends every record to its split, or to the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from vocation import artifacts
from vocation.cleaning import CleaningStep
from vocation.cleaning.minimum_length import MinimumLength
from vocation.cleaning.unicode import Unicode
from vocation.cleaning.whitespace import Whitespace
from vocation.component import OneOf, Settings
from vocation.corpus import reading
from vocation.corpus.clean import Cleaner
from vocation.corpus.deduplication import Deduplication, DeduplicationSettings, deduplicate, unlabelled_overlap
from vocation.corpus.formats import Format
from vocation.corpus.index import DROPPED, Index, IndexBuilder
from vocation.corpus.outcome import describe_file, describe_splits, require_splits
from vocation.corpus.read_errors import read_errors
from vocation.corpus.reading import InvalidRows, SourceFile
from vocation.corpus.sampling import beyond_limit
from vocation.corpus.splitting import Splits, SplittingSettings, divide
from vocation.corpus.unseen import UnseenLabels, unseen_labels
from vocation.corpus.verdicts import Decisions, Verdict
from vocation.corpus.writing import write_splits
from vocation.errors import DataError
from vocation.ledger import Ledger
from vocation.progress import Progress
from vocation.records import Record, write_records
from vocation.tasks import Task

VERSION = 1


class CorpusSettings(Settings):
    """Where the rows come from, and how they are cleaned, deduplicated and split."""

    sources: tuple[Annotated[Format, OneOf("vocation.corpus.formats")], ...] = Field(
        min_length=1, description="The data files."
    )
    cleaning: tuple[Annotated[CleaningStep, OneOf("vocation.cleaning")], ...] = Field(
        default=(Unicode(), Whitespace(), MinimumLength()),
        description="Cleaning steps, in order. The trained model applies those that edit to every text it is given.",
    )
    deduplication: DeduplicationSettings = Field(
        default=DeduplicationSettings(), description="What happens to rows with equal texts."
    )
    splitting: SplittingSettings = Field(
        default=SplittingSettings(), description="How rows without a given split are divided."
    )
    invalid_rows: InvalidRows = Field(
        default="refuse",
        description="A row that cannot be used (a missing cell, tags in an illegal order): stop, or leave it out.",
    )
    unseen_labels: UnseenLabels = Field(
        default="refuse",
        description="Validation and test rows with a label that train does not have: stop, or drop them.",
    )
    limit: int | None = Field(
        default=None,
        ge=1,
        description="Use this many training rows only, for a quick trial: a sample with every label, in proportion.",
    )


def plan(settings: CorpusSettings, task: Task, base: Path) -> artifacts.Plan:
    """What the corpus is made from: settings, the kind of task, and the content of every source file.

    Args:
        settings: the recipe's `corpus`.
        task: reads the rows.
        base: the recipe's folder.

    Raises:
        DataError: a source finds no file, or one that cannot be read.
    """
    files = reading.source_files(settings.sources, base)
    return artifacts.Plan(
        stage="corpus",
        version=VERSION,
        settings={"corpus": settings.model_dump(mode="json"), "task": task.kind},
        inputs={file.name: _hash(file) for file in files},
    )


def refine(
    settings: CorpusSettings, task: Task, base: Path, planned: artifacts.Plan, folder: Path, progress: Progress
) -> dict[str, Any]:
    """Writes the splits that have rows (`train.parquet`, `validation.parquet`, …, `unlabelled.parquet`) and the ledger.

    Args:
        settings: the recipe's `corpus`.
        task: reads the rows.
        base: the recipe's folder.
        planned: what `plan` says of the same settings; the rows that were read must be those of its files.
        folder: takes the files.
        progress: shows both passes.

    Returns:
        The summary for the manifest: files, splits with label counts and lengths, duplicates, conflicts, overlap.

    Raises:
        DataError: a file or row cannot be used, a file is no longer the one of the plan, or the rows do not make the
            splits that training needs.
        RecipeError: the sources contradict one another or the task.
    """
    files = reading.source_files(settings.sources, base)
    cleaned = folder / "cleaned.parquet"
    with Ledger(folder) as ledger:
        index, rows = _read_all(settings, task, files, cleaned, ledger, progress)
        described = [describe_file(file, rows[file.name]) for file in files]
        _refuse_changes(planned.inputs, {file["path"]: file["sha256"] for file in described})
        deduplication = deduplicate(index, settings.deduplication)
        splits = divide(index, deduplication.kept, settings.splitting)
        decisions = _decide(index, deduplication, splits, settings)
        require_splits(task, index, decisions.split, splits.made, _losses(ledger, decisions.verdicts))
        write_splits(cleaned, decisions, task.record_schema, ledger, progress)
    cleaned.unlink()
    return {
        "files": described,
        "splits": describe_splits(index, decisions.split),
        "read": sum(rows.values()),
        "dropped": sum(rows.values()) - int(np.count_nonzero(decisions.split != DROPPED)),
        "split_made": splits.made,
        **deduplication.summary(),
    }


def _hash(file: SourceFile) -> str:
    with read_errors(file.name):
        return artifacts.hash_file(file.path)


def _refuse_changes(planned: Mapping[str, str], found: Mapping[str, str]) -> None:
    """Compares the files' hashes before and after reading: the store must not keep other rows than the key says."""
    for name in sorted(planned.keys() | found.keys()):
        if planned.get(name) != found.get(name):
            change = "other content than at the start"
            if name not in planned or name not in found:
                change = f"a file that was {'not ' if name not in planned else 'only '}there at the start"
            raise DataError(
                "The file changed while it was read",
                file=name,
                received=change,
                allowed="files that stay as they are from the start of a run until they are read",
                remedy="wait until nothing writes to it, and run again; nothing was kept of this corpus",
            )


def _read_all(
    settings: CorpusSettings, task: Task, files: Sequence[SourceFile], target: Path, ledger: Ledger, progress: Progress
) -> tuple[Index, Counter[str]]:
    """First pass: every record cleaned and written to `target`; their index, and the rows read by file."""
    builder = IndexBuilder(task, [file.name for file in files])
    cleaner = Cleaner(settings.cleaning, ledger)
    rows: Counter[str] = Counter()

    def records() -> Iterator[Record]:
        with progress.bar("reading", total=None, unit="rows") as bar:
            for file in files:
                for record in reading.read(file, task, settings.invalid_rows, ledger):
                    rows[file.name] += 1
                    bar.advance(1)
                    cleaned = cleaner(record, file.split) if record else None
                    if cleaned:
                        builder.add(cleaned, file.split)
                        yield cleaned

    write_records(target, records(), task.record_schema)
    cleaner.finish()
    return builder.finish(), rows


def _decide(index: Index, deduplication: Deduplication, splits: Splits, settings: CorpusSettings) -> Decisions:
    """The last decisions, and all of them together."""
    split, origin = splits.split.copy(), np.where(splits.split == DROPPED, index.given, splits.split)
    verdicts = [*deduplication.verdicts, *splits.verdicts]
    for verdict in (
        unseen_labels(index, split, settings.unseen_labels),
        beyond_limit(index, split, settings.limit, settings.splitting.seed),
        unlabelled_overlap(index, split),
    ):
        if verdict:
            split[verdict.rows] = DROPPED
            verdicts.append(verdict)
    return Decisions(split, origin, verdicts)


def _losses(ledger: Ledger, verdicts: Sequence[Verdict]) -> str:
    """What was dropped so far, in words, for a message."""
    counts = Counter({c.reason: c.count for c in ledger.summary() if c.action in ("dropped", "refused")})
    for verdict in verdicts:
        if verdict.action == "dropped":
            counts[verdict.reason] += len(verdict.rows)
    return ", ".join(f"{count} × {reason}" for reason, count in counts.most_common(5)) or "nothing"
