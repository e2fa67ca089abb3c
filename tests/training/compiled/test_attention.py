"""Attention for training: the formula, its gradients, and when torch's own serves."""

from __future__ import annotations

import math

import pytest
import torch

from vocation.training.compiled.attention import attention_forward
from vocation.training.compiled.dropout import Mask, draw_mask


class Layer(torch.nn.Module):
    """Stands for the module whose attention it is."""

    is_causal = False


def inputs(queries: int = 7, keys: int = 7) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(11)
    sizes = [(3, 2, queries, 4), (3, 2, keys, 4), (3, 2, keys, 4)]
    query, key, value = (torch.randn(size, requires_grad=True) for size in sizes)
    return query, key, value


def seen(queries: int, keys: int) -> torch.Tensor:
    """True where a query sees a key: texts of 7, 5 and 2 tokens."""
    lengths = torch.tensor([7, 5, 2])
    return (torch.arange(keys) < lengths[:, None])[:, None, None].expand(3, 1, queries, keys)


def slow(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None, drawn: Mask
) -> torch.Tensor:
    """softmax(q kᵀ / √W), dropped by a given mask, times v: [B, T, H, W]."""
    scores = query @ key.transpose(2, 3) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    probabilities = torch.softmax(scores, -1)
    kept = drawn.apply(torch.ones(probabilities.shape))
    return ((probabilities * kept) @ value).transpose(1, 2)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("queries", [7, 1])
def test_values_and_gradients_are_those_of_the_formula(masked: bool, queries: int) -> None:
    ours, theirs = inputs(queries), inputs(queries)
    mask = seen(queries, 7) if masked else None
    weights = torch.randn(3, queries, 2, 4)
    torch.manual_seed(23)
    result, probabilities = attention_forward(Layer().train(), *ours, mask, dropout=0.3)
    torch.manual_seed(23)
    expected = slow(*theirs, mask, draw_mask(0.3))
    assert probabilities is None
    torch.testing.assert_close(result, expected, rtol=0, atol=1e-5)
    (result * weights).sum().backward()
    (expected * weights).sum().backward()
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one.grad, other.grad, rtol=0, atol=1e-5)
        assert one.grad is not None
        assert float(one.grad.abs().max()) > 1e-2
    undropped, _ = attention_forward(Layer().train(), *theirs, mask, dropout=0.0)
    assert float((undropped - expected).detach().abs().max()) > 1e-2


def test_without_dropout_torch_computes() -> None:
    query, key, value = inputs()
    result, _ = attention_forward(Layer().train(), query, key, value, seen(7, 7), dropout=0.0)
    expected = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=seen(7, 7)).transpose(1, 2)
    torch.testing.assert_close(result, expected, rtol=0, atol=1e-6)
