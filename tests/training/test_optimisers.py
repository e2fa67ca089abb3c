"""AdamW against its formula, and which weights decay."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch

from vocation.training.optimisers import adamw


def small_model() -> torch.nn.Module:
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Embedding(9, 6), torch.nn.Linear(6, 4), torch.nn.LayerNorm(4))


def gradients(model: torch.nn.Module, update: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(update)
    return {name: torch.randn(value.shape, generator=generator) for name, value in model.named_parameters()}


def slow_adamw(model: torch.nn.Module, rates: list[float], decay: Mapping[str, float]) -> dict[str, torch.Tensor]:
    """Loshchilov and Hutter (2019), algorithm 2, a tensor at a time in float64."""
    weights = {name: value.detach().double().clone() for name, value in model.named_parameters()}
    first = {name: torch.zeros_like(value) for name, value in weights.items()}
    second = {name: torch.zeros_like(value) for name, value in weights.items()}
    for update, rate in enumerate(rates, start=1):
        for name, gradient in gradients(model, update).items():
            weights[name] -= rate * decay[name] * weights[name]
            first[name] = 0.9 * first[name] + 0.1 * gradient.double()
            second[name] = 0.999 * second[name] + 0.001 * gradient.double() ** 2
            mean, variance = first[name] / (1 - 0.9**update), second[name] / (1 - 0.999**update)
            weights[name] -= rate * mean / (variance.sqrt() + 1e-8)
    return weights


def learn(model: torch.nn.Module, optimiser: torch.optim.Optimizer, rates: list[float]) -> None:
    for update, rate in enumerate(rates, start=1):
        for name, gradient in gradients(model, update).items():
            model.get_parameter(name).grad = gradient
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.step()


def test_matrices_decay_and_vectors_do_not() -> None:
    model, rates = small_model(), [0.1, 0.05, 0.02]
    decay = {name: 0.3 if name in ("0.weight", "1.weight") else 0.0 for name, _ in model.named_parameters()}
    expected = slow_adamw(model, rates, decay)
    wrong = slow_adamw(model, rates, dict.fromkeys(decay, 0.3))
    learn(model, adamw(model, weight_decay=0.3), rates)
    for name, value in model.named_parameters():
        torch.testing.assert_close(value.detach().double(), expected[name], rtol=0, atol=2e-6)
    assert (wrong["2.weight"] - expected["2.weight"]).abs().max() > 1e-3


def test_fused_equals_not_fused() -> None:
    fused, plain = small_model(), small_model()
    optimiser = adamw(fused, weight_decay=0.1)
    assert all(group["fused"] for group in optimiser.param_groups)
    groups = [
        {"params": [value for value in plain.parameters() if value.ndim >= 2], "weight_decay": 0.1},
        {"params": [value for value in plain.parameters() if value.ndim < 2], "weight_decay": 0.0},
    ]
    learn(fused, optimiser, [0.01] * 5)
    learn(plain, torch.optim.AdamW(groups, lr=0.0, fused=False), [0.01] * 5)
    for one, other in zip(fused.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-6)


def test_frozen_weights_are_not_in_it() -> None:
    model = small_model()
    model.get_parameter("0.weight").requires_grad_(False)
    optimiser = adamw(model, weight_decay=0.1)
    held = {id(value) for group in optimiser.param_groups for value in group["params"]}
    assert held == {id(value) for name, value in model.named_parameters() if name != "0.weight"}


def test_nothing_that_trains_is_an_error() -> None:
    with pytest.raises(ValueError, match="empty parameter list"):
        adamw(small_model().requires_grad_(False), weight_decay=0.1)
