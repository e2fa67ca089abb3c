"""Both halves of an encoder's layer, forward and backward, against the same in double precision by autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from tests.training.compiled.encoders import plain_attention, plain_feed_forward
from vocation.training.compiled import encoder_layers
from vocation.training.compiled.dropout import Mask, draw_mask
from vocation.training.compiled.encoder_layers import Attention, Pair, Texts, attention, feed_forward
from vocation.training.compiled.factors import KEEP_ALL

WIDTH, INNER, HEADS, EPSILON = 24, 40, 3, 1e-12
Computed = Callable[[torch.Tensor, list[Pair], Pair], torch.Tensor]


def random_pairs(*shapes: tuple[int, int]) -> list[Pair]:
    return [(torch.randn(out, into) / into**0.5, torch.randn(out) / 3) for out, into in shapes]


def compare(fast: Computed, plain: Computed, values: torch.Tensor, maps: list[Pair], norm: Pair) -> None:
    """Results and all gradients are equal to rounding."""
    found: list[Any] = []
    expected: list[Any] = []
    weights = torch.randn(values.shape)
    for compute, kind, gathered in ((fast, torch.float32, found), (plain, torch.float64, expected)):
        given = [
            tensor.detach().to(kind).requires_grad_() for tensor in (values, *norm, *(t for pair in maps for t in pair))
        ]
        pairs = list(zip(given[3::2], given[4::2], strict=True))
        result = compute(given[0], pairs, (given[1], given[2]))
        (result * weights.to(kind)).sum().backward()
        gathered += [result.detach(), *(tensor.grad for tensor in given)]
    for one, other in zip(found, expected, strict=True):
        assert (one.double() - other).abs().max() <= 3e-6 * max(1.0, float(other.abs().max()))


def masks(probability: float) -> tuple[Mask, Mask]:
    torch.manual_seed(5)
    return (draw_mask(probability), draw_mask(probability)) if probability else (KEEP_ALL, KEEP_ALL)


@pytest.mark.parametrize("probability", [0.0, 0.3])
@pytest.mark.parametrize("lengths", [[7, 7], [9, 1, 4, 9, 5], [33] * 3])
@pytest.mark.parametrize("scores", [1, 1 << 21])
def test_attention(monkeypatch: pytest.MonkeyPatch, probability: float, lengths: list[int], scores: int) -> None:
    monkeypatch.setattr(encoder_layers, "_SCORES", scores)  # One example at a time, or all.
    torch.manual_seed(1)
    texts = Texts(torch.tensor(lengths), max(lengths))
    inner, outer = masks(probability)
    how = Attention(HEADS, (WIDTH // HEADS) ** -0.5, EPSILON, inner, outer)
    values, maps = torch.randn(len(lengths) * texts.tokens, WIDTH), random_pairs(*[(WIDTH, WIDTH)] * 4)
    norm = torch.randn(WIDTH), torch.randn(WIDTH)
    compare(
        lambda given, pairs, last: attention(given, texts, how, pairs, last),
        lambda given, pairs, last: plain_attention(given, texts, how, pairs, last),
        values,
        maps,
        norm,
    )


@pytest.mark.parametrize("probability", [0.0, 0.3])
@pytest.mark.parametrize("rows", [1, 31, 100])
def test_feed_forward(probability: float, rows: int) -> None:
    torch.manual_seed(2)
    mask, _ = masks(probability)
    values, maps = 2 * torch.randn(rows, WIDTH), random_pairs((INNER, WIDTH), (WIDTH, INNER))
    norm = torch.randn(WIDTH), torch.randn(WIDTH)
    compare(
        lambda given, pairs, last: feed_forward(given, pairs, last, EPSILON, mask),
        lambda given, pairs, last: plain_feed_forward(given, pairs, last, EPSILON, mask),
        values,
        maps,
        norm,
    )


def test_what_does_not_train_gets_no_gradient() -> None:
    torch.manual_seed(3)
    values, norm = torch.randn(14, WIDTH), (torch.ones(WIDTH), torch.zeros(WIDTH))
    maps = random_pairs(*[(WIDTH, WIDTH)] * 4, (INNER, WIDTH), (WIDTH, INNER))
    trained = [maps[1][0], maps[3][1], maps[4][1]]
    for tensor in trained:
        tensor.requires_grad_()
    texts = Texts(torch.tensor([7, 7]), 7)
    how = Attention(HEADS, 1.0, EPSILON, KEEP_ALL, KEEP_ALL)
    hidden = attention(values, texts, how, maps[:4], norm)
    feed_forward(hidden, maps[4:], norm, EPSILON, KEEP_ALL).square().sum().backward()
    assert all(tensor.grad is not None for tensor in trained)
    assert all(tensor.grad is None for pair in maps for tensor in pair if not tensor.requires_grad)


def test_equal_inputs_give_equal_bits() -> None:
    torch.manual_seed(4)
    values, norm = torch.randn(640, WIDTH), (torch.ones(WIDTH), torch.zeros(WIDTH))
    maps = random_pairs((INNER, WIDTH), (WIDTH, INNER))
    mask, _ = masks(0.1)
    gradients = []
    for _ in range(5):
        given = [tensor.clone().requires_grad_() for pair in maps for tensor in pair]
        feed_forward(values, [(given[0], given[1]), (given[2], given[3])], norm, EPSILON, mask).pow(3).sum().backward()
        gradients.append([tensor.grad for tensor in given])
    for other in gradients[1:]:
        assert all(
            torch.equal(one, two)
            for one, two in zip(gradients[0], other, strict=True)
            if one is not None and two is not None
        )
