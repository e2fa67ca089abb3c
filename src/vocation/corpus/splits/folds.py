"""Cross-validation: every row is in the test split of one fold, and of one only."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from vocation.corpus.index import TEST, TRAIN, VALIDATION
from vocation.corpus.rare_labels import RareLabels, rare_units, teach_every_label
from vocation.corpus.splits import Division, Pool, Splitting
from vocation.corpus.stratification import stratify
from vocation.corpus.units import Units
from vocation.errors import DataError

_ROUNDS = 10


class Folds(Splitting):
    """Divides rows into folds; one is the test split, the others are divided into train and validation.

    The folds are the same for every `fold`, so that runs with `fold` 0, 1, … test every row once; rows of given splits
    and, with `rare_labels: train`, of rare labels are in no fold. With many rows one `random` split says as much for a
    fraction of the time.
    """

    needs_test: ClassVar[bool] = True

    folds: int = Field(
        default=5,
        ge=2,
        le=1000,
        description="How many folds there are; 5 and 10 balance bias, variance and time (Kohavi 1995, IJCAI).",
    )
    fold: int = Field(default=0, ge=0, description="The fold that is the test split, from 0.")
    stratified: bool = Field(
        default=True, description="Whether each fold gets its share of every label, as far as whole rows allow."
    )
    rare_labels: RareLabels = Field(
        default="refuse",
        description="A label in one row alone (or in one group of rows that stay together) cannot stand on both sides: "
        "stop, or put the row into train, to be tested in no fold.",
    )

    @model_validator(mode="after")
    def _name_one_of_the_folds(self) -> Self:
        if self.fold >= self.folds:
            raise ValueError(f"fold {self.fold} is none of {self.folds} folds, which are counted from 0")
        return self

    @property
    def test_share(self) -> float:
        return 1 / self.folds

    def divide(self, pool: Pool) -> Division:
        free = ~(pool.tied | rare_units(pool, self.rare_labels))
        split = np.full(len(pool.units), TRAIN, dtype=np.int8)
        units = pool.units if self.stratified else pool.units.without_labels()
        fold = np.full(len(units), -1, dtype=np.int64)
        fold[free] = self._fold_of(pool, pool.units.those(free), units.those(free))
        split[fold == self.fold] = TEST
        rest = split != TEST
        share = pool.shares.get(VALIDATION, 0.0) / (1 - self.test_share)
        if share:
            parts = stratify(units.those(rest), [1 - share, share], np.where(free[rest], -1, 0))
            split[rest] = np.where(parts == 1, VALIDATION, TRAIN)
            teach_every_label(pool, split, split == VALIDATION)
        rows = np.bincount(fold[free], weights=pool.units.size[free], minlength=self.folds)
        return Division(split, {"fold": self.fold, "fold_rows": rows.astype(int).tolist()})

    def _fold_of(self, pool: Pool, free: Units, units: Units) -> NDArray[np.int64]:
        """[U] the fold of each free unit.

        Raises:
            DataError: there are fewer of them than folds.
        """
        if len(free) < self.folds:
            row = int(pool.rows[0])
            raise DataError(
                "The rows do not make so many folds",
                file=pool.index.files[pool.index.file[row]],
                received=f"{len(free.of)} rows in {len(free)} sets that stay together, for {self.folds} folds",
                allowed="a set of rows for each fold: rows of one group, or with nearly equal texts, stay together",
                remedy="lower `corpus.splitting.folds`, or give more rows",
            )
        fold = stratify(units, [1 / self.folds] * self.folds)
        _part_labels(free, fold, self.folds)
        return fold


def _part_labels(units: Units, fold: NDArray[np.int64], folds: int) -> None:
    """Moves a unit to another fold, in place, for each label whose units are all in one: it would not be learned.

    A move may bring the units of another of its labels together, so it is done again, a few times at most; what then
    is left is met by `vocation.corpus.unseen`.
    """
    holder, several = units.holder(), units.holders() > 1
    rows = np.bincount(fold, weights=units.size, minlength=folds)
    for _ in range(_ROUNDS):
        pairs = np.unique(units.label * folds + fold[holder])
        together = (np.bincount(pairs // folds, minlength=units.labels) == 1) & several
        if not together.any():
            return
        for label in np.flatnonzero(together).tolist():
            members = holder[units.label == label]
            home = int(fold[members[0]])
            if (fold[members] == home).all():
                unit = int(members[np.argmin(units.size[members])])
                away = np.where(np.arange(folds) == home, np.inf, rows)
                fold[unit] = int(np.argmin(away))
                rows[home] -= units.size[unit]
                rows[fold[unit]] += units.size[unit]
