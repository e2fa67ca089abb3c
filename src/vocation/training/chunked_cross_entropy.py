"""Cross-entropy over a large vocabulary, without ever holding the logits of all positions.

The logits [N, V] of a causal language model are its largest numbers by far: 200 megabytes for a thousand positions of a
vocabulary of 49,152. Here they are computed a part of the positions at a time, and with them at once the gradient,
since that of a sum of losses needs nothing from above but a factor (as Hsu et al., 2024, do in Liger Kernel).
Shapes: N positions, D width, V vocabulary.
"""

from __future__ import annotations

from typing import Any

import torch

from vocation.training.compiled.causal_softmax import Windows, window_softmax

_ELEMENTS = 1 << 23
"""Of the logits of a part: 32 megabytes in float32."""


def chunked_cross_entropy(
    hidden: torch.Tensor, weight: torch.Tensor, classes: torch.Tensor, positions: int | None = None
) -> torch.Tensor:
    """−Σ log softmax(hidden · weightᵀ)[class] over all positions, a scalar.

    Computed in the precision of its inputs. `torch.nn.functional.cross_entropy` is the better choice where the logits
    are wanted as well, or a loss of each position.

    Args:
        hidden: [N, D].
        weight: of the head, [V, D]; its gradient is computed only if it trains.
        classes: [N], each from 0 to V − 1.
        positions: of a part; as many as fit into some tens of megabytes unless given.
    """
    size = positions or max(1, _ELEMENTS // len(weight))
    apply: Any = _ChunkedCrossEntropy.apply
    result: torch.Tensor = apply(hidden, weight, classes, size)
    return result


class _ChunkedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: torch.Tensor, weight: torch.Tensor, classes: torch.Tensor, size: int) -> torch.Tensor:
        of_hidden = torch.empty_like(hidden) if ctx.needs_input_grad[0] else None
        of_weight = torch.zeros_like(weight) if ctx.needs_input_grad[1] else None
        loss = hidden.new_zeros(())
        logits = hidden.new_empty(min(size, len(hidden)), len(weight))
        for start in range(0, len(hidden), size):
            part = slice(start, start + size)
            loss += _losses(hidden[part], weight, classes[part], logits[: len(classes[part])]).sum()
            above = logits[: len(classes[part])]
            if of_hidden is not None:
                torch.mm(above, weight, out=of_hidden[part])
            if of_weight is not None:
                of_weight.addmm_(above.t(), hidden[part])
        ctx.save_for_backward(of_hidden, of_weight)
        return loss

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        of_hidden, of_weight = (None if saved is None else saved * gradient for saved in ctx.saved_tensors)
        return of_hidden, of_weight, None, None


def _losses(hidden: torch.Tensor, weight: torch.Tensor, classes: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
    """The loss of each position [N]; `logits` [N, V] is filled with the gradient of their sum, softmax − one-hot."""
    torch.mm(hidden, weight.t(), out=logits)
    chosen = logits.gather(1, classes.unsqueeze(1))  # [N, 1]
    if logits.device.type == "cpu":
        every = Windows(0, classes.new_zeros(1), classes.new_full((1,), logits.shape[1]))
        total = window_softmax(logits, every, 1.0).unsqueeze(1)
    else:
        total = torch.logsumexp(logits, -1, keepdim=True)
        logits.sub_(total).exp_()
    logits.scatter_add_(1, classes.unsqueeze(1), logits.new_full((len(logits), 1), -1.0))
    return (total - chosen).squeeze(1)
