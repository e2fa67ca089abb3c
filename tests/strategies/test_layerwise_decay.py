"""Layer-wise decay of the learning rate against its formula."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.strategies.few_weights import trained
from tests.strategies.training import trial
from vocation.records import Record
from vocation.strategies import Strategy
from vocation.strategies.freeze import Freeze
from vocation.strategies.full import Full
from vocation.strategies.layerwise_decay import LayerwiseDecay
from vocation.strategies.lora import Lora
from vocation.tasks.classification import Classification

Records = Callable[[int, int], list[Record]]
TASK = Classification(max_length=64)


def factor(name: str) -> float:
    """ξ^(L − k) of a model with L = 2 layers and ξ = 0.5."""
    if name.startswith(("bert.embeddings", "model.embed_tokens")):
        return 0.25
    return 0.5 if ".0." in name else 1.0


@pytest.mark.parametrize("folder_name", ["bert_folder", "llama_folder"])
@pytest.mark.parametrize("other", [Full(), Freeze(layers=1), Lora(rank=4)], ids=lambda strategy: strategy.kind)
def test_each_layer_has_its_factor(folder_name: str, other: Strategy, request: pytest.FixtureRequest) -> None:
    intents: Records = request.getfixturevalue("intents")
    strategies = [other, LayerwiseDecay(xi=0.5)]
    taught = trial(request.getfixturevalue(folder_name), TASK, intents(16, 1), strategies)
    groups = taught.lesson.optimiser.param_groups
    factors = {id(value): group["factor"] for group in groups for value in group["params"]}
    names = trained(taught.lesson.model)
    assert len(factors) == len(names)
    for name in names:
        assert factors[id(taught.lesson.model.get_parameter(name))] == factor(name), name


def test_a_lower_layer_moves_less(bert_folder: Path, intents: Records) -> None:
    """Adam's first update moves each weight by the learning rate, weight decay aside."""

    def moved(xi: float) -> dict[str, float]:
        strategies = [Full(), LayerwiseDecay(xi=xi)]
        taught = trial(bert_folder, TASK, intents(16, 1), strategies, weight_decay=0.0)
        before = taught.weights()
        taught.learn(1)
        after = taught.weights()
        return {name: float((after[name] - before[name]).abs().max()) for name in before if before[name].ndim == 2}

    steps, plain = moved(0.5), moved(1.0)
    lower, upper = ("bert.encoder.layer.0.output.dense.weight", "bert.encoder.layer.1.output.dense.weight")
    torch.testing.assert_close(steps[lower], 0.5e-3, rtol=0.01, atol=0)
    torch.testing.assert_close(steps[upper], 1e-3, rtol=0.01, atol=0)
    torch.testing.assert_close(plain[lower], 1e-3, rtol=0.01, atol=0)
