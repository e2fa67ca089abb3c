"""Adversarial training by projected gradient ascent."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from vocation.strategies import Context, Strategy
from vocation.training.adversarial import Ascent, projected_gradient
from vocation.training.objective import Objective
from vocation.training.perturbation import Norm


class Pgd(Strategy):
    """Learn from the worst input in a ball around each text's embeddings, sought in K steps (Madry et al., 2018).

    The loss becomes L(x + δ): δ starts at random in the ball ‖δ‖ ≤ ε and takes K steps δ ← Π(δ + α · direction), with
    the direction g / ‖g‖₂ (or sign(g) under `linf`) and Π the nearest point of the ball. Norms are over all tokens of a
    text. An update costs K + 1 forward passes, one backward pass, and K backward passes that leave out the gradients of
    weights: with 3 steps about 3 times the time of plain training, the clean text aside. `freelb` uses each of its
    passes for learning as well.
    """

    role: ClassVar[str | None] = "which inputs an adversary makes"
    changes_inputs: ClassVar[bool] = True

    steps: int = Field(default=3, ge=1, description="K. Zhu et al. (2020) use 2 on texts, Madry et al. 7 on pictures.")
    epsilon: float = Field(
        default=0.6, gt=0, description="ε, radius of the ball; that of PGD on SST-2 in the code of Zhu et al. (2020)."
    )
    step_size: float = Field(default=0.1, gt=0, description="α, size of a step; from the same code.")
    norm: Norm = Field(
        default="l2", description="In which steps and ball are measured: `l2`, or `linf`, the largest absolute value."
    )
    random_start: bool = Field(default=True, description="Whether δ starts at random in the ball, or at the text.")
    clean_weight: float = Field(
        default=0.0, ge=0, description="Weight of the loss on the text itself: 0 in the paper; 1 is usual for texts."
    )

    def wrap(self, objective: Objective, context: Context) -> Objective:
        start = self.epsilon if self.random_start else 0.0
        ascent = Ascent(self.steps, self.step_size, self.epsilon, start, self.norm)
        return projected_gradient(objective, ascent, self.clean_weight)
