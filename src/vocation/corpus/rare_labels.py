"""Labels that too few units hold for them to stand on both sides of a split."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vocation.corpus.index import TRAIN
from vocation.corpus.splits import Pool
from vocation.errors import DataError

RareLabels = Literal["refuse", "train"]
NEAR_REMEDY = (
    "; where rows stay together because their texts are nearly equal (forms, templates), raise "
    "`corpus.deduplication.near.threshold` or set `corpus.deduplication.near: null`"
)
"""What to do where near-duplicates leave too little to divide."""


def rare_units(pool: Pool, policy: RareLabels) -> NDArray[np.bool_]:
    """[U] the units that hold a label which no other unit holds, and no training row outside the pool.

    Args:
        pool: what is to be divided.
        policy: whether such labels stop the run, or their units are to be put into train.

    Raises:
        DataError: there are such labels, and the policy refuses them.
    """
    rare = (pool.units.holders() == 1) & ~pool.known
    found = np.zeros(len(pool.units), dtype=np.bool_)
    found[pool.units.holder()[rare[pool.units.label]]] = True
    if found.any() and policy == "refuse":
        raise _error(pool, rare, found)
    return found


def teach_every_label(pool: Pool, split: NDArray[np.int8], givers: NDArray[np.bool_]) -> None:
    """Moves units into train, in place, until every label of the pool is learned that can be.

    Args:
        pool: what is divided.
        split: [U] code of the split of each unit.
        givers: [U] units that may be moved.
    """
    units = pool.units
    learned = pool.known | (units.holders(split == TRAIN) > 0)
    missing = ~learned & (units.holders(givers) > 0)
    candidates = np.zeros(len(units), dtype=np.bool_)
    candidates[units.holder()[missing[units.label]]] = True
    for unit in np.flatnonzero(candidates & givers).tolist():
        labels = units.labels_of(unit)
        if not learned[labels].all():
            split[unit] = TRAIN
            learned[labels] = True


def _error(pool: Pool, rare: NDArray[np.bool_], found: NDArray[np.bool_]) -> DataError:
    index, units = pool.index, pool.units
    label = int(np.flatnonzero(rare)[0])
    unit = next(int(unit) for unit in np.flatnonzero(found) if label in units.labels_of(int(unit)))
    rows = pool.rows[units.of == unit]
    row = next(int(row) for row in rows if label in index.labels_of(int(row)))
    name, alone = index.labels[label][:60], len(rows) == 1
    where = "row alone" if alone else "group of rows that stay together"
    others = f" ({np.count_nonzero(rare)} labels are so)" if np.count_nonzero(rare) > 1 else ""
    count = int(units.count[units.start[unit] : units.start[unit + 1]][units.labels_of(unit) == label][0])
    occurrences = f"{count} {'occurrence' if count == 1 else 'occurrences'} of {name!r}"
    doubt = _doubt(pool, rare)
    return DataError(
        f"The label {name!r} stands in one {where} and cannot be both learned and tested{others}",
        file=index.files[index.file[row]],
        row=int(index.line[row]),
        received=occurrences + ("" if alone else f" in {len(rows)} rows that stay together"),
        allowed="every label in at least two rows that can be divided",
        remedy=doubt + "label more rows, merge the label into another, or set `corpus.splitting.rare_labels: train` "
        f"to learn it without testing it{'' if alone else NEAR_REMEDY}",
    )


def _doubt(pool: Pool, rare: NDArray[np.bool_]) -> str:
    """What to ask where more labels than half as many as there are rows stand alone, as in a column of numbers."""
    if 2 * np.count_nonzero(rare) <= len(pool.rows):
        return ""
    values = np.count_nonzero(pool.units.holders())
    return (
        f"are these labels? the column holds {values:,} values in {len(pool.rows):,} rows: check which column is read "
        "(`corpus.sources[…].columns`); otherwise "
    )
