"""A loss that looks away from what is already right."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from vocation.strategies import Context, Strategy
from vocation.training.losses import focused

if TYPE_CHECKING:
    from vocation.training.objective import PointLoss


class Focal(Strategy):
    """Weigh each position by (1 − p)^γ, with p the probability that is predicted for its label (Lin et al., 2017).

    Positions that are already right count little, so the many easy ones do not drown the few hard ones: background
    tags, frequent classes. It multiplies the losses that are listed before it; their α is `class_weights`. It costs
    nothing.
    """

    role: ClassVar[str | None] = "how easy positions count"

    gamma: float = Field(default=2.0, ge=0, description="γ: 0 is the loss as it was; 2 worked best in the paper.")

    def shape(self, point_loss: PointLoss, context: Context) -> PointLoss:
        return focused(point_loss, self.gamma)
