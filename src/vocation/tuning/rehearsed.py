"""Rows of earlier runs that are learned from again, without those that would give held-out rows away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from vocation.errors import TrainingError
from vocation.ledger import Ledger
from vocation.records import Record, read_records
from vocation.strategies import Rehearsal, Strategy
from vocation.tasks import Task

_HELD_OUT = "its text stands in this run's validation or test split"


def rehearsed_rows(
    strategies: Sequence[Strategy], artifacts: Mapping[str, Path], task: Task, corpus: Path, ledger: Ledger
) -> list[Rehearsal]:
    """What the strategies rehearse.

    Args:
        strategies: of the recipe.
        artifacts: folders of what they need, by the needs' names.
        task: of both runs.
        corpus: folder of this run's corpus.
        ledger: takes the rows that are left out.

    Raises:
        TrainingError: no row is left.
    """
    found = [strategy.rehearse(artifacts, task.record_schema) for strategy in strategies]
    rehearsals = [rehearsal for rehearsal in found if rehearsal is not None]
    held_out = _held_out(corpus, task) if rehearsals else set()
    return [_without(rehearsal, held_out, ledger) for rehearsal in rehearsals]


def _without(rehearsal: Rehearsal, held_out: set[tuple[str, ...]], ledger: Ledger) -> Rehearsal:
    kept = []
    for record in rehearsal.records:
        if _contents(record) in held_out:
            ledger.add("dropped", "rehearsal", _HELD_OUT, record, split="rehearsed")
        else:
            kept.append(record)
    if not kept:
        raise TrainingError(
            f"There is nothing to rehearse: of {len(rehearsal.records):,} rows of the earlier run, each stands in this "
            "run's validation or test split.\n  what to do: take rehearsal out, or divide the data anew"
        )
    return rehearsal._replace(records=kept)


def _held_out(corpus: Path, task: Task) -> set[tuple[str, ...]]:
    paths = [corpus / f"{split}.parquet" for split in ("validation", "test")]
    return {_contents(record) for path in paths if path.exists() for record in read_records(path, task.record_schema)}


def _contents(record: Record) -> tuple[str, ...]:
    return tuple(text.content for text in record.texts.values())
