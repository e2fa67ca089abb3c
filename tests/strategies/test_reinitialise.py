"""Layers that are drawn anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.strategies.few_weights import plain
from tests.strategies.training import Trial, trial
from vocation.errors import TrainingError
from vocation.records import Record
from vocation.strategies import Strategy
from vocation.strategies.freeze import Freeze
from vocation.strategies.full import Full
from vocation.strategies.lora import Lora
from vocation.strategies.reinitialise import Reinitialise
from vocation.tasks.classification import Classification

Records = Callable[[int, int], list[Record]]
TASK = Classification(max_length=64)


def anew(taught: Trial) -> set[str]:
    """Names of the weights that are not those of the folder."""
    taught.lesson.release()
    before = plain(taught).float()
    model = taught.lesson.model
    same = {name for name, value in before.named_parameters() if torch.equal(value, model.get_parameter(name))}
    return {name for name, _ in before.named_parameters()} - same


@pytest.mark.parametrize(("layers", "pooler"), [(1, True), (2, False)])
def test_the_top_layers_are_new_and_the_others_are_not(
    bert_folder: Path, intents: Records, layers: int, pooler: bool
) -> None:
    strategy = Reinitialise(layers=layers, pooler=pooler)
    taught = trial(bert_folder, TASK, intents(16, 1), [Full(), strategy], seed=5)
    starts = tuple(f"bert.encoder.layer.{index}." for index in range(2 - layers, 2))
    starts += ("bert.pooler.",) if pooler else ()
    matrices = {name for name, _ in taught.lesson.model.named_parameters() if "weight" in name and "Norm" not in name}
    assert anew(taught) == {name for name in matrices if name.startswith(starts)}
    weight = taught.lesson.model.get_parameter("bert.encoder.layer.1.intermediate.dense.weight")
    assert float(weight.detach().std()) == pytest.approx(0.2, rel=0.1)  # The model's own initializer_range.
    again: Any = trial(bert_folder, TASK, intents(16, 1), [strategy, Full()], seed=5).lesson.model
    other: Any = trial(bert_folder, TASK, intents(16, 1), [Full(), strategy], seed=6).lesson.model
    name = "bert.encoder.layer.1.intermediate.dense.weight"
    assert torch.equal(again.get_parameter(name), weight)
    assert not torch.equal(other.get_parameter(name), weight)


def test_more_layers_than_there_are_are_refused(bert_folder: Path, intents: Records) -> None:
    with pytest.raises(TrainingError, match=r"reinitialise\.layers is 3.*2 layers.*\n.*to 2 or less"):
        trial(bert_folder, TASK, intents(16, 1), [Reinitialise(layers=3)])


@pytest.mark.parametrize("other", [Lora(rank=4), Freeze(layers=2)], ids=lambda strategy: strategy.kind)
@pytest.mark.parametrize("first", [True, False])
def test_new_layers_that_would_not_train_are_refused(
    bert_folder: Path, intents: Records, other: Strategy, first: bool
) -> None:
    strategies = [Reinitialise(), other] if first else [other, Reinitialise()]
    with pytest.raises(TrainingError, match=r"drawn anew would not train.*\n.*combine reinitialise with full"):
        trial(bert_folder, TASK, intents(16, 1), strategies)
    trial(bert_folder, TASK, intents(16, 1), [Reinitialise(), Freeze(layers=1)])
