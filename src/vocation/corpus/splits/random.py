"""Rows divided by chance, every label in its share."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from vocation.corpus.rare_labels import RareLabels, rare_units, teach_every_label
from vocation.corpus.splits import Division, Pool, Splitting
from vocation.corpus.stratification import stratify


class Random(Splitting):
    """Divides rows by chance; stratified, so that each split has its share of every label (Sechidis et al. 2011).

    Where the model will be used on later rows than it learns from, `time` measures what awaits it better; where there
    are too few rows for a test split that says much, `folds` tests on every row.
    """

    test: float = Field(default=0.2, ge=0, lt=1, description="Share of the divided rows that goes to test.")
    stratified: bool = Field(
        default=True, description="Whether each split gets its share of every label, as far as whole rows allow."
    )
    rare_labels: RareLabels = Field(
        default="refuse",
        description="A label in one row alone (or in one group of rows that stay together) cannot stand on both sides: "
        "stop, or put the row into train.",
    )

    @property
    def test_share(self) -> float:
        return self.test

    def divide(self, pool: Pool) -> Division:
        fixed = np.where(pool.tied | rare_units(pool, self.rare_labels), 0, -1)
        units = pool.units if self.stratified else pool.units.without_labels()
        parts = stratify(units, list(pool.shares.values()), fixed)
        split = np.array(list(pool.shares), dtype=np.int8)[parts]
        teach_every_label(pool, split, np.ones(len(split), dtype=np.bool_))
        return Division(split)
