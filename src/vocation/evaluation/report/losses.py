"""What the ledgers of a run say, with a few rows for each reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vocation.ledger import read_counts, read_entries

_SAMPLES = 5
_SEARCHED = 200  # Rows of one reason among which those of one step are looked for.
_ORDER = ("dropped", "refused", "cut", "reported", "edited")


@dataclass(frozen=True, slots=True)
class Loss:
    """What happened to rows for one reason.

    Args:
        stage: "corpus", "examination", "tuning" or "evaluation".
        action: what was done.
        step: who did it.
        reason: why.
        count: how often.
        samples: a few rows, as the ledger holds them, of as many details as there are.
    """

    stage: str
    action: str
    step: str
    reason: str
    count: int
    samples: tuple[Mapping[str, Any], ...]


def losses_of(stage: str, folder: Path) -> Iterator[Loss]:
    """The losses of one stage.

    Args:
        stage: its name.
        folder: of its artifact.
    """
    for count in read_counts(folder):
        entries = [
            entry
            for entry in read_entries(folder, _SEARCHED, count.reason)
            if entry["action"] == count.action and entry["step"] == count.step
        ]
        first = {entry["detail"]: place for place, entry in reversed(list(enumerate(entries)))}
        varied = sorted(range(len(entries)), key=lambda place: (first[entries[place]["detail"]] != place, place))
        samples = tuple(entries[place] for place in sorted(varied[:_SAMPLES]))
        yield Loss(stage, count.action, count.step, count.reason, count.count, samples)


def losses_rows(losses: Iterable[Loss], words: Mapping[str, str]) -> list[list[str]]:
    """The counts as rows of a table, the most frequent first within each action."""
    ranked = sorted(losses, key=lambda loss: (_ORDER.index(loss.action), -loss.count))
    return [[loss.reason, words[f"action_{loss.action}"], loss.step, f"{loss.count:,}"] for loss in ranked]
