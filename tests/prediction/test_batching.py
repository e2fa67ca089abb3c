"""Logits of many examples, whatever the batches are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vocation.modeling.pretrained import load_model, load_tokenizer
from vocation.prediction.batching import example_logits
from vocation.records import Record
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.training.batches import Padding

Records = Callable[[int, int], list[Record]]


@pytest.mark.parametrize("task", [Classification(), Entities()], ids=lambda task: task.kind)
def test_results_come_in_the_order_of_the_examples_without_padding(
    bert_folder: Path, intents: Records, mentions: Records, task: Any
) -> None:
    records = (mentions if task.record_schema.spans else intents)(12, 1)
    labels = task.head_labels(["card", "fever", "money"])
    model = load_model(task.model_class(), bert_folder, labels, seed=1)
    examples = task.encode(records, load_tokenizer(bert_folder), labels).examples
    finished: list[int] = []
    results = example_logits(model, examples, Padding(0), 40, finished.append)
    shapes = [(len(example), 7) if task.kind == "entities" else (3,) for example in examples]
    assert [logits.shape for logits in results] == shapes
    assert sum(finished) == 12
    assert len(finished) > 1
    backwards = example_logits(model, examples[::-1], Padding(0), 40)
    for one, other in zip(results, backwards[::-1], strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-5)


def test_dropout_is_off_and_no_gradient_is_kept(bert_folder: Path, intents: Records) -> None:
    model = load_model(Classification().model_class(), bert_folder, ["card", "fever", "money"], seed=1)
    examples = Classification().encode(intents(4, 1), load_tokenizer(bert_folder), ["card", "fever", "money"]).examples
    model.train()
    first = example_logits(model, examples, Padding(0))
    model.train()
    second = example_logits(model, examples, Padding(0))
    np.testing.assert_array_equal(np.stack(first), np.stack(second))
    assert not model.training


def test_no_examples_give_no_logits(bert_folder: Path) -> None:
    model = load_model(Classification().model_class(), bert_folder, ["a", "b"], seed=1)
    assert example_logits(model, [], Padding(0)) == []
