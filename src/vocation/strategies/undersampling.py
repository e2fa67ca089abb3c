"""Rows of frequent classes are read less often."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vocation.strategies import Strategy
from vocation.training.batches import Order
from vocation.training.sampling import Resampled, check_classes, lowered


class Undersampling(Strategy):
    """Leave out rows of frequent classes until the rarest has at least `ratio` times as many as any other.

    Which rows stay is drawn anew in each epoch, so that over many epochs most are seen. Epochs shrink to what the
    rarest class allows; with few rows of it, `oversampling` or `class_weights` waste less.
    """

    role: ClassVar[str | None] = "how often frequent classes are read"

    ratio: float = Field(
        default=1.0, gt=0, le=1, description="Rows of the rarest class to those of the most frequent one, at least."
    )

    def order(self, inner: Order, classes: NDArray[np.int64]) -> Order:
        check_classes(self.kind, inner, classes)
        return Resampled(inner, classes, lowered(self.ratio))
