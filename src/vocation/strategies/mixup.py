"""Learning from mixtures of two texts."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vocation.errors import TrainingError
from vocation.strategies import Context, Strategy
from vocation.training.batches import Order
from vocation.training.mixing import Paired, mixed
from vocation.training.objective import Objective


class Mixup(Strategy):
    """Mix pairs of texts and ask for mixtures of their labels (Zhang et al., 2018; for sentences Guo et al., 2019).

    The loss becomes λ · ℓ(z, y) + (1 − λ) · ℓ(z, y′) with z = λ · f(x) + (1 − λ) · f(x′), λ ~ Beta(α, α): the texts'
    last representations are mixed, before the linear layer that gives the logits. The texts of an update are paired at
    random; a pair shares a micro-batch, so dividing an update changes nothing. It costs no further passes. It must be
    the first of the strategies that change what is minimised, and only tasks with one label for each text have it.
    """

    role: ClassVar[str | None] = "how texts are mixed"
    together: ClassVar[int] = 2

    alpha: float = Field(
        default=0.2,
        gt=0,
        description="α: near 0 one of the two texts prevails, 1 makes all mixtures equally likely. Zhang et al. find "
        "0.1 to 0.4 best on ImageNet, Guo et al. use 1.",
    )

    def order(self, inner: Order, classes: NDArray[np.int64]) -> Order:
        if unclear := int((classes < 0).sum()):
            raise TrainingError(
                f"mixup mixes texts of one label each, and {unclear:,} of {len(classes):,} have none or several.\n"
                "  what to do: leave it out; neftune, r_drop and the adversarial strategies suit every task"
            )
        return Paired(inner)

    def wrap(self, objective: Objective, context: Context) -> Objective:
        return mixed(objective, self.alpha)
