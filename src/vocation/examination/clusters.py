"""The largest clusters of nearly equal texts, with their texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vocation.examination.samples import split_files
from vocation.records import record_batches

_BATCH = 4096
_SHOWN = 300  # Characters of a text.


def cluster_examples(folder: Path, examples: Sequence[Mapping[str, Any]], texts: Sequence[str]) -> list[dict[str, Any]]:
    """The clusters that the corpus summary names as examples, each row with the beginning of its text.

    Args:
        folder: of the corpus artifact; rows that are in no split are looked for in its ledger.
        examples: `rows` and `places` ("file:row") of each cluster.
        texts: names of the records' texts.
    """
    wanted = {place for example in examples for place in example["places"]}
    found = _in_splits(folder, wanted, texts) if wanted else {}
    if missing := wanted - found.keys():
        found |= _in_ledger(folder, missing)
    return [
        {
            "rows": example["rows"],
            "texts": [{"place": place, **found.get(place, {"split": "", "text": ""})} for place in example["places"]],
        }
        for example in examples
    ]


def _in_splits(folder: Path, wanted: set[str], texts: Sequence[str]) -> dict[str, dict[str, str]]:
    found = {}
    for split, path in split_files(folder):
        for batch in record_batches([path], _BATCH, ["file", "row", *texts]):
            names, rows = batch.column("file").to_pylist(), batch.column("row").to_pylist()
            for number, place in enumerate(f"{name}:{row}" for name, row in zip(names, rows, strict=True)):
                if place in wanted:
                    content = " ⏎ ".join(batch.column(name)[number].as_py() for name in texts)
                    found[place] = {"split": split, "text": content[:_SHOWN]}
    return found


def _in_ledger(folder: Path, wanted: set[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for batch in record_batches([folder / "ledger.parquet"], _BATCH, ["action", "file", "row", "content"]):
        for row in batch.to_pylist():
            place = f"{row['file']}:{row['row']}"
            if place in wanted and row["content"]:
                found.setdefault(place, {"split": "", "text": row["content"][:_SHOWN]})
    return found
