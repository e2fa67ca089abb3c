"""Adversarial training by one step of the gradient."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from vocation.strategies import Context, Strategy
from vocation.training.adversarial import fast_gradient
from vocation.training.objective import Objective


class Fgm(Strategy):
    """Learn also from each text with its token embeddings moved to where the loss grows most (Miyato et al., 2017).

    The loss becomes L(x) + weight · L(x + r), r = ε · g / ‖g‖₂, g = ∇ₓ L(x), with the norm over all tokens of a text.
    An update costs two forward and two backward passes, and a backward pass that leaves out the gradients of weights:
    about 2.3 times the time of plain training. `freelb` climbs several steps and is often the better one; `smart` needs
    no labels for its adversary.
    """

    role: ClassVar[str | None] = "which inputs an adversary makes"
    changes_inputs: ClassVar[bool] = True

    epsilon: float = Field(
        default=1.0,
        gt=0,
        description="ε, the L2 norm of a text's perturbation. Miyato et al. use 5 on normalised embeddings; the tokens "
        "of BERT's relatives have norms of 1 to 1.5, a short text one of 3 to 6.",
    )
    weight: float = Field(default=1.0, gt=0, description="Of the loss on moved embeddings; 1 in the paper.")

    def wrap(self, objective: Objective, context: Context) -> Objective:
        return fast_gradient(objective, self.epsilon, self.weight)
