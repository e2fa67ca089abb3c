"""What came of the corpus: whether it can be trained on, and its summary for the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation.corpus.index import SPLIT_NAMES, TEST, TRAIN, VALIDATION, Index
from vocation.corpus.rare_labels import NEAR_REMEDY
from vocation.corpus.read_errors import read_errors
from vocation.corpus.reading import BrokenCells, SourceFile
from vocation.errors import DataError
from vocation.tasks import Task


def require_splits(task: Task, index: Index, split: NDArray[np.int8], made: Mapping[str, bool], losses: str) -> None:
    """Refuses a corpus that nothing can be learned from, or whose validation or test split came out empty.

    Args:
        task: a task with labels needs two of them in train; one with spans needs a span.
        index: of all rows.
        split: [N] final codes.
        made: which splits were to be made.
        losses: what was dropped, in words.

    Raises:
        DataError: says what is missing, and what was dropped on the way.
    """
    train = split == TRAIN
    if not train.any():
        raise DataError(
            "No training rows are left",
            received=f"{len(index)} rows after cleaning; dropped: {losses}",
            remedy="see what was dropped and why, and give more rows without `split` or with `split: train`",
        )
    for code in (VALIDATION, TEST):
        name = SPLIT_NAMES[code]
        if (made[name] or (index.given == code).any()) and not (split == code).any():
            raise DataError(
                f"The {name} split is empty",
                received=f"{np.count_nonzero(train)} training rows; dropped: {losses}",
                remedy=f"give more rows, raise `corpus.splitting.{name}`, or set it to 0 to go without{NEAR_REMEDY}"
                if made[name]
                else f"give a {name} file whose rows can be used",
            )
    labels = [index.labels[place] for place in np.flatnonzero(index.label_counts(train))]
    if task.answers == "label" and len(labels) < 2:
        raise DataError(
            "All training rows have the same label, so that there is nothing to tell apart",
            received=f"{', '.join(label[:60] for label in labels)} in {np.count_nonzero(train)} rows",
            allowed="two labels or more",
            remedy="check which column holds the label (`corpus.sources[…].columns.label`), or add other rows",
        )
    if task.answers == "spans" and not labels:
        raise DataError(
            "No training row has a labelled span",
            received=f"{np.count_nonzero(train)} rows without spans",
            remedy="check which column holds the spans or tags, or add rows that have some",
        )


def describe_file(file: SourceFile, rows: int, broken: BrokenCells) -> dict[str, Any]:
    """What the manifest says of a source file: `line_ends` of one that is text, `broken_cells` of one that has cells.

    Args:
        file: the file.
        rows: how many it has.
        broken: those with a line break inside a cell.

    Raises:
        DataError: the file can no longer be read.
    """
    with read_errors(file.name):
        size = file.path.stat().st_size
    line_ends = file.format.line_ends(file.path)
    return {
        "path": file.name,
        "format": file.format.kind,
        "encoding": file.format.decoded_as(file.path),
        "rows": rows,
        "bytes": size,
        "sha256": file.fingerprint(),
        "split": file.split,
        **({} if line_ends is None else {"line_ends": asdict(line_ends)}),
        **({"broken_cells": asdict(broken)} if file.format.cells else {}),
    }


def describe_splits(index: Index, split: NDArray[np.int8]) -> dict[str, Any]:
    """Rows, text lengths in characters, and label counts of every split that has rows."""
    result = {}
    for code, name in SPLIT_NAMES.items():
        rows = split == code
        if rows.any():
            lengths, counts = index.length[rows], index.label_counts(rows)
            result[name] = {
                "records": int(rows.sum()),
                "characters": {
                    "mean": round(float(lengths.mean()), 1),
                    "median": float(np.median(lengths)),
                    "p95": round(float(np.percentile(lengths, 95)), 1),
                    "max": int(lengths.max()),
                },
                "labels": {index.labels[place]: int(counts[place]) for place in np.flatnonzero(counts)},
            }
    return result
