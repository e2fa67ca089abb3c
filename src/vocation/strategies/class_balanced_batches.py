"""Every update holds the classes evenly."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from vocation.strategies import Strategy
from vocation.training.batches import Order
from vocation.training.sampling import Even, check_classes


class ClassBalancedBatches(Strategy):
    """Fill every update with equally many rows of each class, as far as its size allows.

    An epoch has as many rows and updates as without it: rows of rare classes are repeated, of frequent ones some are
    left out, drawn anew in each epoch. With more classes than rows in an update, no class occurs twice in one, and all
    take turns. Rows of like length still share an update. Choose an update of at least one row for each class where
    there are few of them.
    """

    role: ClassVar[str | None] = "which classes share an update"

    def order(self, inner: Order, classes: NDArray[np.int64]) -> Order:
        check_classes(self.kind, inner, classes)
        return Even(inner, classes)
