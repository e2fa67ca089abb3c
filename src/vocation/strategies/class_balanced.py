"""Weights of classes by the effective number of their samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from vocation.strategies import Context, Strategy
from vocation.training.losses import effective_number_weights, weighted

if TYPE_CHECKING:
    from vocation.training.objective import PointLoss


class ClassBalanced(Strategy):
    """Weigh each class by the inverse of its effective number of samples (class-balanced loss: Cui et al., 2019).

    The weight is (1 − β) / (1 − β^n) for a class that is n times a target in an epoch, scaled so that the weights of
    all classes sum to their number: between no weights (β = 0) and those by inverse frequency (β → 1,
    `class_weights`). It multiplies the losses that are listed before it, cross-entropy or `focal` as in the paper. It
    costs nothing.
    """

    role: ClassVar[str | None] = "how much classes weigh"

    beta: float = Field(
        default=0.999, ge=0, lt=1, description="β; 0.9, 0.99, 0.999 and 0.9999 in the paper. 1 / (1 − β) rows are many."
    )

    def shape(self, point_loss: PointLoss, context: Context) -> PointLoss:
        return weighted(point_loss, effective_number_weights(context.class_counts, self.beta).tolist())
