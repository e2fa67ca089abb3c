"""Stochastic weight averaging: the mean of the weights at the end of the training is what is delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from vocation.errors import TrainingError
from vocation.strategies import Context, Strategy
from vocation.training.averaging import Average, equal

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Swa(Strategy):
    """Average the weights of the last part of the training with equal shares (Izmailov et al., 2018).

    Before that part the weights themselves are scored, and the best point may lie there. The paper keeps the learning
    rate high while it averages: set `tuning.schedule: constant`, and `tuning.early_stopping: {patience: null}` so that
    training reaches its end. `ema` averages from the first update on.
    """

    role: ClassVar[str | None] = "which weights are delivered"

    start: float = Field(
        default=0.75, ge=0, lt=1, description="Share of the training after which averaging begins; 0.75 in the paper."
    )
    every: int | None = Field(
        default=None,
        ge=1,
        description="Updates from one set of weights that enters the mean to the next; null is one an epoch, as in the "
        "paper.",
    )

    def companion(self, model: PreTrainedModel, context: Context) -> Average:
        every = self.every or context.updates_per_epoch
        first = self.start * context.updates
        if context.updates // every * every <= first:
            raise TrainingError(
                f"swa: of the {context.updates} updates none after the first {first:.0f} is a multiple of {every}, so "
                "there is nothing to average.\n"
                "  what to do: lower `every` or `start`, or train longer"
            )
        trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
        return Average(trained, equal(first, every))
