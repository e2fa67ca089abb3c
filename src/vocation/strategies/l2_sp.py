"""L2-SP: weights stay near to where they started."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from vocation.errors import TrainingError
from vocation.modeling.body import body_parameters
from vocation.strategies import Context, Strategy
from vocation.training.penalties import Penalty

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class L2Sp(Strategy):
    """Draw the body back to its start, and the head to zero (Li, Grandvalet & Davoine, 2018).

    Adds α/2 · ‖w − w⁰‖² over the weights of the body, which start at w⁰, and β/2 · ‖w‖² over those of the head to the
    loss of each update. It takes the place of weight decay: set `tuning.weight_decay: 0` beside it. Where the start is
    the model of an earlier run whose task should be kept, `ewc` knows which weights matter to it.
    """

    compares_weights: ClassVar[bool] = True

    alpha: float = Field(
        default=0.1,
        ge=0,
        description="α, of the body; 0.1 in the authors' published command. The best one is found on validation.",
    )
    beta: float = Field(default=0.01, ge=0, description="β, of the new head; 0.01 in the paper.")

    def penalty(self, model: PreTrainedModel, context: Context) -> Penalty:
        from vocation.training.quadratic import Pull, quadratic

        body = body_parameters(model)
        trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
        pulls = [Pull(trained[name], trained[name].detach().clone()) for name in body if name in trained]
        head = [Pull(weight) for name, weight in trained.items() if name not in body]
        if not pulls:
            raise TrainingError(
                "l2_sp: no weight of the body trains, so there is nothing to draw back to its start.\n"
                "  what to do: take l2_sp out, or let the body train (`full`)"
            )
        return Penalty(
            lambda: quadratic(pulls, self.alpha) + quadratic(head, self.beta),
            f"l2_sp: {len(pulls)} weight tensors of the body are drawn to their start, {len(head)} of the head to zero",
        )
