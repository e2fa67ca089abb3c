"""Predictions that stay what they are for nearby inputs, and near those of a moment ago."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from vocation.strategies import Context, Strategy
from vocation.training.consistency import Neighbourhood, Proximity, smooth
from vocation.training.objective import Objective
from vocation.training.older_weights import OlderWeights
from vocation.training.perturbation import Norm

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_EARLY, _EARLY_BETA = 0.1, 0.99  # Of the updates, and their β, as Jiang et al. (2020) set them.


class Smart(Strategy):
    """Ask predictions to stay the same for nearby inputs (SMART: Jiang et al., 2020).

    The loss becomes L(x) + λ · R(x) with R(x) = max over ‖x̃ − x‖ ≤ ε of KL(f(x̃) ‖ f(x)) + KL(f(x) ‖ f(x̃)). The search
    starts at x + σ · N(0, 1) and takes steps x̃ ← Π(x̃ + η · g / ‖g‖); norms are over all tokens of a text. The adversary
    needs no labels. `mu` adds the paper's momentum Bregman proximal point method, μ · the same divergence between f and
    the model with averaged older weights, θ̃ ← β · θ̃ + (1 − β) · θ.

    An update costs steps + 2 forward and two backward passes, and as many backward passes as steps that leave out the
    gradients of weights: with one step about 2.7 times the time of plain training. `mu` costs one forward pass and a
    copy of the weights that train. All passes have the same dropout masks, so that R tells what the inputs do and not
    what chance does; `r_drop` asks for the latter.
    """

    role: ClassVar[str | None] = "which inputs an adversary makes"
    changes_inputs: ClassVar[bool] = True

    lambda_s: float = Field(default=1.0, gt=0, description="λ; Jiang et al. choose among 1, 3 and 5.")
    epsilon: float = Field(
        default=0.01,
        gt=0,
        description="ε, radius of the ball. The 1e-5 of the paper moves no prediction (R < 1e-6 on MiniLM, whose "
        "embeddings are 0.04 large on average); at 0.01 R is as large as what dropout does.",
    )
    sigma: float = Field(default=1e-3, gt=0, description="σ, standard deviation of the first noise; 1e-5 in the paper.")
    eta: float = Field(default=0.01, gt=0, description="η, size of a step; 1e-3 in the paper.")
    steps: int = Field(default=1, ge=1, description="Of the search; 1 in the paper.")
    norm: Norm = Field(
        default="linf", description="In which steps and ball are measured: `linf` as in the paper, or `l2`."
    )
    mu: float = Field(default=0.0, ge=0, description="μ: 1 in the paper; 0 leaves the proximal point method out.")
    beta: float = Field(
        default=0.999,
        ge=0,
        lt=1,
        description="β of the older weights; in the first tenth of the updates it is 0.99 where that is less, as in "
        "the paper.",
    )

    def _near(self) -> Neighbourhood:
        return Neighbourhood(self.epsilon, self.sigma, self.eta, self.steps, self.norm)

    def wrap(self, objective: Objective, context: Context) -> Objective:
        return objective if self.mu else smooth(objective, self.lambda_s, self._near())

    def companion(self, model: PreTrainedModel, context: Context) -> OlderWeights | None:
        if not self.mu:
            return None
        weights = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}

        def momentum(number: int) -> float:
            return min(self.beta, _EARLY_BETA) if number <= _EARLY * context.updates else self.beta

        def around(objective: Objective, older: OlderWeights) -> Objective:
            return smooth(objective, self.lambda_s, self._near(), Proximity(older, self.mu))

        return OlderWeights(weights, momentum, around)
