"""Stochastic weight averaging as a strategy: what enters the mean, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.strategies.test_ema import seen_by
from tests.strategies.training import trial
from vocation.errors import TrainingError
from vocation.records import Record
from vocation.strategies.full import Full
from vocation.strategies.swa import Swa
from vocation.tasks.classification import Classification

Records = Callable[[int, int], list[Record]]


@pytest.mark.parametrize(
    ("strategy", "entering"),
    [
        (Swa(), [8]),  # Of 8 updates in 4 epochs, those at the end of an epoch after the sixth update.
        (Swa(start=0.0), [2, 4, 6, 8]),
        (Swa(start=0.5, every=1), [5, 6, 7, 8]),
        (Swa(start=0.3, every=3), [3, 6]),
    ],
)
def test_the_mean_is_that_of_the_weights_that_enter(
    bert_folder: Path, intents: Records, strategy: Swa, entering: list[int]
) -> None:
    averaged = trial(bert_folder, Classification(), intents(16, 1), [strategy])
    plain = seen_by(trial(bert_folder, Classification(), intents(16, 1), [Full()]), 8)
    found = seen_by(averaged, 8)
    assert all(torch.equal(found[-1][name], value) for name, value in plain[-1].items())
    with averaged.lesson.companions[0].in_place():
        for name, value in averaged.weights().items():
            mean = torch.stack([plain[number - 1][name].double() for number in entering]).mean(0)
            torch.testing.assert_close(value, mean.float(), atol=1e-6, rtol=0)


def test_before_it_begins_the_weights_stand_for_themselves(bert_folder: Path, intents: Records) -> None:
    averaged = trial(bert_folder, Classification(), intents(16, 1), [Swa()])
    averaged.learn(5)
    before = averaged.weights()
    with averaged.lesson.companions[0].in_place():
        assert all(torch.equal(before[name], value) for name, value in averaged.weights().items())


def test_an_average_of_nothing_is_refused(bert_folder: Path, intents: Records) -> None:
    with pytest.raises(TrainingError, match="of the 8 updates none after the first 6 is a multiple of 3"):
        trial(bert_folder, Classification(), intents(16, 1), [Swa(every=3)])
    with pytest.raises(TrainingError, match="lower `every` or `start`, or train longer"):
        trial(bert_folder, Classification(), intents(16, 1), [Swa(every=9, start=0.0)])
