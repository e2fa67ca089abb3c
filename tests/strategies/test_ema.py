"""The exponential moving average as a strategy: training goes on as it was, and the average is what is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from tests.strategies.training import Trial, trial
from vocation.records import Record
from vocation.strategies.ema import Ema
from vocation.strategies.full import Full
from vocation.strategies.swa import Swa
from vocation.tasks.classification import Classification
from vocation.training.companions import Companion
from vocation.tuning.settings import TuningSettings

Records = Callable[[int, int], list[Record]]


class Seen(Companion):
    """Keeps the weights after each update."""

    def __init__(self, taught: Trial) -> None:
        self._taught = taught
        self.weights: list[dict[str, torch.Tensor]] = []

    def after_update(self, number: int, epoch: int) -> None:
        self.weights.append(self._taught.weights())


def seen_by(taught: Trial, count: int) -> list[dict[str, torch.Tensor]]:
    """The weights after each of so many updates."""
    seen = Seen(taught)
    replace(taught, lesson=replace(taught.lesson, companions=[*taught.lesson.companions, seen])).learn(count)
    return seen.weights


@pytest.mark.parametrize("warmup", [True, False])
def test_the_average_is_that_of_the_formula_and_training_is_as_without(
    bert_folder: Path, intents: Records, warmup: bool
) -> None:
    averaged = trial(bert_folder, Classification(), intents(16, 1), [Ema(decay=0.6, warmup=warmup)])
    plain = trial(bert_folder, Classification(), intents(16, 1), [Full()])
    wanted = {name: weight.double() for name, weight in plain.weights().items()}
    after = seen_by(plain, 6)
    for number, weights in enumerate(after, start=1):
        d = min(0.6, (1 + number) / (10 + number)) if warmup else 0.6
        wanted = {name: d * wanted[name] + (1 - d) * weights[name].double() for name in wanted}
    found = seen_by(averaged, 6)
    assert all(torch.equal(found[-1][name], value) for name, value in after[-1].items())
    with averaged.lesson.companions[0].in_place():
        for name, value in averaged.weights().items():
            torch.testing.assert_close(value, wanted[name].float(), atol=1e-6, rtol=0)
    assert max(float((after[-1][name] - wanted[name]).abs().max()) for name in wanted) > 1e-4


def test_two_averages_contradict_each_other() -> None:
    with pytest.raises(ValidationError, match="ema and swa contradict each other"):
        TuningSettings(strategies=(Ema(), Swa()))
