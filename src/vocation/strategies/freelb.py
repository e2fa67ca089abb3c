"""Free large-batch adversarial training."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from vocation.strategies import Context, Strategy
from vocation.training.adversarial import Ascent, free_large_batch
from vocation.training.objective import Objective


class Freelb(Strategy):
    """Learn from every point on an adversary's way up, not from the last alone (FreeLB: Zhu et al., 2020).

    The loss becomes 1/K · Σ_{t<K} L(x + δ_t): δ_0 = start / √(t · D) · U(−1, 1) for t tokens of width D, and
    δ_{t+1} = Π(δ_t + α · g / ‖g‖₂), with Π the nearest point of the ball ‖δ‖₂ ≤ ε. Norms are over all tokens of a text,
    and all K passes have the same dropout masks (section 3.3 of the paper). Each pass serves both the weights and the
    next step, so an update costs K forward and K backward passes: K times the time of plain training, and its memory.
    """

    role: ClassVar[str | None] = "which inputs an adversary makes"
    changes_inputs: ClassVar[bool] = True

    steps: int = Field(default=2, ge=1, description="K; 2 or 3 in the paper.")
    step_size: float = Field(default=0.1, gt=0, description="α, L2 norm of a step; that of the paper's code on MNLI.")
    epsilon: float | None = Field(
        default=0.3, gt=0, description="ε, radius of the ball; from the same code. null leaves δ free."
    )
    start: float = Field(
        default=0.1, ge=0, description="Size of the noise that δ starts from; from the same code. 0 starts at the text."
    )

    def wrap(self, objective: Objective, context: Context) -> Objective:
        return free_large_batch(objective, Ascent(self.steps, self.step_size, self.epsilon, self.start))
