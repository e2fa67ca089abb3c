"""Dropout by the compiled generator: what stays is scaled, gradients go the same way, torch's seed decides."""

from __future__ import annotations

import pytest
import torch

from vocation.training.compiled.dropout import draw_mask, dropout


def test_what_stays_is_scaled_and_gradients_pass_where_values_did() -> None:
    torch.manual_seed(3)
    values = torch.randn(40, 50, requires_grad=True)
    result = dropout(values, 0.25, training=True)
    kept = result != 0
    assert 0.2 < 1 - float(kept.float().mean()) < 0.3
    torch.testing.assert_close(result[kept], values[kept] / 0.75)
    weights = torch.randn(40, 50)
    (result * weights).sum().backward()
    torch.testing.assert_close(values.grad, torch.where(kept, weights / 0.75, 0.0))


def test_the_seed_decides_and_every_call_draws_anew() -> None:
    values = torch.ones(1000)
    torch.manual_seed(5)
    one, two = dropout(values, 0.5, training=True), dropout(values, 0.5, training=True)
    torch.manual_seed(5)
    assert torch.equal(dropout(values, 0.5, training=True), one)
    assert not torch.equal(one, two)


def test_a_transposed_tensor_is_dropped_by_its_own_places() -> None:
    mask = draw_mask(0.5)
    values = torch.randn(30, 20)
    torch.testing.assert_close(mask.apply(values.t().contiguous()) != 0, mask.apply(torch.ones(20, 30)) != 0)


@pytest.mark.parametrize("values", [torch.ones(500, dtype=torch.float64), torch.ones(500, dtype=torch.bfloat16)])
def test_other_numbers_go_through_torch(values: torch.Tensor) -> None:
    torch.manual_seed(1)
    ours = dropout(values, 0.5, training=True)
    torch.manual_seed(1)
    assert torch.equal(ours, torch.nn.functional.dropout(values, 0.5))


def test_without_training_nothing_is_dropped() -> None:
    values = torch.ones(500)
    assert torch.equal(dropout(values, 0.5, training=False), values)
    assert torch.equal(dropout(values, 0.0, training=True), values)
    assert not dropout(values, 1.0, training=True).any()
