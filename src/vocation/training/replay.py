"""A loss whose gradient was computed before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch


def with_gradients(
    value: torch.Tensor, parameters: Sequence[torch.Tensor], gradients: Sequence[torch.Tensor | None]
) -> torch.Tensor:
    """A scalar that has a value, and whose derivatives by some parameters are what is given.

    So a long sum of losses can free the memory of each term's pass as soon as its gradient is known.

    Args:
        value: the scalar.
        parameters: what it depends on.
        gradients: of each of them; None where it does not depend on it.
    """
    apply: Any = _Replay.apply
    result: torch.Tensor = apply(value.detach(), gradients, *parameters)
    return result


class _Replay(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, value: torch.Tensor, gradients: Any, *_parameters: torch.Tensor) -> torch.Tensor:
        ctx.gradients = gradients
        return value.clone()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, above: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return None, None, *(None if gradient is None else above * gradient for gradient in ctx.gradients)
