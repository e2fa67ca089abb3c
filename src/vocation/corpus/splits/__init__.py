"""Kinds of splitting, one module each: how rows without a given split are divided into train, validation and test.

In every kind the rows of a unit (`vocation.corpus.units`: one cluster of nearly equal texts, or one group) stand on one
side, and the result depends on the rows and the seed, not on the order in which they were read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from vocation.component import Component
from vocation.corpus.index import Index
from vocation.corpus.units import Units
from vocation.corpus.verdicts import Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The P rows that are to be divided.

    Args:
        index: of all rows.
        rows: [P] which they are.
        units: what may not be parted.
        shares: share of the rows by the code of each split that is to be made; train comes first.
        tied: [U] units that belong in train, because rows of a given split are of the same cluster or group.
        known: [L] labels that training rows outside the pool have.
    """

    index: Index
    rows: NDArray[np.int64]
    units: Units
    shares: Mapping[int, float]
    tied: NDArray[np.bool_]
    known: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Division:
    """How a pool was divided.

    Args:
        split: [U] code of the split of each unit.
        details: what the manifest says of it.
        verdicts: for the ledger.
    """

    split: NDArray[np.int8]
    details: Mapping[str, Any] = field(default_factory=dict)
    verdicts: Sequence[Verdict] = ()


class Splitting(Component, family=True):
    """How rows without a given split are divided.

    A split that the recipe gives is not made. Where train is given and validation is not, validation is taken out of
    the rows without a split, or, when there are none, out of train; test is never taken out of given train rows.
    """

    needs_test: ClassVar[bool] = False
    """Whether the kind has no meaning where the recipe gives test, or gives all rows to train."""

    validation: float = Field(default=0.1, ge=0, lt=1, description="Share of the divided rows that goes to validation.")
    seed: int = Field(default=0, ge=0, description="Another seed gives another order of rows of equal standing.")

    @property
    def test_share(self) -> float:
        """Share of the divided rows that goes to test."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _leave_rows_for_train(self) -> Self:
        if self.validation + self.test_share >= 1:
            raise ValueError(f"validation {self.validation} and test {self.test_share:g} leave nothing for train")
        return self

    def divide(self, pool: Pool) -> Division:
        """Gives each unit of the pool its split.

        Raises:
            DataError: the rows do not make these splits.
        """
        raise NotImplementedError
