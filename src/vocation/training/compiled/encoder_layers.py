"""Encoder layers built as BERT's (Devlin et al., 2019), each as two functions whose gradients are written down.

    h = norm(x + d(W_o attention(W_q x + b_q, W_k x + b_k, W_v x + b_v) + b_o))      d is dropout
    z = norm(h + d(W_2 gelu(W_1 h + b_1) + b_2))

What autograd would do in some thirty operations, most of them a pass over memory, is matrix products with one pass
between two of them. Attention is computed some examples at a time, its probabilities anew in the backward pass, so
that its memory grows with the tokens alone.
Shapes: B examples, T tokens, N = B T, D width, I inner width, H heads.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

from vocation.training.compiled.dropout import Mask
from vocation.training.compiled.encoder_gelu import bias_gelu, bias_gelu_backward
from vocation.training.compiled.encoder_heads import join_heads, split_heads
from vocation.training.compiled.encoder_norm import Normalised, add_norm, add_norm_backward
from vocation.training.compiled.encoder_softmax import dropped_softmax, dropped_softmax_backward

_SCORES = 1 << 21
"""Of the examples that attend at once: 8 megabytes."""

Pair = tuple[torch.Tensor, torch.Tensor]
"""Weight and bias of a linear map or of a norm."""


class Texts(NamedTuple):
    """The examples of a batch, padded behind.

    Args:
        lengths: tokens of each, [B].
        tokens: T.
    """

    lengths: torch.Tensor
    tokens: int


class Attention(NamedTuple):
    """How attention is computed.

    Args:
        heads: H.
        scaling: of the scores.
        epsilon: of the norm.
        probabilities: what dropout leaves of them, over [B, H, T, T].
        output: what dropout leaves of the output, over [N, D].
    """

    heads: int
    scaling: float
    epsilon: float
    probabilities: Mask
    output: Mask


def attention(values: torch.Tensor, texts: Texts, how: Attention, maps: list[Pair], norm: Pair) -> torch.Tensor:
    """h, [N, D].

    Args:
        values: x, [N, D].
        texts: which rows are whose.
        how: numbers and masks.
        maps: to queries, keys and values, and from heads to the output.
        norm: behind them.
    """
    apply: Any = _Attention.apply
    result: torch.Tensor = apply(values, texts, how, *norm, *(tensor for pair in maps for tensor in pair))
    return result


def feed_forward(values: torch.Tensor, maps: list[Pair], norm: Pair, epsilon: float, mask: Mask) -> torch.Tensor:
    """z, [N, D].

    Args:
        values: h, [N, D].
        maps: up and down.
        norm: behind them.
        epsilon: of the norm.
        mask: what dropout leaves of the output, over [N, D].
    """
    apply: Any = _FeedForward.apply
    result: torch.Tensor = apply(values, epsilon, mask, *norm, *(tensor for pair in maps for tensor in pair))
    return result


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        values: torch.Tensor,
        texts: Texts,
        how: Attention,
        weight: torch.Tensor,
        shift: torch.Tensor,
        *maps: torch.Tensor,
    ) -> torch.Tensor:
        batch, width = len(texts.lengths), values.shape[1]
        joined = values.new_empty(len(values), 3 * width)
        for place in range(3):
            torch.mm(values, maps[2 * place].t(), out=joined[:, place * width : (place + 1) * width])
        bias = torch.cat((maps[1], maps[3], maps[5]))
        split = split_heads(joined, bias, (batch, texts.tokens, how.heads), how.scaling)
        context, totals = _attend(split, texts, how)
        product = torch.mm(context, maps[6].t())
        result, kept = add_norm(product, maps[7], values, (weight, shift, how.epsilon), how.output)
        ctx.save_for_backward(values, split, context, *totals, *kept, weight, *maps[0:7:2])
        ctx.texts, ctx.how, ctx.parts = texts, how, len(totals)
        return result

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[Any, ...]:
        needed, texts, how = ctx.needs_input_grad, ctx.texts, ctx.how
        values, split, context, *rest = ctx.saved_tensors
        totals, (normalised, inverse, weight, query, key, value, output) = rest[: ctx.parts], rest[ctx.parts :]
        through = add_norm_backward(gradient.contiguous(), Normalised(normalised, inverse), weight, how.output)
        of_output = through.values.t() @ context if needed[11] else None
        of_maps: list[torch.Tensor | None] = [None] * 6
        of_values = None
        if any(needed[place] for place in (0, *range(5, 11))):
            of_split = _attend_backward(split, texts, how, totals, through.values @ output)
            joined, of_biases = join_heads(of_split, how.scaling)
            width = values.shape[1]
            of_values = through.residual if needed[0] else None
            for place, matrix in enumerate((query, key, value)):
                part = joined[:, place * width : (place + 1) * width]
                of_maps[2 * place] = part.t() @ values if needed[5 + 2 * place] else None
                of_maps[2 * place + 1] = of_biases[place * width : (place + 1) * width]
                if of_values is not None:
                    of_values.addmm_(part, matrix)
        return of_values, None, None, through.weight, through.shift, *of_maps, of_output, through.bias


def _parts(texts: Texts, heads: int) -> list[slice]:
    """The examples, as many at a time as attend at once."""
    size = max(1, _SCORES // (heads * texts.tokens**2))
    return [slice(start, start + size) for start in range(0, len(texts.lengths), size)]


def _attend(split: torch.Tensor, texts: Texts, how: Attention) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """What the heads give, [N, D], and log Σ exp of the scores of each part."""
    _, batch, heads, tokens, width = split.shape
    result, totals = split.new_empty(batch, heads, tokens, width), []
    for part in _parts(texts, heads):
        query, key, value = (tensor[part].view(-1, tokens, width) for tensor in split)
        scores = torch.bmm(query, key.transpose(1, 2))  # [b × H, T, T]
        first = part.start * heads * tokens
        lengths = texts.lengths[part]
        totals.append(dropped_softmax(scores.view(-1, tokens), lengths, how.probabilities, first))
        torch.bmm(scores, value, out=result[part].view(-1, tokens, width))
    return result.transpose(1, 2).reshape(batch * tokens, heads * width), totals


def _attend_backward(
    split: torch.Tensor, texts: Texts, how: Attention, totals: list[torch.Tensor], gradient: torch.Tensor
) -> torch.Tensor:
    """The gradient of queries, keys and values, [3, B, H, T, W], given that of what the heads gave, [N, D]."""
    _, batch, heads, tokens, width = split.shape
    above = gradient.view(batch, tokens, heads, width).transpose(1, 2).contiguous()
    result = torch.empty_like(split)
    for part, total in zip(_parts(texts, heads), totals, strict=True):
        query, key, value = (tensor[part].view(-1, tokens, width) for tensor in split)
        of_query, of_key, of_value = (tensor[part].view(-1, tokens, width) for tensor in result)
        own = above[part].view(-1, tokens, width)
        scores = torch.bmm(query, key.transpose(1, 2))
        of_scores = torch.bmm(own, value.transpose(1, 2))
        flat = scores.view(-1, tokens), of_scores.view(-1, tokens)
        first = part.start * heads * tokens
        dropped_softmax_backward(*flat, texts.lengths[part], total, how.probabilities, first)
        torch.bmm(scores.transpose(1, 2), own, out=of_value)
        torch.bmm(of_scores, key, out=of_query)
        torch.bmm(of_scores.transpose(1, 2), query, out=of_key)
    return result


class _FeedForward(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        values: torch.Tensor,
        epsilon: float,
        mask: Mask,
        weight: torch.Tensor,
        shift: torch.Tensor,
        *maps: torch.Tensor,
    ) -> torch.Tensor:
        up, up_bias, down, down_bias = maps
        derivative = torch.mm(values, up.t())
        hidden = bias_gelu(derivative, up_bias)
        product = torch.mm(hidden, down.t())
        result, kept = add_norm(product, down_bias, values, (weight, shift, epsilon), mask)
        ctx.save_for_backward(values, hidden, derivative, *kept, weight, up, down)
        ctx.mask = mask
        return result

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[Any, ...]:
        needed = ctx.needs_input_grad
        values, hidden, derivative, normalised, inverse, weight, up, down = ctx.saved_tensors
        through = add_norm_backward(gradient.contiguous(), Normalised(normalised, inverse), weight, ctx.mask)
        of_down = through.values.t() @ hidden if needed[7] else None
        of_values = of_up = of_up_bias = None
        if needed[0] or needed[5] or needed[6]:
            inner = through.values @ down
            of_up_bias = bias_gelu_backward(inner, derivative)
            of_up = inner.t() @ values if needed[5] else None
            of_values = through.residual.addmm_(inner, up) if needed[0] else None
        return of_values, None, None, through.weight, through.shift, of_up, of_up_bias, of_down, through.bias
