"""Layers of decoders built as Llama's (Touvron et al., 2023), each as two functions whose gradients are written down.

    x ← x + W_o attention(rotary(W_q n), rotary(W_k n), W_v n),   n = rms_norm(x)
    x ← x + W_down (silu(W_gate n) ⊙ W_up n),                     n = rms_norm(x)

What autograd would keep of the steps in between is computed anew where that is cheap, so a layer keeps per token its
two inputs, queries, keys, values, what attention gave, gate and up.
Shapes: N tokens, D width, H heads, G heads of keys and values, W width of a head, I inner width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from vocation.training.compiled import causal_linear as linear
from vocation.training.compiled.causal_attention import Block, attend, attend_backward
from vocation.training.compiled.causal_linear import Map, Update
from vocation.training.compiled.causal_norm import rms_norm, rms_norm_backward
from vocation.training.compiled.causal_rotary import rotate
from vocation.training.compiled.causal_swiglu import swiglu, swiglu_backward


class Heads(NamedTuple):
    """How attention is divided.

    Args:
        queries: H.
        keys: G.
        width: W.
        scaling: of the scores.
    """

    queries: int
    keys: int
    width: int
    scaling: float

    def split(self, joined: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Queries [N, H, W], keys and values [N, G, W] of rows [N, (H + 2 G) W]."""
        heads = joined.view(len(joined), -1, self.width)
        one, other = self.queries, self.queries + self.keys
        return heads[:, :one], heads[:, one:other], heads[:, other:]

    def columns(self, joined: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The same as [N, H W] and twice [N, G W]."""
        one, other = self.queries * self.width, (self.queries + self.keys) * self.width
        return joined[:, :one], joined[:, one:other], joined[:, other:]


class Norm(NamedTuple):
    """An RMS norm.

    Args:
        weight: [D].
        epsilon: added to the mean square.
    """

    weight: torch.Tensor
    epsilon: float


class Seen(NamedTuple):
    """What attention computes.

    Args:
        blocks: which queries see which keys.
        rows: of the result that are wanted, rising; None for all.
    """

    blocks: Sequence[Block]
    rows: torch.Tensor | None = None


class Turn(NamedTuple):
    """The angles of the tokens, cosine and sine, each [N, W]."""

    cosine: torch.Tensor
    sine: torch.Tensor


def attention(
    values: torch.Tensor,
    norm: Norm,
    maps: Sequence[tuple[Map, Update]],
    heads: Heads,
    turn: Turn,
    seen: Seen,
) -> torch.Tensor:
    """The sum of x and the output of attention, [N, D], or the rows of it that are wanted.

    Args:
        values: x, [N, D].
        norm: in front of the maps.
        maps: to queries, keys and values, and from heads to the output.
        heads: how they are divided.
        turn: of the tokens.
        seen: which keys the queries see, and which rows are wanted.
    """
    updates = [update for _, update in maps]
    apply: Any = _Attention.apply
    tensors = [tensor for given, _ in maps for tensor in given]
    result: torch.Tensor = apply(values, norm.weight, norm.epsilon, (heads, turn, seen, updates), *tensors)
    return result


def feed_forward(values: torch.Tensor, norm: Norm, maps: Sequence[tuple[Map, Update]]) -> torch.Tensor:
    """The sum of x and the output of the feed-forward network, [N, D].

    Args:
        values: x, [N, D].
        norm: in front of the maps.
        maps: to gate and up, and down to the output.
    """
    apply: Any = _FeedForward.apply
    tensors = [tensor for given, _ in maps for tensor in given]
    result: torch.Tensor = apply(values, norm.weight, norm.epsilon, [update for _, update in maps], *tensors)
    return result


def _maps(tensors: Sequence[torch.Tensor | None]) -> list[Map]:
    return [Map(*tensors[place : place + 4]) for place in range(0, len(tensors), 4)]  # type: ignore[arg-type]


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, values: torch.Tensor, weight: torch.Tensor, epsilon: float, fixed: Any, *tensors: torch.Tensor | None
    ) -> torch.Tensor:
        heads, turn, seen, updates = fixed
        maps = _maps(tensors)
        normalised, inverse = rms_norm(values, weight, epsilon)
        joined = values.new_empty(len(values), (heads.queries + 2 * heads.keys) * heads.width)
        parts = heads.columns(joined)
        kept = [
            linear.forward(one, update, normalised, part)
            for one, update, part in zip(maps[:3], updates[:3], parts, strict=True)
        ]
        rotate(joined, turn.cosine, turn.sine, heads.queries + heads.keys)
        context, totals = attend(seen.blocks, heads.scaling, *heads.split(joined))
        context, result = context.view(len(values), -1), values
        if seen.rows is not None:
            context, result = context[seen.rows], result[seen.rows]
        result = result.clone()
        kept.append(linear.forward(maps[3], updates[3], context, result, add=True))
        ctx.save_for_backward(values, weight, inverse, joined, context, *tensors)
        ctx.fixed, ctx.kept, ctx.totals = fixed, kept, totals
        return result

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[Any, ...]:
        heads, turn, seen, updates = ctx.fixed
        values, weight, inverse, joined, context, *tensors = ctx.saved_tensors
        maps, gradient = _maps(tensors), gradient.contiguous()
        above = linear.inner_gradient(maps[3], updates[3], gradient)
        of_context = torch.empty_like(context)
        linear.backward(maps[3], ctx.kept[3], gradient, above, of_context)
        of_output = linear.gradients(maps[3], ctx.kept[3], gradient, above, context)
        if seen.rows is not None:
            of_context = values.new_zeros(len(values), context.shape[1]).index_copy_(0, seen.rows, of_context)
            gradient = torch.zeros_like(values).index_copy_(0, seen.rows, gradient)
        of_joined = torch.empty_like(joined)
        of_joined[:, heads.queries * heads.width :] = 0  # Gradients of keys and values are added up.
        attend_backward(
            seen.blocks,
            heads.scaling,
            heads.split(joined),
            ctx.totals,
            of_context.view(len(values), heads.queries, heads.width),
            heads.split(of_joined),
        )
        rotate(of_joined, turn.cosine, turn.sine, heads.queries + heads.keys, back=True)
        of_values, of_weight, of_maps = _through_norm_and_maps(
            ctx, (values, weight, inverse), maps[:3], updates[:3], heads.columns(of_joined), gradient
        )
        return of_values, of_weight, None, None, *of_maps, *of_output


class _FeedForward(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        values: torch.Tensor,
        weight: torch.Tensor,
        epsilon: float,
        updates: Any,
        *tensors: torch.Tensor | None,
    ) -> torch.Tensor:
        maps = _maps(tensors)
        normalised, inverse = rms_norm(values, weight, epsilon)
        gate, up = (values.new_empty(len(values), len(one.weight)) for one in maps[:2])
        kept = [
            linear.forward(one, update, normalised, part)
            for one, update, part in zip(maps[:2], updates[:2], (gate, up), strict=True)
        ]
        result = values.clone()
        kept.append(linear.forward(maps[2], updates[2], swiglu(gate, up), result, add=True))
        ctx.save_for_backward(values, weight, inverse, gate, up, *tensors)
        ctx.updates, ctx.kept = updates, kept
        return result

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[Any, ...]:
        updates = ctx.updates
        values, weight, inverse, gate, up, *tensors = ctx.saved_tensors
        maps, gradient = _maps(tensors), gradient.contiguous()
        above = linear.inner_gradient(maps[2], updates[2], gradient)
        of_hidden = torch.empty_like(gate)
        linear.backward(maps[2], ctx.kept[2], gradient, above, of_hidden)
        of_gate, of_up, hidden = swiglu_backward(of_hidden, gate, up)
        of_output = linear.gradients(maps[2], ctx.kept[2], gradient, above, hidden)
        of_values, of_weight, of_maps = _through_norm_and_maps(
            ctx, (values, weight, inverse), maps[:2], updates[:2], (of_gate, of_up), gradient
        )
        return of_values, of_weight, None, None, *of_maps, *of_output


def _through_norm_and_maps(
    ctx: Any,
    norm: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    maps: Sequence[Map],
    updates: Sequence[Update],
    gradients: Sequence[torch.Tensor],
    above: torch.Tensor,
) -> tuple[torch.Tensor | None, torch.Tensor | None, list[torch.Tensor | None]]:
    """Gradients of x, of the norm's weight, and of the tensors of the maps that read n.

    Args:
        ctx: of a function whose first inputs are x and the norm's weight.
        norm: x, [N, D], the norm's weight, [D], and 1 / r, [N].
        maps: that read n.
        updates: of the maps.
        gradients: of their outputs.
        above: gradient that reaches x beside the norm, [N, D].
    """
    values, weight, inverse = norm
    normalised = values * inverse.unsqueeze(-1) * weight if linear.wants_values(maps) else None
    below = torch.empty_like(values) if ctx.needs_input_grad[0] or ctx.needs_input_grad[1] else None
    of_maps: list[torch.Tensor | None] = []
    for place, (one, update, gradient) in enumerate(zip(maps, updates, gradients, strict=True)):
        inner = linear.inner_gradient(one, update, gradient)
        if below is not None:
            linear.backward(one, ctx.kept[place], gradient, inner, below, add=place > 0)
        of_maps += linear.gradients(one, ctx.kept[place], gradient, inner, normalised)
    if below is None:
        return None, None, of_maps
    of_values = rms_norm_backward(below, values, weight, inverse, above) if ctx.needs_input_grad[0] else None
    of_weight = (below * values * inverse.unsqueeze(-1)).sum(0) if ctx.needs_input_grad[1] else None
    return of_values, of_weight, of_maps
