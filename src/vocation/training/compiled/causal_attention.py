"""Attention over packed examples: each query sees its own example up to itself, and what all examples share.

The queries are divided into blocks of neighbours, so that of the keys behind a block nothing is computed. Scores are
matrix products; the probabilities are computed anew in the backward pass, so memory grows with the tokens alone.
Shapes: N tokens, H heads, G heads of keys and values (each serves H / G heads of queries), W width of a head; within a
block Q queries and K keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from vocation.training.compiled.causal_softmax import Windows, window_softmax, window_softmax_backward
from vocation.training.packing import Packed

NAME = "vocation_causal"
"""Name under which transformers knows this attention."""
_LONG, _SHORT = 192, 64
"""Queries of a block at most, and tokens below which neighbouring examples share one."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Queries that are computed together.

    Args:
        queries: their places among the tokens.
        keys: places of the keys that some of them see, those that all examples share left out.
        windows: which keys each sees; those that all share stand in front.
    """

    queries: slice
    keys: slice
    windows: Windows


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How the attention over packed examples is computed.

    Args:
        packed: the examples.
        blocks: of their tokens.
    """

    packed: Packed
    blocks: Sequence[Block]

    def mask(self, window: int | None) -> torch.Tensor:
        """[1, 1, N, N], true where a token sees another: for what the blocks do not serve.

        Args:
            window: how many tokens of its example a token sees at most, itself included; all unless given.
        """
        seen = self.packed.seen()
        if window is not None:
            places = self.packed.positions[0]
            seen &= places.unsqueeze(1) - places < window
        return seen[None, None]


def packed_inputs(packed: Packed) -> dict[str, Any]:
    """What a decoder of transformers reads of packed examples."""
    blocks = [*_divide([packed.shared], 0, 0), *_divide(packed.lengths, packed.shared, packed.shared)]
    whole = torch.ones(1, 1, 1, 1, dtype=torch.bool)  # In four dimensions, so that no [N, N] mask is made of it.
    plan = Plan(packed, blocks)
    return {"input_ids": packed.ids, "position_ids": packed.positions, "attention_mask": whole, "plan": plan}


def _divide(lengths: Sequence[int], begin: int, shared: int) -> Iterator[Block]:
    """Blocks of examples that stand one behind the other from `begin` on."""
    group: list[int] = []
    for place, length in enumerate(lengths):
        group.append(length)
        following = lengths[place + 1] if place + 1 < len(lengths) else _LONG
        if sum(group) + following > _SHORT:
            yield from _blocks(group, begin, shared)
            begin += sum(group)
            group = []


def _blocks(group: Sequence[int], begin: int, shared: int) -> Iterator[Block]:
    total = sum(group)
    starts = torch.repeat_interleave(torch.tensor([0, *group[:-1]]).cumsum(0), torch.tensor(group)) + shared
    for first in range(0, total, _LONG):
        last = min(first + _LONG, total)
        stops = torch.arange(first, last) + shared + 1
        windows = Windows(shared, starts[first:last].contiguous(), stops)
        yield Block(slice(begin + first, begin + last), slice(begin, begin + last), windows)


def attention_forward(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """Attention as transformers calls it; torch's own where no examples are packed.

    Args:
        module: whose attention it is.
        query: [1, H, N, W].
        key: [1, G, N, W].
        value: [1, G, N, W].
        attention_mask: of what is not packed.
        options: `plan` of packed examples, `scaling`, and whatever else transformers hands over.

    Returns:
        [1, N, H, W], and None in place of the probabilities.
    """
    plan: Plan | None = options.pop("plan", None)
    special = options.get("position_bias") is not None or options.get("sliding_window") is not None
    if plan is None or special or options.get("dropout"):
        from transformers.integrations.sdpa_attention import sdpa_attention_forward

        mask = attention_mask if plan is None else plan.mask(options.get("sliding_window"))
        return sdpa_attention_forward(module, query, key, value, mask, **options)
    scaling = options.get("scaling") or query.shape[-1] ** -0.5
    rows = [tensor[0].transpose(0, 1) for tensor in (query, key, value)]
    apply: Any = Attention.apply
    result: torch.Tensor = apply(plan.blocks, scaling, *rows)
    return result.unsqueeze(0), None


class Attention(torch.autograd.Function):
    """[N, H, W], given blocks, the scaling of the scores, and queries [N, H, W], keys and values [N, G, W]."""

    @staticmethod
    def forward(
        ctx: Any,
        blocks: Sequence[Block],
        scaling: float,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
    ) -> torch.Tensor:
        result, totals = attend(blocks, scaling, query, key, value)
        ctx.save_for_backward(query, key, value, *totals)
        ctx.blocks, ctx.scaling = blocks, scaling
        return result

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[Any, ...]:
        query, key, value, *totals = ctx.saved_tensors
        of_inputs = [torch.zeros_like(tensor) for tensor in (query, key, value)]
        attend_backward(ctx.blocks, ctx.scaling, (query, key, value), totals, gradient, of_inputs)
        return None, None, *of_inputs


def attend(
    blocks: Sequence[Block], scaling: float, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """The attention's output [N, H, W], and log Σ exp of the scores of each block, for the backward pass."""
    result, totals = query.new_empty(query.shape), []
    for block in blocks:
        queries = _grouped(query[block.queries], key.shape[1])  # [G, H / G × Q, W]
        scores = torch.bmm(queries, _keys(key, block).transpose(1, 2))  # [G, H / G × Q, K]
        totals.append(window_softmax(scores.view(-1, scores.shape[-1]), block.windows, scaling))
        _ungroup(torch.bmm(scores, _keys(value, block)), result[block.queries])
    return result, totals


def attend_backward(
    blocks: Sequence[Block],
    scaling: float,
    inputs: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    totals: Sequence[torch.Tensor],
    gradient: torch.Tensor,
    of_inputs: Sequence[torch.Tensor],
) -> None:
    """Writes the gradient of the queries, and adds that of keys and values.

    Args:
        blocks: as in `attend`.
        scaling: likewise.
        inputs: queries, keys and values.
        totals: what `attend` gave.
        gradient: of its output, [N, H, W].
        of_inputs: where the gradients go; those of keys and values hold numbers already.
    """
    query, key, value = inputs
    of_query, of_key, of_value = of_inputs
    for block, total in zip(blocks, totals, strict=True):
        queries, above = _grouped(query[block.queries], key.shape[1]), _grouped(gradient[block.queries], key.shape[1])
        keys = _keys(key, block)
        scores = torch.bmm(queries, keys.transpose(1, 2))  # [G, H / G × Q, K]
        of_scores = torch.bmm(above, _keys(value, block).transpose(1, 2))
        flat = scores.view(-1, scores.shape[-1]), of_scores.view(-1, scores.shape[-1])
        window_softmax_backward(*flat, block.windows, scaling, total)
        _ungroup(torch.bmm(of_scores, keys), of_query[block.queries])
        _add(torch.bmm(of_scores.transpose(1, 2), queries), of_key, block)
        _add(torch.bmm(scores.transpose(1, 2), above), of_value, block)


def _grouped(tensor: torch.Tensor, groups: int) -> torch.Tensor:
    """[Q, H, W] as [G, H / G × Q, W]: the heads that share keys stand in one matrix."""
    queries, heads, width = tensor.shape
    return tensor.view(queries, groups, heads // groups, width).permute(1, 2, 0, 3).reshape(groups, -1, width)


def _ungroup(grouped: torch.Tensor, result: torch.Tensor) -> None:
    """Writes [G, H / G × Q, W] as [Q, H, W]."""
    queries, heads, width = result.shape
    groups = len(grouped)
    parts = grouped.view(groups, heads // groups, queries, width).permute(2, 0, 1, 3)
    result.view(queries, groups, heads // groups, width).copy_(parts)


def _keys(tensor: torch.Tensor, block: Block) -> torch.Tensor:
    """What a block sees of keys or values [N, G, W], as [G, K, W]."""
    own = tensor[block.keys]
    seen = torch.cat((tensor[: block.windows.shared], own)) if block.windows.shared else own
    return seen.transpose(0, 1)


def _add(gradient: torch.Tensor, of_keys: torch.Tensor, block: Block) -> None:
    """Adds [G, K, W] to the rows of [N, G, W] that a block sees."""
    rows = gradient.transpose(0, 1)
    if block.windows.shared:
        of_keys[: block.windows.shared] += rows[: block.windows.shared]
    of_keys[block.keys] += rows[block.windows.shared :]
