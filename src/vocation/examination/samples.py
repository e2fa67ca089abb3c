"""What is looked for in the texts of a corpus, counted, with the first few of each kind as samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vocation.ledger import Ledger
from vocation.records import Record

_SAMPLES = 5


def split_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Names and files of all splits that a corpus has, unlabelled text included."""
    for path in sorted(folder.glob("*.parquet")):
        if path.stem != "ledger":
            yield path.stem, path


@dataclass(frozen=True, slots=True)
class Samples:
    """Counts what is found of each kind, and enters the first few in the ledger.

    Args:
        ledger: takes counts and samples.
        step: who looks, in the ledger.
        found: how many there are of each kind.
    """

    ledger: Ledger
    step: str
    found: Counter[str] = field(default_factory=Counter)

    def wanted(self, kind: str) -> bool:
        """Counts one more of a kind; whether it is among those that are kept."""
        self.found[kind] += 1
        return self.found[kind] <= _SAMPLES

    def keep(self, reason: str, record: Record, split: str, excerpt: str, detail: str = "") -> None:
        """Enters one that is kept."""
        place = (record.file, record.row, excerpt)
        self.ledger.add_row("reported", self.step, reason, *place, split=split, id=record.id, detail=detail)

    def finish(self, prefix: str = "") -> dict[str, int]:
        """Counts those that were not kept, too; how many there are of each kind, the most frequent first.

        Args:
            prefix: stands before a kind in the reasons of the ledger.
        """
        for kind, count in self.found.items():
            self.ledger.count("reported", self.step, f"{prefix}{kind}", max(0, count - _SAMPLES))
        return dict(self.found.most_common())
