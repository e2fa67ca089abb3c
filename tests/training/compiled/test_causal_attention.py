"""Attention in blocks: each query sees what it should, and the gradients are those of torch's attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch.nn import functional

from vocation.training.compiled import causal_attention
from vocation.training.compiled.causal_attention import Plan, attention_forward, packed_inputs
from vocation.training.packing import Packed

CASES = [
    (0, [1]),
    (0, [5, 3, 9]),
    (4, [1, 7, 2]),
    (3, [1] * 40),
    (0, [450]),
    (70, [200, 10, 30, 20, 193, 5]),
    (300, [2, 250]),
]


class Layer(torch.nn.Module):
    """Stands for the module whose attention it is."""

    is_causal = True
    num_key_value_groups = 2


def packed(shared: int, lengths: Sequence[int]) -> Packed:
    positions = torch.cat([torch.arange(shared), *(shared + torch.arange(length) for length in lengths)])
    none = torch.zeros(0, dtype=torch.int64)
    return Packed(torch.zeros_like(positions)[None], positions[None], shared, lengths, none, none)


def plan_of(given: Packed) -> Plan:
    plan: Plan = packed_inputs(given)["plan"]
    return plan


Tensors = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def inputs(count: int, dtype: torch.dtype) -> Tensors:
    """Queries with 4 heads, keys and values with 2, each of width 6."""
    torch.manual_seed(7)
    query, key, value = (2 * torch.randn(1, heads, count, 6, dtype=dtype) for heads in (4, 2, 2))
    return query, key, value


def slow(tensors: Tensors, seen: torch.Tensor) -> torch.Tensor:
    query, key, value = tensors
    key, value = (tensor.repeat_interleave(2, 1) for tensor in (key, value))
    return functional.scaled_dot_product_attention(query, key, value, attn_mask=seen).transpose(1, 2)


@pytest.mark.parametrize(("shared", "lengths"), CASES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 2e-5), (torch.float64, 1e-12)])
def test_values_and_gradients_are_those_of_torch(
    shared: int, lengths: list[int], dtype: torch.dtype, tolerance: float
) -> None:
    given = packed(shared, lengths)
    count = shared + sum(lengths)
    ours, others = inputs(count, dtype), inputs(count, dtype)
    theirs = others[0].double(), others[1].double(), others[2].double()
    for tensor in (*ours, *theirs):
        tensor.requires_grad_()
    result, probabilities = attention_forward(Layer(), *ours, None, plan=plan_of(given))
    expected = slow(theirs, given.seen())
    assert probabilities is None
    torch.testing.assert_close(result.double(), expected, rtol=0, atol=tolerance)
    above = torch.randn_like(expected)
    result.backward(above.to(dtype))
    expected.backward(above)
    for one, other in zip(ours, theirs, strict=True):
        assert one.grad is not None
        assert other.grad is not None
        torch.testing.assert_close(one.grad.double(), other.grad, rtol=0, atol=20 * tolerance)
        assert count == 1 or float(one.grad.abs().max()) > 1e-2


def test_another_mask_would_be_noticed() -> None:
    given = packed(4, [1, 7, 2])
    tensors = inputs(14, torch.float64)
    result, _ = attention_forward(Layer(), *tensors, None, plan=plan_of(given))
    for spoilt in (torch.ones(14, 14).tril().bool(), packed(0, [4, 1, 7, 2]).seen()):
        assert float((result - slow(tensors, spoilt)).abs().max()) > 0.1


@pytest.mark.parametrize(("shared", "lengths"), CASES)
def test_blocks_cover_every_query_once_and_no_key_behind_them(shared: int, lengths: list[int]) -> None:
    given = packed(shared, lengths)
    blocks, seen = plan_of(given).blocks, given.seen()
    queries = [place for block in blocks for place in range(block.queries.start, block.queries.stop)]
    assert queries == list(range(shared + sum(lengths)))
    for block in blocks:
        assert block.keys.stop == block.queries.stop
        assert len(block.windows.starts) <= causal_attention._LONG
        own = [*range(block.windows.shared), *range(block.keys.start, block.keys.stop)]
        assert torch.equal(block.windows.seen(len(own)), seen[block.queries][:, own])
        assert not seen[block.queries].sum(1).sub(block.windows.seen(len(own)).sum(1)).any()
    short = [1] * 40
    assert len(plan_of(packed(3, short)).blocks) == 2  # One of what is shared, one of all examples.


@pytest.mark.parametrize(
    "options", [{"sliding_window": 3}, {"dropout": 0.5}, {"position_bias": torch.zeros(1, dtype=torch.float64)}]
)
def test_what_blocks_do_not_serve_torch_computes_with_the_whole_mask(options: dict[str, Any]) -> None:
    given = packed(4, [1, 7, 2])
    tensors = inputs(14, torch.float64)
    torch.manual_seed(3)
    result, _ = attention_forward(Layer(), *tensors, None, plan=plan_of(given), **options)
    seen = given.seen()
    if "sliding_window" in options:
        places = given.positions[0]
        seen &= places[:, None] - places < 3
    query, key, value = tensors
    key, value = (tensor.repeat_interleave(2, 1) for tensor in (key, value))
    torch.manual_seed(3)
    expected = functional.scaled_dot_product_attention(
        query, key, value, attn_mask=seen, dropout_p=options.get("dropout", 0.0)
    )
    torch.testing.assert_close(result, expected.transpose(1, 2), rtol=0, atol=1e-12)


def test_without_a_plan_torch_computes() -> None:
    tensors = inputs(9, torch.float64)
    result, _ = attention_forward(Layer(), *tensors, None)
    torch.testing.assert_close(result, slow(tensors, torch.ones(9, 9).tril().bool()), rtol=0, atol=1e-12)
