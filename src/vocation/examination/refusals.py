"""Why rows could not be used."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from vocation.records import record_batches

_BATCH = 8192


def refusals(folder: Path) -> list[dict[str, Any]]:
    """What was wrong with the rows that the corpus stage left out, the most frequent first.

    Args:
        folder: of the corpus artifact, with its ledger.

    Returns:
        `problem`, `rows`, and `first`, the place of the first of them.
    """
    counts, first = Counter[str](), dict[str, str]()
    for batch in record_batches([folder / "ledger.parquet"], _BATCH, ["action", "file", "row", "detail"]):
        for row in batch.to_pylist():
            if row["action"] == "refused":
                counts[row["detail"]] += 1
                first.setdefault(row["detail"], f"{row['file']}:{row['row']}")
    return [{"problem": name, "rows": rows, "first": first[name]} for name, rows in counts.most_common()]
