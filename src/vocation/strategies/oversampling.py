"""Rows of rare classes are read more often."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vocation.strategies import Strategy
from vocation.training.batches import Order
from vocation.training.sampling import Resampled, check_classes, raised


class Oversampling(Strategy):
    """Repeat rows of rare classes until each class has at least `ratio` times as many as the most frequent one.

    Every row occurs, those of a rare class about equally often; which ones once more is drawn anew in each epoch.
    Epochs grow, and so does their time; repeated rows are learned by heart sooner. Buda et al. (2018) find it the most
    reliable of the samplings. `class_weights` reaches the same balance in epochs of the old size.
    """

    role: ClassVar[str | None] = "how often rare classes are read"

    ratio: float = Field(
        default=1.0, gt=0, le=1, description="Rows of the rarest class to those of the most frequent one, at least."
    )

    def order(self, inner: Order, classes: NDArray[np.int64]) -> Order:
        check_classes(self.kind, inner, classes)
        return Resampled(inner, classes, raised(self.ratio))
