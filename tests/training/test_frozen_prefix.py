"""Frozen lower layers are computed once, and training goes on above them as if they were computed every time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from tests.strategies.training import Trial, trial
from vocation.modeling.pretrained import load_model
from vocation.prediction.predictor import padding_of
from vocation.records import Record
from vocation.strategies import Context, Strategy
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.training import frozen_prefix as module
from vocation.training.batches import updates
from vocation.training.frozen_prefix import HIDDEN, FrozenPrefix, frozen_prefix
from vocation.training.loop import Descent, train

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Records = Callable[[int, int], list[Record]]


class LowerHalf(Strategy):
    """Freezes embeddings and the first of two layers."""

    def attach(self, model: PreTrainedModel, context: Context) -> PreTrainedModel:
        base: Any = model.base_model
        (base.embeddings if hasattr(base, "embeddings") else base.embed_tokens).requires_grad_(False)
        (base.encoder.layer if hasattr(base, "encoder") else base.layers)[0].requires_grad_(False)
        return model


def learned(taught: Trial, tmp_path: Path, *, kept: bool) -> dict[str, torch.Tensor]:
    """The weights after some updates, with the prefix's outputs kept or computed anew in every update."""
    lesson, padding = taught.lesson, padding_of(taught.data.tokenizer)
    assert lesson.prefix is not None
    examples: Any = taught.data.training.examples
    told: list[int] = []
    if kept:
        examples = lesson.prefix.outputs(examples, padding, tmp_path, told.append)
        assert sum(told) == len(examples)
        assert all(one.features[HIDDEN].shape == (len(one), 32) for one in examples)
    descent = Descent(lesson.optimiser, lesson.learning_rate, 1.0, lesson.companions)
    steps = list(
        train(
            lesson.model, updates(examples, padding, lesson.dealing), lesson.objective, descent, lesson.accelerator, 1
        )
    )
    assert len(steps) == lesson.updates
    return taught.weights()


@pytest.mark.parametrize("folder_name", ["bert_folder", "roberta_folder", "llama_folder"])
@pytest.mark.parametrize("task", [Classification(), Entities()], ids=lambda task: task.kind)
def test_kept_outputs_train_what_computed_ones_train(
    task: Task, folder_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    folder = request.getfixturevalue(folder_name)
    records = request.getfixturevalue("mentions" if task.record_schema.spans else "intents")(16, 1)
    trials = [trial(folder, task, records, [LowerHalf()], epochs=2) for _ in range(2)]
    before = trials[0].weights()
    kept, computed = (learned(one, tmp_path, kept=flag) for one, flag in zip(trials, (True, False), strict=True))
    moved = 0.0
    for name, value in kept.items():
        if not name.endswith("key.bias"):  # Its gradient is rounding, which AdamW makes large.
            torch.testing.assert_close(value, computed[name], rtol=0, atol=1e-4)
        moved = max(moved, float((value - before[name]).abs().max()))
    assert moved > 2e-3


def test_the_frozen_layers_run_without_chance_and_are_ordinary_again_afterwards(
    bert_folder: Path, intents: Records
) -> None:
    taught = trial(bert_folder, Classification(), intents(8, 1), [LowerHalf()])
    model: Any = taught.lesson.model
    lower, upper = (layer.output.dropout for layer in model.bert.encoder.layer)
    assert (lower.p, upper.p) == (0.0, 0.1)
    taught.lesson.release()
    assert (lower.p, upper.p) == (0.1, 0.1)
    assert not any("forward" in vars(part) for part in model.modules())


def test_nothing_is_kept_where_the_embeddings_train(bert_folder: Path) -> None:
    model: Any = load_model(Classification().model_class(), bert_folder, ["a", "b"], 1)
    assert frozen_prefix(model) is None
    model.bert.encoder.layer[0].requires_grad_(False)
    assert frozen_prefix(model) is None
    model.bert.embeddings.requires_grad_(False)
    prefix = frozen_prefix(model)
    assert prefix is not None
    assert prefix.layers == (model.bert.encoder.layer[0],)
    prefix.remove()


def test_a_strategy_that_changes_inputs_keeps_nothing(bert_folder: Path, intents: Records) -> None:
    class Noise(Strategy):
        """Would change the embeddings."""

        changes_inputs = True

    given = intents(8, 1)
    assert trial(bert_folder, Classification(), given, [LowerHalf(), Noise()]).lesson.prefix is None
    assert isinstance(trial(bert_folder, Classification(), given, [LowerHalf()]).lesson.prefix, FrozenPrefix)


def test_many_outputs_lie_in_a_file_that_leaves_nothing_behind(
    bert_folder: Path, intents: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught = trial(bert_folder, Classification(), intents(16, 1), [LowerHalf()])
    padding, examples = padding_of(taught.data.tokenizer), taught.data.training.examples
    assert taught.lesson.prefix is not None
    in_memory = taught.lesson.prefix.outputs(examples, padding, tmp_path / "scratch", lambda _: None)
    assert not (tmp_path / "scratch").exists()
    monkeypatch.setattr(module, "_IN_MEMORY", 100)
    on_disk = taught.lesson.prefix.outputs(examples, padding, tmp_path / "scratch", lambda _: None)
    assert isinstance(on_disk[0].features[HIDDEN].base, np.memmap)
    assert list((tmp_path / "scratch").iterdir()) == []
    for one, other in zip(in_memory, on_disk, strict=True):
        np.testing.assert_array_equal(one.features[HIDDEN], other.features[HIDDEN])


def test_a_model_that_is_built_in_another_way_is_seen_by_its_logits(bert_folder: Path, intents: Records) -> None:
    taught = trial(bert_folder, Classification(), intents(8, 1), [LowerHalf()])
    model: Any = taught.lesson.model
    prefix, scores = taught.lesson.prefix, taught.tuning.task.scores
    assert prefix is not None
    padding, examples = padding_of(taught.data.tokenizer), taught.data.training.examples
    assert prefix.agrees(scores, examples, padding)
    skipped = model.bert.embeddings.register_forward_hook(
        lambda *given: given[2] * 2.0 if prefix._held is not None else None
    )
    assert not prefix.agrees(scores, examples, padding)
    skipped.remove()
