"""Sums of weighted squares of distances from where weights were, for penalties on large models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class Pull:
    """What draws one weight tensor to a place.

    Args:
        weight: a weight that trains.
        target: where it is drawn to, of its shape; None stands for zero.
        importance: of each of its numbers, of its shape; None stands for one.
    """

    weight: torch.Tensor
    target: torch.Tensor | None = None
    importance: torch.Tensor | None = None


def quadratic(pulls: Sequence[Pull], strength: float) -> torch.Tensor:
    """strength/2 · Σ_i importance_i · (weight_i − target_i)², a scalar; 0 where nothing is drawn."""
    if not pulls:
        return torch.zeros(())
    apply: Any = _HalfSquares.apply
    return strength * torch.stack([apply(pull.weight, pull.target, pull.importance) for pull in pulls]).sum()


class _HalfSquares(torch.autograd.Function):
    """1/2 · Σ_i importance_i · (weight_i − target_i)².

    Its gradient is what the forward pass has at hand already, which saves half of the time of autograd's own rules.
    """

    @staticmethod
    def forward(
        ctx: Any, weight: torch.Tensor, target: torch.Tensor | None, importance: torch.Tensor | None
    ) -> torch.Tensor:
        distance = weight if target is None else weight - target
        gradient = distance if importance is None else importance * distance
        ctx.save_for_backward(gradient)
        return 0.5 * torch.dot(gradient.flatten(), distance.flatten())

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, above: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (gradient,) = ctx.saved_tensors
        return above * gradient, None, None
