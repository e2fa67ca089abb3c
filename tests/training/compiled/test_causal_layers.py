"""The parts of a layer: gradients that are written down are the numerical ones."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.training.compiled.test_causal_attention import packed, plan_of
from vocation.training.compiled.causal_layers import Heads, Norm, Seen, Turn, attention, feed_forward
from vocation.training.compiled.causal_linear import Map, Update

WIDTH, INNER = 6, 5


def numbers(*size: int) -> torch.Tensor:
    return torch.randn(*size, dtype=torch.float64)


def maps(*sizes: tuple[int, int]) -> list[tuple[Map, Update]]:
    """Of (outputs, inputs) each, with a bias and an update of rank 2; all train."""
    result = []
    for outputs, inputs in sizes:
        tensors = [numbers(outputs, inputs), numbers(outputs), numbers(2, inputs), numbers(outputs, 2)]
        result.append((Map(*(tensor.requires_grad_() for tensor in tensors)), Update(0.7, 0.0)))
    return result


def check(function: Any, values: torch.Tensor, weight: torch.Tensor, given: list[tuple[Map, Update]]) -> None:
    """Compares every gradient with the numerical one."""
    flat = [tensor for tensors, _ in given for tensor in tensors if tensor is not None]

    def of(values: torch.Tensor, weight: torch.Tensor, *tensors: torch.Tensor) -> torch.Tensor:
        again = [(Map(*tensors[4 * place : 4 * place + 4]), update) for place, (_, update) in enumerate(given)]
        result: torch.Tensor = function(values, Norm(weight, 1e-5), again)
        return result

    assert torch.autograd.gradcheck(of, (values.requires_grad_(), weight.requires_grad_(), *flat))


def test_gradients_of_the_feed_forward_network_are_the_numerical_ones() -> None:
    torch.manual_seed(1)
    check(feed_forward, numbers(4, WIDTH), numbers(WIDTH), maps((INNER, WIDTH), (INNER, WIDTH), (WIDTH, INNER)))


@pytest.mark.parametrize("rows", [None, [3, 4, 6]])
def test_gradients_of_attention_are_the_numerical_ones(rows: list[int] | None) -> None:
    torch.manual_seed(1)
    plan = plan_of(packed(2, [3, 2]))
    heads = Heads(2, 1, 4, 0.4)
    angles = numbers(7, 2).repeat(1, 2)
    turn = Turn(angles.cos(), angles.sin())
    seen = Seen(plan.blocks, None if rows is None else torch.tensor(rows))

    def function(values: torch.Tensor, norm: Norm, given: list[tuple[Map, Update]]) -> torch.Tensor:
        return attention(values, norm, given, heads, turn, seen)

    sizes = (8, WIDTH), (4, WIDTH), (4, WIDTH), (WIDTH, 8)
    check(function, numbers(7, WIDTH), numbers(WIDTH), maps(*sizes))


def test_what_is_frozen_gets_no_gradient() -> None:
    torch.manual_seed(1)
    given = maps((INNER, WIDTH), (INNER, WIDTH), (WIDTH, INNER))
    for tensors, _ in given:
        tensors.weight.requires_grad_(False)
        assert tensors.bias is not None
        tensors.bias.requires_grad_(False)
    weight = numbers(WIDTH)
    feed_forward(numbers(4, WIDTH), Norm(weight, 1e-5), given).sum().backward()
    for tensors, _ in given:
        assert tensors.weight.grad is None
        assert all(tensor is not None and tensor.grad is not None for tensor in (tensors.down, tensors.up))
    assert weight.grad is None
