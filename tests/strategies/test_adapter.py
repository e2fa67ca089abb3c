"""Bottlenecks against their formula, in both places."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional

from tests.strategies.few_weights import exact, gradients, inputs, loss_of, stir, trained
from tests.strategies.training import largest_difference, trial
from vocation.errors import ModelError, TrainingError
from vocation.modeling.additions import save_model
from vocation.modeling.pretrained import load_model, resolve
from vocation.records import Record
from vocation.strategies.adapter import Adapter
from vocation.tasks.classification import Classification

Records = Callable[[int, int], list[Record]]
TASK = Classification(max_length=64)


def bottleneck(states: torch.Tensor, weights: dict[str, torch.Tensor], place: str, relu: bool) -> torch.Tensor:
    """h + U f(D h)."""
    down, up = (f"{place}.addition.{part}" for part in ("down", "up"))
    inside = states @ weights[f"{down}.weight"].T + weights[f"{down}.bias"]
    inside = inside.clamp(min=0) if relu else inside * 0.5 * (1 + torch.erf(inside / 2**0.5))
    return states + inside @ weights[f"{up}.weight"].T + weights[f"{up}.bias"]


def twin(weights: dict[str, torch.Tensor], batch: dict[str, torch.Tensor], strategy: Adapter) -> torch.Tensor:
    """Logits of a BERT of two layers and two heads with bottlenecks, an operation at a time, a text at a time."""

    def linear(states: torch.Tensor, name: str) -> torch.Tensor:
        return states @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(states: torch.Tensor, name: str) -> torch.Tensor:
        return functional.layer_norm(
            states, states.shape[-1:], weights[f"{name}.weight"], weights[f"{name}.bias"], 1e-12
        )

    relu, houlsby = strategy.activation == "relu", strategy.placement == "houlsby"
    rows = []
    for padded, mask in zip(batch["input_ids"], batch["attention_mask"], strict=True):
        ids = padded[mask.bool()]
        states = weights["bert.embeddings.word_embeddings.weight"][ids]
        states = states + weights["bert.embeddings.position_embeddings.weight"][: len(ids)]
        states = norm(states + weights["bert.embeddings.token_type_embeddings.weight"][0], "bert.embeddings.LayerNorm")
        for index in range(2):
            layer = f"bert.encoder.layer.{index}"
            query, key, value = (linear(states, f"{layer}.attention.self.{part}") for part in ("query", "key", "value"))
            heads = [
                torch.softmax(query[:, part] @ key[:, part].T / 4.0, dim=-1) @ value[:, part]
                for part in (slice(0, 16), slice(16, 32))
            ]
            attended = linear(torch.cat(heads, dim=-1), f"{layer}.attention.output.dense")
            if houlsby:
                attended = bottleneck(attended, weights, f"{layer}.attention.output.dense", relu)
            states = norm(attended + states, f"{layer}.attention.output.LayerNorm")
            fed = linear(functional.gelu(linear(states, f"{layer}.intermediate.dense")), f"{layer}.output.dense")
            if houlsby:
                fed = bottleneck(fed, weights, f"{layer}.output.dense", relu)
            states = norm(fed + states, f"{layer}.output.LayerNorm")
            if not houlsby:
                states = bottleneck(states, weights, layer, relu)
        rows.append(linear(torch.tanh(linear(states[0], "bert.pooler.dense")), "classifier"))
    return torch.stack(rows)


@pytest.mark.parametrize(
    "strategy",
    [Adapter(bottleneck=8), Adapter(bottleneck=8, placement="houlsby", activation="gelu", layer_norms=True)],
    ids=["pfeiffer", "houlsby"],
)
def test_it_is_the_formula_gradient_included(bert_folder: Path, intents: Records, strategy: Adapter) -> None:
    taught = exact(bert_folder, TASK, intents(16, 1), strategy)
    model: Any = taught.lesson.model.eval()
    stir(model)
    weights = {
        name: value.detach().clone().requires_grad_(value.requires_grad) for name, value in model.named_parameters()
    }
    logits, expected = model(**inputs(taught)).logits, twin(weights, inputs(taught), strategy)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)
    loss_of(logits).backward()
    loss_of(expected).backward()
    for name, gradient in gradients(model).items():
        torch.testing.assert_close(gradient, weights[name].grad, rtol=1e-8, atol=1e-8)
    silent = {name: value * 0 if ".addition.up" in name else value for name, value in weights.items()}
    assert (twin(silent, inputs(taught), strategy) - logits).abs().max() > 1e-2


def test_what_trains(bert_folder: Path, intents: Records) -> None:
    def names(strategy: Adapter) -> set[str]:
        return {
            name
            for name in trained(trial(bert_folder, TASK, intents(16, 1), [strategy]).lesson.model)
            if ".addition." not in name
        }

    head = {"classifier.weight", "classifier.bias"}
    assert names(Adapter(bottleneck=8)) == head
    norms = names(Adapter(bottleneck=8, layer_norms=True)) - head
    assert len(norms) == 2 * 2 * 2
    assert all("LayerNorm" in name for name in norms)


def test_it_starts_nearly_as_the_model_was(bert_folder: Path, intents: Records) -> None:
    from tests.strategies.few_weights import plain

    taught = trial(bert_folder, TASK, intents(16, 1), [Adapter(bottleneck=8)])
    difference = largest_difference(taught.logits(), taught.logits(plain(taught).float()))
    assert 0 < difference < 0.05


def test_a_wide_bottleneck_is_refused(bert_folder: Path, intents: Records) -> None:
    with pytest.raises(TrainingError, match=r"adapter\.bottleneck is 33.*32 values.*\n.*32 or less"):
        trial(bert_folder, TASK, intents(16, 1), [Adapter(bottleneck=33)])


def test_a_damaged_addition_is_refused_and_its_folder_is_no_model_to_start_from(
    bert_folder: Path, intents: Records, tmp_path: Path
) -> None:
    taught = trial(bert_folder, TASK, intents(16, 1), [Adapter(bottleneck=8)])
    save_model(taught.detached(), tmp_path)
    with pytest.raises(ModelError, match=r"something beside its weights.*\n.*start from its base"):
        resolve(str(tmp_path), tmp_path)
    (tmp_path / "adapter_model.safetensors").write_bytes(b"damaged")
    with pytest.raises(ModelError, match="What was added to the model"):
        load_model(TASK.model_class(), tmp_path, None, seed=0)
