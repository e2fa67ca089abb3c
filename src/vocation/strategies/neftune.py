"""Noise in the embeddings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from vocation.strategies import Context, Strategy
from vocation.training.objective import Objective, Outcome
from vocation.training.perturbation import shifted, uniform_noise

if TYPE_CHECKING:
    import torch


class Neftune(Strategy):
    """Add uniform noise to the token embeddings while training (NEFTune: Jain et al., 2023).

    To each number of a text of t tokens of width D, α / √(t · D) · U(−1, 1) is added; predictions are made without it.
    It is drawn anew in every pass, as dropout is, and costs next to nothing.
    """

    role: ClassVar[str | None] = "how much noise embeddings have"
    changes_inputs: ClassVar[bool] = True

    alpha: float = Field(default=5.0, gt=0, description="α; 5, 10 or 15 in the paper.")

    def wrap(self, objective: Objective, context: Context) -> Objective:
        def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
            with shifted(model, uniform_noise(model, batch, self.alpha)):
                return objective(model, batch)

        return objective.wrapped(run)
