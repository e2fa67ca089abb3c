"""The engine changes how fast a model learns, not what it learns, and leaves no trace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.strategies.training import Trial, trial
from vocation.modeling.pretrained import load_model, load_tokenizer
from vocation.prediction.predictor import padding_of
from vocation.records import Record
from vocation.strategies.full import Full
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.training import engine
from vocation.training.batches import pad
from vocation.training.compact_embedding import CompactEmbedding
from vocation.training.companions import Companion
from vocation.training.compiled import attention

Records = Callable[[int, int], list[Record]]
FOLDERS = ("bert_folder", "roberta_folder", "llama_folder")


class Nothing:
    """Stands for an engine that installs nothing."""

    def remove(self) -> None:
        """Nothing to take out."""

    def companion(self, *_: Any) -> Companion | None:
        return None


def learned(folder: Path, task: Task, records: list[Record], *, dropout: float) -> Trial:
    """A training of a few updates."""
    taught = trial(folder, task, records, [Full()], weight_decay=0.1, learning_rate=2e-3, seed=3)
    for module in taught.lesson.model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = dropout
    for group in taught.lesson.optimiser.param_groups:
        group["eps"] = 1e-3  # Or AdamW makes as much of a gradient that is mere rounding as of any other.
    assert len(taught.learn(4)) == 4
    return taught


@pytest.mark.parametrize("folder_name", FOLDERS)
@pytest.mark.parametrize("task", [Classification(), Entities()], ids=lambda task: task.kind)
def test_without_dropout_the_weights_are_those_of_plain_training(
    task: Task, folder_name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = request.getfixturevalue("mentions" if task.record_schema.spans else "intents")(16, 1)
    folder = request.getfixturevalue(folder_name)
    fast = learned(folder, task, records, dropout=0.0)
    fast.lesson.installed.remove()
    with monkeypatch.context() as patched:
        patched.setattr(engine, "install", lambda *_: Nothing())
        plain = learned(folder, task, records, dropout=0.0)
    start = load_model(task.model_class(), folder, fast.data.head_labels, 3)
    assert not any(isinstance(module, CompactEmbedding) for module in plain.lesson.model.modules())
    moved = 0.0
    for (name, one), (other_name, other), (_, before) in zip(
        fast.lesson.model.named_parameters(),
        plain.lesson.model.named_parameters(),
        start.named_parameters(),
        strict=True,
    ):
        assert name == other_name
        if name.endswith("key.bias"):  # Softmax does not see it: its gradient is rounding, which AdamW makes large.
            continue
        torch.testing.assert_close(one, other, rtol=0, atol=2e-5)
        moved = max(moved, float((other - before).detach().abs().max()))
    assert moved > 5e-3


def test_with_dropout_it_learns_another_draw_of_the_same(bert_folder: Path, intents: Records) -> None:
    one = learned(bert_folder, Classification(), intents(16, 1), dropout=0.3)
    other = learned(bert_folder, Classification(), intents(16, 1), dropout=0.0)
    assert max(float(np.abs(a - b).max()) for a, b in zip(one.logits(), other.logits(), strict=True)) > 1e-4
    again = learned(bert_folder, Classification(), intents(16, 1), dropout=0.3)
    assert all(np.array_equal(a, b) for a, b in zip(one.logits(), again.logits(), strict=True))


def test_what_is_installed_fits_the_model_and_leaves_no_trace(bert_folder: Path, intents: Records) -> None:
    taught = trial(bert_folder, Classification(), intents(16, 1), [Full()])
    installed = taught.lesson.installed
    model: Any = taught.lesson.model
    assert isinstance(installed, engine.Installed)
    assert model.config._attn_implementation == attention.NAME
    assert installed.first_token is model.bert.encoder.layer[-1]
    assert isinstance(model.get_input_embeddings(), CompactEmbedding)
    assert len(installed.dropouts) == sum(type(module) is torch.nn.Dropout for module in model.modules())
    installed.remove()
    assert model.config._attn_implementation == "sdpa"
    assert type(model.get_input_embeddings()) is torch.nn.Embedding
    assert not any("forward" in vars(module) for module in model.modules())
    plain = load_model(Classification().model_class(), bert_folder, taught.data.head_labels, 1)
    assert list(model.state_dict()) == list(plain.state_dict())
    assert all(
        torch.equal(one, other)
        for one, other in zip(model.state_dict().values(), plain.state_dict().values(), strict=True)
    )


@pytest.mark.parametrize("folder_name", ["bert_folder", "roberta_folder"])
def test_the_last_layer_gives_the_first_token_alone_where_no_other_is_read(
    folder_name: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(folder_name)
    cases: list[tuple[Task, bool]] = [(Classification(), True), (Entities(), False)]
    for task, alone in cases:
        records = request.getfixturevalue("mentions" if task.record_schema.spans else "intents")(16, 1)
        model: Any = trial(folder, task, records, [Full()]).lesson.model.train()
        seen: list[torch.Tensor] = []
        model.base_model.encoder.layer[-1].output.register_forward_hook(lambda *given, to=seen: to.append(given[2]))
        tokenizer = load_tokenizer(folder)
        examples = task.encode(records[:4], tokenizer, ["O", "B-x", "I-x"]).examples
        batch = pad(examples, padding_of(tokenizer)).tensors
        model(**{name: value for name, value in batch.items() if name != "targets"})
        assert (seen[0].shape[1] == 1) == alone


def test_a_head_that_reads_every_token_keeps_the_layer_whole(bert_folder: Path, intents: Records) -> None:
    class Mean(torch.nn.Module):
        """Pools over all tokens."""

        def forward(self, hidden: torch.Tensor) -> torch.Tensor:
            return hidden.mean(1)

    task = Classification()
    model: Any = load_model(task.model_class(), bert_folder, ["card", "fever", "money"], 1)
    model.bert.pooler = Mean()
    tokenizer = load_tokenizer(bert_folder)
    batch = pad(task.encode(intents(8, 1), tokenizer, []).examples, padding_of(tokenizer)).tensors
    inputs = {name: value for name, value in batch.items() if name != "targets"}
    installed = engine.install(model, None, lambda model: model(**inputs).logits)
    assert installed.first_token is None
    assert model.bert.encoder.layer[-1] in installed.layers, "computed in another way, but whole"


def test_an_embedding_that_is_shared_frozen_or_nearly_whole_stays(bert_folder: Path) -> None:
    from transformers import AutoModelForMaskedLM

    used = np.arange(5)
    tied = AutoModelForMaskedLM.from_pretrained(bert_folder)
    assert engine.install(tied, used, None).compact is None
    frozen = load_model(Classification().model_class(), bert_folder, ["a", "b"], 1)
    frozen.get_input_embeddings().requires_grad_(False)
    assert engine.install(frozen, used, None).compact is None
    small = load_model(Classification().model_class(), bert_folder, ["a", "b"], 1)
    assert engine.install(small, np.arange(small.config.vocab_size), None).compact is None
    assert engine.install(small, used, None).compact is not None
