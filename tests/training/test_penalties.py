"""Penalties: the formula, its gradient, and once an update however it is divided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch

from vocation.training.objective import Objective, Outcome, objective_of
from vocation.training.penalties import Penalty, penalised
from vocation.training.quadratic import Pull, quadratic


def slow(weights: Any, targets: Any, importance: Any, strength: float) -> float:
    """The formula, number by number."""
    total = 0.0
    for one, weight in enumerate(weights):
        for index, value in enumerate(weight.flatten().tolist()):
            target = 0.0 if targets[one] is None else targets[one].flatten()[index].item()
            factor = 1.0 if importance[one] is None else importance[one].flatten()[index].item()
            total += factor * (value - target) ** 2
    return strength / 2 * total


def test_value_and_gradient_are_those_of_the_formula() -> None:
    torch.manual_seed(1)
    weights = [torch.randn(3, 4, dtype=torch.float64, requires_grad=True) for _ in range(3)]
    targets = [torch.randn(3, 4, dtype=torch.float64), None, torch.randn(3, 4, dtype=torch.float64)]
    importance = [torch.rand(3, 4, dtype=torch.float64), torch.rand(3, 4, dtype=torch.float64), None]
    pulls = [Pull(*each) for each in zip(weights, targets, importance, strict=True)]
    value = quadratic(pulls, 7.0)
    assert value.item() == pytest.approx(slow(weights, targets, importance, 7.0), abs=1e-10)
    value.backward()
    for weight, target, factor in zip(weights, targets, importance, strict=True):
        distance = weight.detach() - (0 if target is None else target)
        expected = 7.0 * (1.0 if factor is None else factor) * distance
        assert weight.grad is not None
        torch.testing.assert_close(weight.grad, expected, atol=1e-12, rtol=0)
    assert quadratic([], 7.0).item() == 0


class Line(torch.nn.Module):
    """Two classes from one number."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor([0.3, -0.2], dtype=torch.float64))


def scores(model: Any, batch: Mapping[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    return batch["inputs"].unsqueeze(1) * model.weight, batch["targets"]


def gradient(model: Line, objective: Objective, parts: list[slice]) -> torch.Tensor:
    """Of an update that is divided so, as the loop computes it."""
    inputs, targets = torch.tensor([0.5, -1.0, 2.0, 0.1, 1.5], dtype=torch.float64), torch.tensor([0, 1, 1, 0, 1])
    model.zero_grad()
    for part in parts:
        loss = objective(model, {"inputs": inputs[part], "targets": targets[part]}).loss
        (loss / len(targets)).backward()
    assert model.weight.grad is not None
    return model.weight.grad.clone()


DIVISIONS = [[slice(0, 5)], [slice(0, 4), slice(4, 5)], [slice(index, index + 1) for index in range(5)]]


@pytest.mark.parametrize("parts", DIVISIONS, ids=len)
def test_it_enters_an_update_once_however_it_is_divided(parts: list[slice]) -> None:
    model = Line()
    penalty = Penalty(lambda: quadratic([Pull(model.weight)], 3.0), "all")
    plain = objective_of(scores)
    expected = gradient(model, plain, [slice(0, 5)]) + 3.0 * model.weight.detach()
    found = gradient(model, penalised(plain, [penalty]), parts)
    torch.testing.assert_close(found, expected, atol=1e-12, rtol=0)

    def careless(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        outcome = plain(model, batch)
        return outcome._replace(loss=outcome.loss + penalty.value() * 5)  # Of the whole update, in every part.

    wrong = gradient(model, plain.wrapped(careless), parts)
    assert torch.allclose(wrong, expected) == (len(parts) == 1)


def test_it_is_outside_of_what_runs_the_model_twice() -> None:
    model = Line()
    plain = objective_of(scores)

    def twice(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        outcome = plain(model, batch)
        return outcome._replace(loss=outcome.loss + plain(model, batch).loss)

    two = plain.wrapped(twice)
    penalty = Penalty(lambda: quadratic([Pull(model.weight)], 3.0), "all")
    difference = gradient(model, penalised(two, [penalty, penalty]), DIVISIONS[1]) - gradient(model, two, DIVISIONS[1])
    torch.testing.assert_close(difference, 2 * 3.0 * model.weight.detach(), atol=1e-12, rtol=0)
    assert penalised(two, []) is two
