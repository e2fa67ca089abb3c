"""Averages of weights: those of torch, in place of the weights and back to the bit, kept by checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from vocation.training import checkpoints
from vocation.training.averaging import Average, Share, equal, exponential


def learner() -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)).double()
    return model, torch.optim.AdamW(model.parameters(), lr=0.05)


def learn(model: torch.nn.Module, optimiser: torch.optim.Optimizer, update: int, average: Average) -> None:
    average.before_update(update, 1)
    torch.manual_seed(update)
    model(torch.randn(8, 5, dtype=torch.float64)).square().sum().backward()
    optimiser.step()
    optimiser.zero_grad()
    average.after_update(update, 1)


def average_of(model: torch.nn.Module, share: Share) -> Average:
    return Average(dict(model.named_parameters()), share)


def weights(model: torch.nn.Module) -> list[torch.Tensor]:
    return [value.detach().clone() for value in model.parameters()]


def largest(one: list[torch.Tensor], other: list[torch.Tensor]) -> float:
    return max(float((a - b).abs().max()) for a, b in zip(one, other, strict=True))


def test_exponential_average_is_that_of_torch() -> None:
    model, optimiser = learner()
    average = average_of(model, exponential(0.9, warmup=False))
    theirs = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    theirs.update_parameters(model)  # Theirs begins with the first weights it is given.
    for update in range(1, 8):
        learn(model, optimiser, update, average)
        theirs.update_parameters(model)
    with average.in_place():
        assert largest(weights(model), weights(theirs.module)) < 1e-12
    assert largest(weights(model), weights(theirs.module)) > 1e-2


def test_equal_shares_give_the_mean_of_torch_and_of_the_formula() -> None:
    model, optimiser = learner()
    average, theirs = average_of(model, equal(3.5, 2)), AveragedModel(model)
    entered = []
    for update in range(1, 11):
        learn(model, optimiser, update, average)
        if update in (4, 6, 8, 10):
            theirs.update_parameters(model)
            entered.append(weights(model))
        with average.in_place():
            mean = [torch.stack(each).mean(0) for each in zip(*entered, strict=True)] if entered else weights(model)
            assert largest(weights(model), mean) < 1e-12
    with average.in_place():
        assert largest(weights(model), weights(theirs.module)) < 1e-12


def test_decay_warms_up() -> None:
    share = exponential(0.99, warmup=True)
    assert [share(number, 0) for number in (1, 10)] == pytest.approx([1 - 2 / 11, 1 - 11 / 20], abs=1e-15)
    assert share(10_000, 0) == pytest.approx(0.01, abs=1e-15)


@pytest.mark.parametrize("share", [exponential(0.9, warmup=True), equal(0, 1)])
def test_the_weights_come_back_to_the_bit(share: Share) -> None:
    model, optimiser = learner()
    average = average_of(model, share)
    for update in (1, 2, 3):
        learn(model, optimiser, update, average)
    before = weights(model)

    def fail() -> None:
        with average.in_place():
            assert largest(weights(model), before) > 1e-4
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert all(torch.equal(one, two) for one, two in zip(before, weights(model), strict=True))


@pytest.mark.parametrize("make", [lambda: exponential(0.9, warmup=True), lambda: equal(2, 1)])
def test_checkpoints_keep_the_average(make: Callable[[], Share], tmp_path: Path) -> None:
    model, optimiser = learner()
    average = average_of(model, make())
    for update in range(1, 9):
        learn(model, optimiser, update, average)
        if update == 4:
            checkpoints.save(tmp_path, 4, model, optimiser, {}, [average])
    other, other_optimiser = learner()
    again, forgetful = average_of(other, make()), average_of(other, make())
    checkpoints.restore(tmp_path, other, other_optimiser, [again])
    for update in range(5, 9):
        learn(other, other_optimiser, update, again)
        forgetful.after_update(update, 1)
    wanted = in_place(model, average)
    assert all(torch.equal(one, two) for one, two in zip(wanted, in_place(other, again), strict=True))
    assert largest(wanted, in_place(other, forgetful)) > 1e-3


def in_place(model: Any, average: Average) -> list[torch.Tensor]:
    with average.in_place():
        return weights(model)
