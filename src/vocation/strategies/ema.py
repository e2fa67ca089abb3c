"""An exponential moving average of the weights is what is scored, kept and delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from vocation.strategies import Context, Strategy
from vocation.training.averaging import Average, exponential

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Ema(Strategy):
    """Average the weights while they train (Polyak & Juditsky, 1992): average ← d · average + (1 − d) · weight.

    Training itself goes on with the weights as they are; validation scores the average, and the best one is delivered.
    It smooths what the last updates jitter, at the price of one copy of the weights that train. `swa` averages the end
    of the training alone.
    """

    role: ClassVar[str | None] = "which weights are delivered"

    decay: float = Field(
        default=0.999,
        gt=0,
        lt=1,
        description="d: the average looks back over about 1 / (1 − d) updates, so it should be well below the number "
        "of updates. 0.999 (Tarvainen & Valpola, 2017) suits thousands of them, 0.99 hundreds.",
    )
    warmup: bool = Field(
        default=True,
        description="Whether d rises with the number n of the update as min(d, (1 + n) / (10 + n)), so that the "
        "weights from before training are soon forgotten.",
    )

    def companion(self, model: PreTrainedModel, context: Context) -> Average:
        trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
        return Average(trained, exponential(self.decay, warmup=self.warmup))
