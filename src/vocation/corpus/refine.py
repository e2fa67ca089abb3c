"""The corpus stage: raw files in, clean and deduplicated splits out.

Two passes with bounded memory. The first reads, cleans, de-identifies and writes every record, and keeps a few numbers
of each (the index); steps that learn from the whole corpus, and the search for near-duplicates, stream it once more.
Decisions are made on the index. The second pass sends every record to its split, or to the ledger.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
from vocation.corpus import parts as parts_of
from vocation.corpus import reading
from vocation.corpus.clean import Chain, Link
from vocation.corpus.deduplication import DeduplicationSettings, deduplicate, unlabelled_overlap
from vocation.corpus.first_pass import FirstPass
from vocation.corpus.formats import Format
from vocation.corpus.index import DROPPED, UNLABELLED, UNSPLIT, Index, IndexBuilder
from vocation.corpus.near_duplicates.rows import decide, find_neighbours
from vocation.corpus.outcome import describe_splits, require_splits
from vocation.corpus.reading import InvalidRows, SourceFile
from vocation.corpus.sampling import beyond_limit
from vocation.corpus.split_audit import audit_splits
from vocation.corpus.splits import Splitting
from vocation.corpus.splits.random import Random
from vocation.corpus.splitting import divide
from vocation.corpus.unseen import UnseenLabels, unseen_labels
from vocation.corpus.verdicts import Decisions, Verdict
from vocation.corpus.writing import write_splits
from vocation.deidentification.keys import Key
from vocation.deidentification.settings import Deidentification
from vocation.errors import DataError, RecipeError
from vocation.ledger import Ledger
from vocation.progress import Progress
from vocation.tasks import Task

VERSION = 3
_KEY = "the key of corpus.deidentification"


class CorpusSettings(Settings):
    """Where the rows come from, and how they are cleaned, deduplicated and split."""

    sources: tuple[Annotated[Format, OneOf("vocation.corpus.formats")], ...] = Field(
        min_length=1, description="The data files."
    )
    cleaning: tuple[Annotated[CleaningStep, OneOf("vocation.cleaning")], ...] = Field(
        default=(Unicode(), Whitespace(), MinimumLength()),
        description="Cleaning steps, in order. The trained model applies those that edit to every text it is given.",
    )
    deidentification: Deidentification | None = Field(
        default=None,
        description="Which identifiers are looked for in the cleaned texts, and what takes their place; null for none.",
    )
    deduplication: DeduplicationSettings = Field(
        default=DeduplicationSettings(), description="What happens to rows with equal or nearly equal texts."
    )
    splitting: Annotated[Splitting, OneOf("vocation.corpus.splits", default="random")] = Field(
        default=Random(), description="How rows without a given split are divided; `random` unless it names a kind."
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
    processes: int | None = Field(
        default=None,
        ge=1,
        description="Processes that clean at once; unless given, one a core where there is much to do, else one. It "
        "changes nothing but the time.",
    )


def plan(settings: CorpusSettings, task: Task, base: Path) -> artifacts.Plan:
    """What the corpus is made from: settings, the kind of task, the content of every source file, and the key of the
    de-identification, by a value that does not give it away.

    Args:
        settings: the recipe's `corpus`.
        task: reads the rows.
        base: the recipe's folder.

    Raises:
        DataError: a source finds no file, or one that cannot be read.
    """
    files = reading.source_files(settings.sources, base)
    inputs = {file.name: file.fingerprint() for file in files}
    if settings.deidentification and settings.deidentification.needs_key():
        inputs[_KEY] = Key(settings.deidentification.key.read()).check_value()
    return artifacts.Plan(
        stage="corpus",
        version=VERSION,
        settings={"corpus": settings.model_dump(mode="json", exclude={"processes"}), "task": task.kind},
        inputs=inputs,
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
        The summary for the manifest: files, how many rows came with a split, group or time, splits with label counts
        and lengths, duplicates, conflicts, overlap.

    Raises:
        DataError: a file or row cannot be used, a file is no longer the one of the plan, or the rows do not make the
            splits that training needs.
        RecipeError: the sources contradict one another or the task.
    """
    files = reading.source_files(settings.sources, base)
    private = settings.deidentification is not None
    first = FirstPass(files, task, settings.invalid_rows, settings.processes, progress, private)
    scratch = folder / artifacts.SCRATCH / planned.key[:12]
    chain = first.learn(settings.cleaning, _chain_for(settings, task, files), scratch)
    builder = IndexBuilder(task, [file.name for file in files])
    given = {file.name: file.split for file in files}
    parts = first.write(chain, scratch, lambda record: builder.add(record, given[record.file]))
    cleaned, described = [parts_of.records_of(part) for part in parts], parts_of.described(parts)
    _refuse_changes(planned.inputs, {file["path"]: file["sha256"] for file in described})
    with Ledger(folder) as ledger:
        for part in parts:
            ledger.absorb(part)
        decided = _decide(builder.finish(), cleaned, settings, task, progress)
        decisions = decided.decisions
        require_splits(task, decided.index, decisions.split, decided.made, _losses(ledger, decisions.verdicts))
        write_splits(cleaned, decisions, task.record_schema, ledger, progress)
    read = sum(file["rows"] for file in described)
    return {
        "files": described,
        "given": _given(decided.index),
        "splits": describe_splits(decided.index, decisions.split),
        "read": read,
        "dropped": read - decided.index.source_rows() + int(np.count_nonzero(decisions.split == DROPPED)),
        "split_made": decided.made,
        **decided.summary,
    }


def _given(index: Index) -> dict[str, int]:
    """How many rows came with a split of their own, with a group, and with a time."""
    return {
        "split": int(np.count_nonzero((index.given != UNSPLIT) & (index.given != UNLABELLED))),
        "group": int(np.count_nonzero(index.group >= 0)),
        "time": int(np.count_nonzero(~np.isnat(index.time))),
    }


def _chain_for(settings: CorpusSettings, task: Task, files: Sequence[SourceFile]) -> Callable[[Sequence[Link]], Chain]:
    """Makes the chain of steps as they act.

    Raises:
        RecipeError: a step divides texts whose answers are labels, and there are no others.
    """
    dividing = [step.kind for step in settings.cleaning if step.divides]
    whole = task.answers == "label"
    if dividing and whole and all(file.split != "unlabelled" for file in files):
        raise RecipeError(
            f"corpus.cleaning: the step {dividing[0]} divides texts, and the label of a whole text does not hold for "
            f"its parts (task {task.kind}).\n  what to do: take the step out, or use its form that keeps texts whole"
        )
    deidentifier = None
    if settings.deidentification:
        from vocation.deidentification.deidentifier import Deidentifier

        if settings.deidentification.reversible():
            raise RecipeError(
                "corpus.deidentification: pseudonyms are undone with a vault, which a run does not write.\n"
                "  what to do: choose hash, surrogate or tag here, or write de-identified files and their vault first, "
                "by `vocation deidentify`"
            )
        deidentifier = Deidentifier(settings.deidentification)
    return lambda links: Chain(tuple(links), deidentifier, whole)


def _refuse_changes(planned: Mapping[str, str], found: Mapping[str, str]) -> None:
    """Compares the files' hashes before and after reading: the store must not keep other rows than the key says."""
    for name in sorted((planned.keys() | found.keys()) - {_KEY}):
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


@dataclass(frozen=True, slots=True)
class _Decided:
    """What was decided on the rows of an index, what of it the manifest tells, and which splits were made."""

    index: Index
    decisions: Decisions
    made: Mapping[str, bool]
    summary: Mapping[str, Any]


def _decide(
    index: Index, cleaned: Sequence[Path], settings: CorpusSettings, task: Task, progress: Progress
) -> _Decided:
    """All decisions, from duplicates to the sample."""
    exact = deduplicate(index, settings.deduplication)
    kept, verdicts, summary = exact.kept, list(exact.verdicts), exact.summary()
    if near := settings.deduplication.near:
        neighbours = find_neighbours(index, cleaned, task.record_schema, near, progress)
        index = neighbours.index
        decision = decide(neighbours, kept, near, settings.deduplication.stays, labels=task.answers == "label")
        kept, summary = decision.kept, {**summary, "near_duplicates": decision.summary}
        verdicts += decision.verdicts
    splits = divide(index, kept, settings.splitting)
    verdicts += splits.verdicts
    split, origin = splits.split.copy(), np.where(splits.split == DROPPED, index.given, splits.split)
    for verdict in (
        unseen_labels(index, split, settings.unseen_labels),
        beyond_limit(index, split, settings.limit, settings.splitting.seed),
    ):
        if verdict:
            split[verdict.rows] = DROPPED
            verdicts.append(verdict)
    for verdict in unlabelled_overlap(index, split):
        split[verdict.rows] = DROPPED
        verdicts.append(verdict)
    summary |= {"splitting": dict(splits.details), "split_audit": audit_splits(index, split).summary()}
    plain = json.loads(json.dumps(summary))  # What the manifest will give back.
    return _Decided(index, Decisions(split, origin, verdicts), splits.made, plain)


def _losses(ledger: Ledger, verdicts: Sequence[Verdict]) -> str:
    """What was dropped so far, in words, for a message."""
    counts = Counter({c.reason: c.count for c in ledger.summary() if c.action in ("dropped", "refused")})
    for verdict in verdicts:
        if verdict.action == "dropped":
            counts[verdict.reason] += len(verdict.rows)
    return ", ".join(f"{count} × {reason}" for reason, count in counts.most_common(5)) or "nothing"
