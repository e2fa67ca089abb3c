"""Attention for training on a processor: batched matrix products, softmax, and dropout by the compiled generator.

Torch's own attention has no fast path with dropout on a processor. The probabilities are kept for the backward pass
(B × H × T × T numbers); what dropout leaves of them is drawn again.
Shapes: B batch, H heads, T queries, S keys, W width of a head.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from vocation.training.compiled.dropout import Mask, draw_mask, fits

NAME = "vocation_compiled"
"""Name under which transformers knows this attention."""


def register(name: str, forward: Callable[..., Any]) -> None:
    """Makes an attention known to transformers; masks come as those of its `sdpa`, boolean.

    Args:
        name: under which it is known.
        forward: as transformers calls it.
    """
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(name, forward)
    AttentionMaskInterface.register(name, sdpa_mask)


def attention_forward(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """Attention as transformers calls it; torch's own where nothing is dropped or the numbers are not float32.

    Args:
        module: whose attention it is.
        query: [B, H, T, W].
        key: [B, H, S, W], or fewer heads, each for several of the queries.
        value: [B, H, S, W], likewise.
        attention_mask: [B, 1, T, S], true where a query sees a key, or None.
        options: `dropout`, `scaling` and whatever else transformers hands over.

    Returns:
        [B, T, H, W], and None in place of the probabilities.
    """
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    probability = float(options.get("dropout", 0.0))
    plain = attention_mask is None or attention_mask.dtype == torch.bool
    causal = options.get("is_causal", getattr(module, "is_causal", False))
    known = options.get("position_bias") is None and options.get("softcap") is None
    equal = key.shape[1] == query.shape[1] and (attention_mask is not None or not causal)
    if not (module.training and fits(query, probability) and plain and known and equal):
        return sdpa_attention_forward(module, query, key, value, attention_mask, **options)
    scaling = options.get("scaling") or query.shape[-1] ** -0.5
    apply: Any = _Attention.apply
    result: torch.Tensor = apply(query * scaling, key, value, attention_mask, draw_mask(probability))
    return result, None


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attention_mask: torch.Tensor | None,
        mask: Mask,
    ) -> torch.Tensor:
        batch, heads, queries, width = query.shape
        keys = key.shape[2]
        flat = [tensor.reshape(batch * heads, -1, width) for tensor in (query, key, value)]
        scores = torch.bmm(flat[0], flat[1].transpose(1, 2))  # [B × H, T, S]
        if attention_mask is not None:
            hidden = torch.zeros(attention_mask.shape).masked_fill_(~attention_mask, torch.finfo(scores.dtype).min)
            scores.view(batch, heads, queries, keys).add_(hidden)
        probabilities = torch.softmax(scores, -1, out=scores)
        dropped = mask.apply(probabilities)
        context = torch.bmm(dropped, flat[2])  # [B × H, T, W]
        ctx.save_for_backward(*flat, probabilities)
        ctx.mask, ctx.shape = mask, (batch, heads)
        return context.view(batch, heads, queries, width).transpose(1, 2).contiguous()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        query, key, value, probabilities = ctx.saved_tensors
        mask: Mask = ctx.mask
        above = gradient.transpose(1, 2).reshape(query.shape)  # [B × H, T, W]
        dropped = mask.apply(probabilities)
        of_value = torch.bmm(dropped.transpose(1, 2), above)
        of_dropped = torch.bmm(above, value.transpose(1, 2), out=dropped)  # [B × H, T, S]
        of_probabilities = mask.apply_in_place(of_dropped)
        of_scores = torch._softmax_backward_data(of_probabilities, probabilities, -1, probabilities.dtype)  # noqa: SLF001
        of_query = torch.bmm(of_scores, key)
        of_key = torch.bmm(of_scores.transpose(1, 2), query)
        batch, heads = ctx.shape
        return (
            *(part.view(batch, heads, -1, part.shape[-1]) for part in (of_query, of_key, of_value)),
            None,
            None,
        )
