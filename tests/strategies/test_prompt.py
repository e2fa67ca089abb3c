"""Prompts against a plain model that reads their vectors, with and without P-tuning's network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.strategies.few_weights import WORDS, exact, gradients, inputs, loss_of, plain, stir, trained
from tests.strategies.training import trial
from vocation.errors import TrainingError
from vocation.records import Record
from vocation.strategies.prompt import Prompt
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities

Records = Callable[[int, int], list[Record]]
TASK = Classification(max_length=64)
PROMPTS = [
    Prompt(tokens=5),
    Prompt(tokens=5, encoder="mlp", encoder_width=8),
    Prompt(tokens=5, encoder="lstm", encoder_width=8),
]


def vectors_of(prompt: Prompt, weights: dict[str, torch.Tensor]) -> torch.Tensor:
    """P, or f(e) by P-tuning's network."""
    given = weights["addition.vectors"]

    def linear(states: torch.Tensor, name: str) -> torch.Tensor:
        return states @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    if prompt.encoder == "mlp":
        for place in (0, 2):
            given = linear(given, f"addition.network.{place}").clamp(min=0)
        return linear(given, "addition.network.4")
    if prompt.encoder == "lstm":
        for layer in (0, 1):
            given = torch.cat([direction(given, weights, layer, back) for back in (False, True)], dim=1)
        return linear(linear(given, "addition.network.perceptron.0").clamp(min=0), "addition.network.perceptron.2")
    return given


def direction(states: torch.Tensor, weights: dict[str, torch.Tensor], layer: int, back: bool) -> torch.Tensor:
    """One direction of an LSTM (Hochreiter & Schmidhuber, 1997), a step at a time."""
    end = f"l{layer}{'_reverse' if back else ''}"
    part = {
        name: weights[f"addition.network.lstm.{name}_{end}"]
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    }
    hidden = cell = states.new_zeros(8)
    outputs = []
    for state in states.flip(0) if back else states:
        gates = part["weight_ih"] @ state + part["bias_ih"] + part["weight_hh"] @ hidden + part["bias_hh"]
        entry, forget, new, out = gates.chunk(4)
        cell = torch.sigmoid(forget) * cell + torch.sigmoid(entry) * torch.tanh(new)
        hidden = torch.sigmoid(out) * torch.tanh(cell)
        outputs.append(hidden)
    stacked = torch.stack(outputs)
    return stacked.flip(0) if back else stacked


@pytest.mark.parametrize("task", [TASK, Entities(max_length=64)], ids=lambda task: task.kind)
@pytest.mark.parametrize("strategy", PROMPTS, ids=["prompt", "mlp", "lstm"])
def test_the_model_reads_the_vectors_gradient_included(
    bert_folder: Path, intents: Records, mentions: Records, strategy: Prompt, task: Any
) -> None:
    records = (mentions if task.record_schema.spans else intents)(16, 1)
    taught = exact(bert_folder, task, records, strategy)
    model: Any = taught.lesson.model.eval()
    stir(model)
    weights = {
        name: value.detach().clone().requires_grad_(value.requires_grad) for name, value in model.named_parameters()
    }
    batch = inputs(taught)
    logits = model(**batch).logits
    vectors = vectors_of(strategy, weights).expand(len(batch["input_ids"]), -1, -1)
    embedded = torch.cat([vectors, weights[WORDS][batch["input_ids"]]], dim=1)
    mask = torch.cat([torch.ones_like(batch["attention_mask"][:, :5]), batch["attention_mask"]], dim=1)
    values = {name: value for name, value in weights.items() if not name.startswith("addition.")}
    result: Any = torch.func.functional_call(
        plain(taught), values, kwargs={"inputs_embeds": embedded, "attention_mask": mask}
    )
    expected = result.logits[:, 5:] if task.kind == "entities" else result.logits
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)
    loss_of(logits).backward()
    loss_of(expected).backward()
    found = gradients(model)
    assert "addition.vectors" in found
    for name, gradient in found.items():
        torch.testing.assert_close(gradient, weights[name].grad, rtol=1e-8, atol=1e-8)
    without: Any = plain(taught)(**batch)
    assert (without.logits - logits).abs().max() > 1e-3


def test_it_starts_with_words_or_at_random(bert_folder: Path, intents: Records) -> None:
    def start(how: Any, seed: int = 1) -> torch.Tensor:
        model: Any = trial(bert_folder, TASK, intents(16, 1), [Prompt(tokens=4, start=how)], seed=seed).lesson.model
        rows = model.get_input_embeddings().weight
        found: torch.Tensor = (rows[:, None] == model.addition.vectors[None]).all(-1).any(0)
        return torch.cat([model.addition.vectors.detach(), found[:, None].float()], dim=1)

    assert start("vocabulary")[:, -1].all()
    assert not start("random")[:, -1].any()
    assert torch.equal(start("random"), start("random"))
    assert not torch.equal(start("random"), start("random", seed=2))


@pytest.mark.parametrize("strategy", PROMPTS[1:], ids=["mlp", "lstm"])
def test_the_network_goes_after_training(bert_folder: Path, intents: Records, strategy: Prompt) -> None:
    taught = trial(bert_folder, TASK, intents(16, 1), [strategy])
    assert any(".network." in name for name in trained(taught.lesson.model))
    settled = taught.detached()
    assert [name for name in settled.state_dict() if "addition" in name] == ["addition.vectors"]


def test_an_encoder_and_decoder_is_refused() -> None:
    from transformers import BartConfig, BartForSequenceClassification

    from vocation.modeling.virtual_tokens import require_readable

    sizes: dict[str, Any] = {
        "d_model": 32,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "encoder_ffn_dim": 32,
        "decoder_ffn_dim": 32,
    }
    model = BartForSequenceClassification(BartConfig(vocab_size=60, **sizes))
    with pytest.raises(TrainingError, match="bart model cannot be trained with prompt: it does not read one row"):
        require_readable(model, "prompt", cache=False)
