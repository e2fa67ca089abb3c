"""Encoder layers computed plainly, in double precision, with the very masks of the kernels."""

from __future__ import annotations

import torch

from vocation.training.compiled.dropout import Mask
from vocation.training.compiled.encoder_layers import Attention, Pair, Texts
from vocation.training.compiled.factors import plain_factors


def factors(values: torch.Tensor, mask: Mask) -> torch.Tensor:
    """What dropout multiplies rows [R, D] with."""
    return torch.from_numpy(plain_factors(len(values), values.shape[-1], mask)).double()


def plain_norm(values: torch.Tensor, norm: Pair, epsilon: float) -> torch.Tensor:
    """The layer norm of rows [N, D]."""
    return torch.nn.functional.layer_norm(values, values.shape[-1:], *norm, epsilon)


def plain_attention(values: torch.Tensor, texts: Texts, how: Attention, maps: list[Pair], norm: Pair) -> torch.Tensor:
    """See `encoder_layers.attention`."""
    batch, heads, tokens = len(texts.lengths), how.heads, texts.tokens
    query, key, value = (
        torch.nn.functional.linear(values, *pair).view(batch, tokens, heads, -1).transpose(1, 2) for pair in maps[:3]
    )
    scores = query @ key.transpose(2, 3) * how.scaling
    unseen = torch.arange(tokens) >= texts.lengths.view(-1, 1, 1, 1)
    probabilities = scores.masked_fill(unseen, -torch.inf).softmax(-1)
    kept = factors(probabilities.reshape(-1, tokens), how.probabilities).view(probabilities.shape)
    context = (probabilities * kept @ value).transpose(1, 2).reshape(len(values), -1)
    output = torch.nn.functional.linear(context, *maps[3]) * factors(values, how.output)
    return plain_norm(values + output, norm, how.epsilon)


def plain_feed_forward(values: torch.Tensor, maps: list[Pair], norm: Pair, epsilon: float, mask: Mask) -> torch.Tensor:
    """See `encoder_layers.feed_forward`."""
    hidden = torch.nn.functional.gelu(torch.nn.functional.linear(values, *maps[0]))
    output = torch.nn.functional.linear(hidden, *maps[1]) * factors(values, mask)
    return plain_norm(values + output, norm, epsilon)
