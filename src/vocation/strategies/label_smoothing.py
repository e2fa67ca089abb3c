"""Targets that leave a little to every label."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from vocation.strategies import Context, Strategy
from vocation.training.losses import smoothed

if TYPE_CHECKING:
    from vocation.training.objective import PointLoss


class LabelSmoothing(Strategy):
    """Ask for 1 − ε of the probability on the label, and ε spread over all L labels (Szegedy et al., 2016).

    The loss of a position becomes (1 − ε) · ℓ(label) + ε / L · Σ_l ℓ(l), around the losses that are listed before it:
    behind `class_weights` it is what torch's `CrossEntropyLoss(weight, label_smoothing)` computes before its mean,
    before `class_weights` the weight of a position is that of its label alone. It makes predictions less sure of
    themselves and costs nothing; around other losses than cross-entropy N · L · L numbers for N positions.
    """

    role: ClassVar[str | None] = "how labels are smoothed"

    epsilon: float = Field(default=0.1, gt=0, lt=1, description="ε; 0.1 in the paper.")

    def shape(self, point_loss: PointLoss, context: Context) -> PointLoss:
        return smoothed(point_loss, self.epsilon)
