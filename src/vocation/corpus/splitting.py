"""Splits: rows divided into train, validation and test where the recipe does not give them.

What holds for every kind of splitting stands here: which rows are divided and into which splits, what stays together
with rows of given splits. How the rows are divided is the kind's (`vocation.corpus.splits`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation.corpus.index import DROPPED, SPLIT_NAMES, TEST, TRAIN, UNSPLIT, VALIDATION, Index
from vocation.corpus.splits import Pool, Splitting
from vocation.corpus.units import Units, gather
from vocation.corpus.verdicts import Verdict
from vocation.errors import DataError, RecipeError


@dataclass(frozen=True, slots=True, eq=False)
class Splits:
    """The split of every row.

    Args:
        split: [N] codes of `vocation.corpus.index`; DROPPED for rows that do not stay.
        made: which of validation and test were made here.
        verdicts: for the ledger.
        details: what the kind of splitting has to say for the manifest, such as where test begins.
    """

    split: NDArray[np.int8]
    made: dict[str, bool]
    verdicts: list[Verdict] = field(default_factory=list)
    details: Mapping[str, Any] = field(default_factory=dict)


def divide(index: Index, kept: NDArray[np.bool_], settings: Splitting) -> Splits:
    """Gives every kept row its split.

    Args:
        index: of all rows.
        kept: [N] whether the row stays.
        settings: how rows without a split are divided.

    Raises:
        DataError: a label stands in one unit alone, a group stands in a given validation or test split and among the
            rows to divide, or the rows do not make the splits that the settings ask for.
        RecipeError: the kind of splitting needs a test split of its own, and the sources leave no rows for it.
    """
    split = np.where(kept, index.given, np.int8(DROPPED)).astype(np.int8)
    rows, shares = _to_divide(split, settings)
    if settings.needs_test and (TEST not in shares or not len(rows)):
        raise RecipeError(
            f"corpus.splitting: kind {settings.kind} makes test out of the rows without a split, and the sources "
            "leave it none.\n  what to do: take `split: test` away from its source (and `split: train`, where all rows "
            "have it), or set `corpus.splitting.kind: random`"
        )
    made = {name: code in shares for name, code in (("validation", VALIDATION), ("test", TEST))}
    verdicts: list[Verdict] = []
    details: Mapping[str, Any] = {}
    if len(rows) and len(shares) > 1:
        _refuse_shared_groups(index, split, rows)
        pool = _pool(index, split, rows, shares, settings.seed)
        division = settings.divide(pool)
        split[rows] = division.split[pool.units.of]
        verdicts, details = list(division.verdicts), division.details
    split[split == UNSPLIT] = TRAIN
    return Splits(split, made, [*verdicts, *_shared_groups(index, split)], details)


def _to_divide(split: NDArray[np.int8], settings: Splitting) -> tuple[NDArray[np.int64], dict[int, float]]:
    """The rows to divide, and the share of each split; train comes first."""
    given = {int(code) for code in np.unique(split)}
    from_train = UNSPLIT not in given
    rows = np.flatnonzero(split == (TRAIN if from_train else UNSPLIT))
    shares = {TRAIN: 1.0}
    wanted = [(VALIDATION, settings.validation), *([] if from_train else [(TEST, settings.test_share)])]
    for code, share in wanted:
        if code not in given and share > 0:
            shares[code] = share
            shares[TRAIN] -= share
    return rows, shares


def _pool(index: Index, split: NDArray[np.int8], rows: NDArray[np.int64], shares: dict[int, float], seed: int) -> Pool:
    units = gather(index, rows, seed)
    elsewhere = split == TRAIN
    elsewhere[rows] = False
    known = index.label_counts(elsewhere) > 0
    return Pool(index, rows, units, shares, _tied_to_given_splits(index, split, rows, units), known)


def _tied_to_given_splits(
    index: Index, split: NDArray[np.int8], rows: NDArray[np.int64], units: Units
) -> NDArray[np.bool_]:
    """[U] the units of rows without a split that share a cluster or a group with a row of a given split.

    They belong in train: there the given row is, or, where `overlap: report` left a text of a given validation or test
    split in the pool, the report says that train is where it stands too.
    """
    tied = np.zeros(len(units), dtype=np.bool_)
    if split[rows[0]] == UNSPLIT:
        given = np.isin(split, (TRAIN, VALIDATION, TEST))
        groups = index.group[given]
        shared = np.isin(index.cluster[rows], index.cluster[given]) | np.isin(index.group[rows], groups[groups >= 0])
        tied[units.of[shared]] = True
    return tied


def _refuse_shared_groups(index: Index, split: NDArray[np.int8], pool: NDArray[np.int64]) -> None:
    held_out = (split == VALIDATION) | (split == TEST)
    groups = index.group[held_out]
    shared = pool[np.isin(index.group[pool], groups[groups >= 0])]
    if len(shared) and split[shared[0]] == UNSPLIT:
        row = int(shared[0])
        other = int(np.flatnonzero(held_out & (index.group == index.group[row]))[0])
        raise DataError(
            "The row has no split, and its group stands in a given split",
            file=index.files[index.file[row]],
            row=int(index.line[row]),
            received=f"the group of {index.place(other)}, which is in {SPLIT_NAMES[int(split[other])]}; "
            f"{len(shared)} such rows",
            allowed="groups that stand wholly in given splits, or wholly outside",
            remedy="give these rows the split of their group, or take `split` away from the other source",
        )


def _shared_groups(index: Index, split: NDArray[np.int8]) -> list[Verdict]:
    """Train rows whose group stands in validation or test as well; only given splits can be so."""
    held_out = np.flatnonzero(((split == VALIDATION) | (split == TEST)) & (index.group >= 0))
    rows = np.flatnonzero((split == TRAIN) & np.isin(index.group, index.group[held_out]))
    if not len(rows):
        return []
    other = dict(zip(index.group[held_out].tolist(), held_out.tolist(), strict=True))
    return [
        Verdict(
            "reported",
            "splitting",
            "group stands in two given splits",
            rows,
            lambda row: f"same group as {index.place(other[int(index.group[row])])}",
        )
    ]
