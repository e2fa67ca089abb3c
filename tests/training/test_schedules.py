"""Learning rates against the schedules of `transformers`."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from transformers import get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup

from vocation.training.schedules import Shape, learning_rate_schedule

PEAK = 3e-4


def reference(shape: Shape, total: int, rising: int) -> list[float]:
    """The rates of `transformers` at its step counts 0 … total."""
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)
    makers: dict[str, Any] = {"linear": get_linear_schedule_with_warmup, "cosine": get_cosine_schedule_with_warmup}
    scheduler = makers[shape](optimiser, rising, total)
    rates = []
    for _ in range(total + 1):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    return rates


@pytest.mark.parametrize("shape", ["linear", "cosine"])
@pytest.mark.parametrize(("total", "warmup"), [(40, 0.1), (7, 0.5), (100, 0.0), (3, 0.1)])
def test_rates_are_those_of_transformers_without_its_updates_at_zero(shape: Shape, total: int, warmup: float) -> None:
    """`transformers` counts finished updates, so its first one has the rate 0 and learns nothing.

    Ours counts the update itself while the rate rises, and finished updates while it falls: the peak is held for two
    updates, and neither the first nor the last is wasted.
    """
    rising = round(total * warmup)
    theirs = reference(shape, total, rising)
    ours = learning_rate_schedule(PEAK, total, warmup, shape)
    for number in range(1, total + 1):
        expected = theirs[number] if number <= rising else theirs[number - 1]
        assert ours(number) == pytest.approx(expected, rel=1e-9, abs=1e-18)
        assert ours(number) > 0


def test_a_constant_rate_stays_at_its_peak_after_the_warm_up() -> None:
    rate = learning_rate_schedule(PEAK, 10, 0.3, "constant")
    assert [rate(number) for number in range(1, 11)] == pytest.approx([PEAK / 3, PEAK * 2 / 3] + [PEAK] * 8)


@pytest.mark.parametrize("shape", ["linear", "cosine", "constant"])
@pytest.mark.parametrize("warmup", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("total", [1, 2, 9])
def test_every_rate_is_above_zero_and_at_most_the_peak(shape: Shape, warmup: float, total: int) -> None:
    rate = learning_rate_schedule(PEAK, total, warmup, shape)
    rates = [rate(number) for number in range(1, total + 1)]
    assert all(0 < value <= PEAK * (1 + 1e-12) and math.isfinite(value) for value in rates)
    assert max(rates) == pytest.approx(PEAK)
