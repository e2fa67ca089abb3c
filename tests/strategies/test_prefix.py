"""Prefixes against their formula and against peft, whatever the padding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional

from tests.strategies.few_weights import exact, gradients, inputs, loss_of, stir, trained
from tests.strategies.training import Trial, largest_difference, trial
from vocation.errors import TrainingError
from vocation.modeling.additions import save_model
from vocation.records import Record
from vocation.strategies import Strategy
from vocation.strategies.prefix import Prefix
from vocation.strategies.prompt import Prompt
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities

Records = Callable[[int, int], list[Record]]
TASK = Classification(max_length=64)
TASKS: dict[str, Task] = {"classification": TASK, "entities": Entities(max_length=64)}


def twin(weights: dict[str, torch.Tensor], batch: dict[str, torch.Tensor], projected: bool) -> torch.Tensor:
    """Logits of a BERT of two layers and two heads that attends to [Pₖ; K] and [Pᵥ; V], a text at a time."""

    def linear(states: torch.Tensor, name: str) -> torch.Tensor:
        return states @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(states: torch.Tensor, name: str) -> torch.Tensor:
        return functional.layer_norm(
            states, states.shape[-1:], weights[f"{name}.weight"], weights[f"{name}.bias"], 1e-12
        )

    prefix = weights["addition.vectors"]
    if projected:
        prefix = linear(torch.tanh(linear(prefix, "addition.network.0")), "addition.network.2")
    rows = []
    for padded, mask in zip(batch["input_ids"], batch["attention_mask"], strict=True):
        ids = padded[mask.bool()]
        states = weights["bert.embeddings.word_embeddings.weight"][ids]
        states = states + weights["bert.embeddings.position_embeddings.weight"][len(prefix) : len(prefix) + len(ids)]
        states = norm(states + weights["bert.embeddings.token_type_embeddings.weight"][0], "bert.embeddings.LayerNorm")
        for index in range(2):
            layer = f"bert.encoder.layer.{index}"
            query, key, value = (linear(states, f"{layer}.attention.self.{part}") for part in ("query", "key", "value"))
            before = prefix[:, index * 64 : (index + 1) * 64]  # Of the layer: keys of both heads, then values.
            key, value = torch.cat([before[:, :32], key]), torch.cat([before[:, 32:], value])
            heads = [
                torch.softmax(query[:, part] @ key[:, part].T / 4.0, dim=-1) @ value[:, part]
                for part in (slice(0, 16), slice(16, 32))
            ]
            attended = linear(torch.cat(heads, dim=-1), f"{layer}.attention.output.dense")
            states = norm(attended + states, f"{layer}.attention.output.LayerNorm")
            fed = linear(functional.gelu(linear(states, f"{layer}.intermediate.dense")), f"{layer}.output.dense")
            states = norm(fed + states, f"{layer}.output.LayerNorm")
        rows.append(linear(torch.tanh(linear(states[0], "bert.pooler.dense")), "classifier"))
    return torch.stack(rows)


@pytest.mark.parametrize("strategy", [Prefix(tokens=5, projection=8), Prefix(tokens=5, projection=None)], ids=repr)
def test_it_is_the_formula_gradient_included(bert_folder: Path, intents: Records, strategy: Prefix) -> None:
    taught = exact(bert_folder, TASK, intents(16, 1), strategy)
    model: Any = taught.lesson.model.eval()
    stir(model)
    weights = {
        name: value.detach().clone().requires_grad_(value.requires_grad) for name, value in model.named_parameters()
    }
    projected = strategy.projection is not None
    logits, expected = model(**inputs(taught)).logits, twin(weights, inputs(taught), projected)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)
    loss_of(logits).backward()
    loss_of(expected).backward()
    found = gradients(model)
    assert "addition.vectors" in found
    for name, gradient in found.items():
        torch.testing.assert_close(gradient, weights[name].grad, rtol=1e-8, atol=1e-8)
    moved = weights | {"addition.vectors": weights["addition.vectors"] + 1.0}
    assert (twin(moved, inputs(taught), projected) - logits).abs().max() > 1e-3


@pytest.mark.parametrize("strategy", [Prefix(tokens=4), Prompt(tokens=4)], ids=lambda strategy: strategy.kind)
@pytest.mark.parametrize("task_name", TASKS)
@pytest.mark.parametrize("folder_name", ["bert_folder", "roberta_folder", "llama_folder"])
def test_padding_does_not_change_an_answer(
    strategy: Strategy, task_name: str, folder_name: str, request: pytest.FixtureRequest
) -> None:
    """With peft it does where padding is on the left: the virtual tokens then lie further from the text."""
    taught = learned(strategy, task_name, folder_name, request)
    together = taught.logits()
    for example, logits in zip(taught.data.training.examples, together, strict=True):
        ids = torch.from_numpy(example.features["input_ids"])[None]
        with torch.no_grad():
            alone: Any = taught.lesson.model(input_ids=ids, attention_mask=torch.ones_like(ids))
        torch.testing.assert_close(alone.logits[0], torch.from_numpy(logits), rtol=0, atol=1e-4)


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
@pytest.mark.parametrize(
    "strategy",
    [Prefix(tokens=4), Prompt(tokens=4), Prompt(tokens=4, encoder="mlp", encoder_width=8)],
    ids=["prefix", "prompt", "p-tuning"],
)
@pytest.mark.parametrize("task_name", TASKS)
@pytest.mark.parametrize("folder_name", ["bert_folder", "roberta_folder", "llama_folder"])
def test_peft_loads_it_onto_its_base_and_gives_the_same_logits(
    strategy: Strategy, task_name: str, folder_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    from peft import PeftModel

    taught = learned(strategy, task_name, folder_name, request)
    save_model(taught.detached(), tmp_path)
    base = TASKS[task_name].model_class().from_pretrained(tmp_path / "base")
    loaded = PeftModel.from_pretrained(base, str(tmp_path)).eval()
    for example, logits in zip(taught.data.training.examples, taught.logits(), strict=True):
        ids = torch.from_numpy(example.features["input_ids"])[None]
        with torch.no_grad():
            answer = loaded(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0]
        if answer.ndim == 2:
            answer = answer[-len(example) :]  # peft leaves the virtual tokens of a prompt in.
        torch.testing.assert_close(answer, torch.from_numpy(logits), rtol=0, atol=2e-5)


def learned(strategy: Strategy, task_name: str, folder_name: str, request: pytest.FixtureRequest) -> Trial:
    task = TASKS[task_name]
    records = request.getfixturevalue("mentions" if task.record_schema.spans else "intents")(12, 1)
    taught = trial(request.getfixturevalue(folder_name), task, records, [strategy])
    taught.learn(2)
    return taught


def test_the_network_goes_after_training(bert_folder: Path, intents: Records) -> None:
    taught = trial(bert_folder, TASK, intents(16, 1), [Prefix(tokens=4, projection=8)])
    assert any(".network." in name for name in trained(taught.lesson.model))
    taught.learn(2)
    before = taught.logits()
    settled = taught.detached()
    assert settled.addition.vectors.shape == (4, 2 * 2 * 32)
    assert not any(".network." in name for name in settled.state_dict())
    assert largest_difference(taught.logits(settled), before) == 0


def test_a_model_whose_layers_take_no_keys_is_refused() -> None:
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    from vocation.modeling.virtual_tokens import require_readable

    model = DistilBertForSequenceClassification(DistilBertConfig(vocab_size=50, dim=32, n_heads=2, n_layers=1))
    with pytest.raises(TrainingError, match=r"distilbert model cannot be trained with prefix: its layers take no keys"):
        require_readable(model, "prefix", cache=True)
    require_readable(model, "prompt", cache=False)


def test_layers_that_are_computed_twice_are_refused(bert_folder: Path, intents: Records) -> None:
    """Transformers would leave the prefix out of such a training, with a warning in a log."""
    with pytest.raises(TrainingError, match=r"take none.*\n.*gradient_checkpointing to false"):
        trial(bert_folder, TASK, intents(16, 1), [Prefix(tokens=4)], gradient_checkpointing=True)
    taught = trial(bert_folder, TASK, intents(16, 1), [Prompt(tokens=4)], gradient_checkpointing=True)
    before = taught.weights()["addition.vectors"]
    taught.learn(1)
    assert not torch.equal(taught.weights()["addition.vectors"], before)


@pytest.mark.parametrize(("tokens", "longest", "room"), [(96, 64, True), (97, 64, False)])
def test_virtual_tokens_need_positions(
    bert_folder: Path, intents: Records, tokens: int, longest: int, room: bool
) -> None:
    strategy = Prefix(tokens=tokens, projection=None)
    if room:
        trial(bert_folder, TASK, intents(16, 1), [strategy])
        return
    with pytest.raises(TrainingError, match=r"prefix\.tokens is 97.*up to 64 tokens.*160 positions") as caught:
        trial(bert_folder, TASK, intents(16, 1), [strategy])
    assert "set task.max_length to 63 or less" in str(caught.value)
