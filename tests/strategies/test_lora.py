"""Low-rank updates against their formulas, merged, refused where they cannot be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.strategies.few_weights import exact, gradients, inputs, loss_of, plain, stir
from tests.strategies.training import Trial, largest_difference, trial
from vocation.errors import TrainingError
from vocation.records import Record
from vocation.strategies.lora import Lora
from vocation.tasks.classification import Classification

Records = Callable[[int, int], list[Record]]
TASK = Classification(max_length=64)
SETTINGS = [
    Lora(rank=4, alpha=6.0, dropout=0.0),
    Lora(rank=4, alpha=6.0, dropout=0.0, rslora=True, targets=("query", "value")),
    Lora(rank=4, alpha=6.0, dropout=0.0, dora=True, targets=("output.dense",)),
]


def twin(taught: Trial, strategy: Lora) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Logits of the plain model with W + s B A in the place of W, and the gradients of A, B and DoRA's m.

    As in the paper, DoRA's norm counts as a constant in the gradient.
    """
    scale = strategy.alpha / (strategy.rank**0.5 if strategy.rslora else strategy.rank)
    model, values = plain(taught), {}
    leaves: dict[str, torch.Tensor] = {}
    for name, value in taught.lesson.model.named_parameters():
        if name.endswith(".lora_A.default.weight"):
            stem = name.removesuffix(".lora_A.default.weight")
            a = value.detach().clone().requires_grad_()
            b = taught.lesson.model.get_parameter(f"{stem}.lora_B.default.weight").detach().clone().requires_grad_()
            leaves |= {name: a, f"{stem}.lora_B.default.weight": b}
            weight = model.get_parameter(f"{stem}.weight").detach() + scale * b @ a
            if strategy.dora:
                magnitude = f"{stem}.lora_magnitude_vector.default.weight"
                m = taught.lesson.model.get_parameter(magnitude).detach().clone().requires_grad_()
                leaves[magnitude] = m
                weight = m[:, None] * weight / weight.norm(dim=1, keepdim=True).detach()
            values[f"{stem}.weight"] = weight
    head = {
        name: taught.lesson.model.get_parameter(name).detach().clone().requires_grad_()
        for name in ("classifier.weight", "classifier.bias")
    }
    result: Any = torch.func.functional_call(model, values | head, kwargs=inputs(taught))
    loss_of(result.logits).backward()
    return result.logits.detach(), {name: leaf.grad for name, leaf in (leaves | head).items() if leaf.grad is not None}


@pytest.mark.parametrize("strategy", SETTINGS, ids=["lora", "rslora", "dora"])
def test_it_is_the_formula_gradient_included(bert_folder: Path, intents: Records, strategy: Lora) -> None:
    taught = exact(bert_folder, TASK, intents(16, 1), strategy)
    model: Any = taught.lesson.model.eval()
    stir(model)
    logits = model(**inputs(taught)).logits
    loss_of(logits).backward()
    expected, expected_gradients = twin(taught, strategy)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)
    found = gradients(model)
    assert set(found) == set(expected_gradients)
    for name, gradient in found.items():
        torch.testing.assert_close(gradient, expected_gradients[name], rtol=1e-8, atol=1e-8)
    other = strategy.model_copy(update={"alpha": 7.0})
    assert (twin(taught, other)[0] - logits).abs().max() > 1e-4


def test_it_starts_as_the_model_was_and_the_seed_draws(bert_folder: Path, intents: Records) -> None:
    taught = trial(bert_folder, TASK, intents(16, 1), [Lora()])
    assert largest_difference(taught.logits(), taught.logits(plain(taught).float())) < 1e-6
    name = "bert.encoder.layer.0.attention.self.query.lora_A.default.weight"
    again, other = (trial(bert_folder, TASK, intents(16, 1), [Lora()], seed=seed) for seed in (1, 2))
    assert torch.equal(taught.lesson.model.get_parameter(name), again.lesson.model.get_parameter(name))
    assert not torch.equal(taught.lesson.model.get_parameter(name), other.lesson.model.get_parameter(name))


@pytest.mark.parametrize("strategy", SETTINGS, ids=["lora", "rslora", "dora"])
def test_merged_and_unmerged_give_the_same_logits(llama_folder: Path, intents: Records, strategy: Lora) -> None:
    targets = {"query": "q_proj", "value": "v_proj", "output.dense": "down_proj"}
    if strategy.targets != "all":
        strategy = strategy.model_copy(update={"targets": tuple(targets[name] for name in strategy.targets)})
    taught = trial(llama_folder, TASK, intents(16, 1), [strategy])
    taught.learn(4)
    before = taught.logits()
    merged = taught.detached()
    assert largest_difference(taught.logits(merged), before) < 2e-5
    assert not any("lora" in name for name in merged.state_dict())


@pytest.mark.parametrize(
    ("strategy", "words"),
    [
        (Lora(targets=("querry",)), ("'querry'", "Did you mean 'query'?", "allowed: all, or any of query, key, value")),
        (Lora(rank=33), ("lora.rank is 33", "maps 32 to 32", "set lora.rank to 32 or less")),
    ],
    ids=["target", "rank"],
)
def test_what_cannot_be_is_refused_before_training(
    bert_folder: Path, intents: Records, strategy: Lora, words: tuple[str, ...]
) -> None:
    with pytest.raises(TrainingError) as caught:
        trial(bert_folder, TASK, intents(16, 1), [strategy])
    for word in words:
        assert word in str(caught.value)
    trial(bert_folder, TASK, intents(16, 1), [Lora(rank=32)])
