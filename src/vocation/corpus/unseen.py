"""Labels that are tested and were never learned."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vocation.corpus.index import SPLIT_NAMES, TEST, TRAIN, VALIDATION, Index
from vocation.corpus.verdicts import Verdict
from vocation.errors import DataError, did_you_mean

UnseenLabels = Literal["refuse", "drop"]


def unseen_labels(index: Index, split: NDArray[np.int8], policy: UnseenLabels) -> Verdict | None:
    """The validation and test rows with a label that no training row has, or None.

    Args:
        index: of all rows.
        split: [N] codes of the splits.
        policy: whether such rows stop the run or are dropped.

    Raises:
        DataError: there are such rows, and the policy refuses them.
    """
    learned = index.label_counts(split == TRAIN) > 0
    entries = ~learned[index.label]
    unseen = np.zeros(len(index), dtype=np.bool_)
    unseen[index.label_rows()[entries]] = True
    rows = np.flatnonzero(unseen & ((split == VALIDATION) | (split == TEST)))
    if not len(rows):
        return None
    if policy == "refuse":
        raise _error(index, split, learned, rows)

    def detail(row: int) -> str:
        return ", ".join(sorted({index.labels[label] for label in index.labels_of(row) if not learned[label]}))

    return Verdict("dropped", "unseen_labels", "label is not in train", rows, detail)


def _error(index: Index, split: NDArray[np.int8], learned: NDArray[np.bool_], rows: NDArray[np.int64]) -> DataError:
    row = int(rows[0])
    label = next(index.labels[label][:60] for label in index.labels_of(row) if not learned[label])
    known = [name[:60] for name, is_known in zip(index.labels, learned, strict=True) if is_known]
    more = f"; {len(rows)} rows have such labels" if len(rows) > 1 else ""
    where = SPLIT_NAMES[int(split[row])]
    return DataError(
        f"The label {label!r} in {where} never occurs in train.{did_you_mean(label, known)}",
        file=index.files[index.file[row]],
        row=int(index.line[row]),
        received=f"{label!r}{more}",
        allowed=f"the {len(known)} labels of train: {', '.join(known[:10])}" + (", …" if len(known) > 10 else ""),
        remedy="correct the label, add training rows that have it, or set `corpus.unseen_labels: drop`",
    )
