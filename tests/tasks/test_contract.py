"""What every task promises: it learns with a standard head, plain `transformers` loads it, padding changes nothing."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vocation.component import kinds
from vocation.modeling.pretrained import load_model, load_tokenizer
from vocation.prediction.batching import example_logits
from vocation.prediction.predictor import padding_of
from vocation.records import Record
from vocation.tasks import IGNORED, Encoding, Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.text import Span, Text
from vocation.training.batches import Dealing, Padding, pad, updates
from vocation.training.loop import Descent, train
from vocation.training.objective import objective_of
from vocation.training.optimisers import adamw
from vocation.training.precision import accelerator

Records = Callable[[int, int], list[Record]]

TASKS: dict[str, Task] = {
    "classification": Classification(max_length=12),
    "entities": Entities(max_length=12, stride=4),
    "entities, first sub-tokens": Entities(max_length=12, stride=4, subtokens="first"),
}
FOLDERS = ("bert_folder", "roberta_folder", "llama_folder")


@dataclass(frozen=True)
class Case:
    """A task with a model whose head is new, and what it reads."""

    task: Task
    folder: Path
    model: Any
    tokenizer: Any
    records: list[Record]
    head_labels: list[str]
    encoding: Encoding

    def logits(self, model: Any, token_budget: int = 4096) -> list[np.ndarray[Any, np.dtype[np.float32]]]:
        return example_logits(model, self.encoding.examples, padding_of(self.tokenizer), token_budget)

    def learn(self, count: int) -> list[float]:
        """The losses of some updates."""
        dealing = Dealing(batch_size=8, token_budget=64, epochs=count, seed=3)
        descent = Descent(adamw(self.model, 0.01), lambda _: 1e-3, 1.0)
        given = updates(self.encoding.examples, padding_of(self.tokenizer), dealing)
        device = accelerator(device="cpu")
        steps = train(self.model, islice(given, count), objective_of(self.task.scores), descent, device, seed=1)
        return [step.loss for step in steps]


@pytest.fixture(params=[(name, folder) for name in TASKS for folder in FOLDERS], ids=" × ".join)
def case(request: pytest.FixtureRequest, intents: Records, mentions: Records) -> Case:
    name, folder_name = request.param
    task, folder = TASKS[name], request.getfixturevalue(folder_name)
    records = (mentions if task.record_schema.spans else intents)(16, 5)
    head_labels = task.head_labels(sorted({label for record in records for label in task.labels(record)}))
    tokenizer = load_tokenizer(folder)
    model = load_model(task.model_class(), folder, head_labels, seed=2)
    return Case(task, folder, model, tokenizer, records, head_labels, task.encode(records, tokenizer, head_labels))


def test_the_family_has_two_tasks_and_all_are_tested_here() -> None:
    family = kinds("vocation.tasks")
    assert sorted(family) == ["classification", "entities"]
    assert {type(task) for task in TASKS.values()} == set(family.values())


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_names_of_metric_and_baseline_exist(task: Task) -> None:
    from vocation.metrics import score

    gold = ["a"] if task.answers == "label" else [()]
    assert task.selection_metric in score(gold, gold, ["a"], task.answers)
    assert task.baseline in kinds("vocation.evaluation.baselines")
    assert pickle.loads(pickle.dumps(task)) == task


def test_after_two_updates_plain_transformers_loads_the_same_model(case: Case, tmp_path: Path) -> None:
    before = case.logits(case.model)
    losses = case.learn(2)
    after = case.logits(case.model)
    assert len(losses) == 2
    assert max(np.abs(old - new).max() for old, new in zip(before, after, strict=True)) > 1e-3
    case.model.save_pretrained(tmp_path)
    loaded = case.task.model_class().from_pretrained(tmp_path)
    assert [loaded.config.id2label[index] for index in range(len(case.head_labels))] == case.head_labels
    for ours, theirs in zip(after, case.logits(loaded), strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-6)


def test_a_batch_gives_what_its_examples_give_one_by_one(case: Case) -> None:
    together, alone = case.logits(case.model), case.logits(case.model, token_budget=1)
    assert len({len(example) for example in case.encoding.examples}) > 1
    for first, second in zip(together, alone, strict=True):
        np.testing.assert_allclose(first, second, rtol=0, atol=2e-5)


def test_padding_changes_no_logits_and_no_loss(case: Case) -> None:
    import torch

    objective = objective_of(case.task.scores)
    short, long = sorted(case.encoding.examples, key=len)[:: len(case.encoding.examples) - 1]
    assert len(short) < len(long)
    # With learned positions that count from the left, padding goes to the right; rotary ones stand either.
    for left in (False, True) if case.model.config.model_type == "llama" else (False,):
        padding = Padding(int(case.tokenizer.pad_token_id), left)
        with torch.inference_mode():
            case.model.eval()
            alone, count, *_ = objective(case.model, pad([short], padding).tensors)
            other, other_count, *_ = objective(case.model, pad([long], padding).tensors)
            both, all_counts, *_ = objective(case.model, pad([short, long], padding).tensors)
        assert int(all_counts) == int(count) + int(other_count) > 0
        assert float(both) == pytest.approx(float(alone) + float(other), abs=1e-4)


def test_the_loss_counts_the_targets_that_are_learned_from(case: Case) -> None:
    batch = pad(case.encoding.examples, padding_of(case.tokenizer))
    count = objective_of(case.task.scores)(case.model, batch.tensors).targets
    learned = sum(int((example.targets != IGNORED).sum()) for example in case.encoding.examples)
    assert int(count) == batch.targets == learned


def test_every_reason_for_a_cut_has_a_remedy(case: Case) -> None:
    content = "the card is lost " * 40
    boundary = (Span(1, 2, "card"),) if case.task.record_schema.spans else ()
    record = Record("long", {"text": Text(content, boundary)}, {"label": "card"})
    reasons = {cut.reason for cut in case.task.encode([record], case.tokenizer, case.head_labels).cuts}
    assert reasons == case.task.cut_remedies.keys()


def test_ideal_logits_decode_to_the_gold_answers(case: Case) -> None:
    logits = [ideal_logits(example.targets, len(case.head_labels)) for example in case.encoding.examples]
    predictions = case.task.decode(logits, case.encoding.examples, case.records, case.head_labels)
    assert [prediction.answer for prediction in predictions] == [case.task.answer(record) for record in case.records]
    assert all(0.99 < prediction.confidence <= 1 for prediction in predictions)


def test_decoding_does_not_depend_on_the_order_of_examples(case: Case) -> None:
    logits = case.logits(case.model)
    answers = case.task.decode(logits, case.encoding.examples, case.records, case.head_labels)
    reverse = case.task.decode(logits[::-1], case.encoding.examples[::-1], case.records, case.head_labels)
    assert answers == reverse


def test_without_answers_nothing_is_learned_and_every_record_is_answered(case: Case) -> None:
    texts = [
        Record("0", {"text": case.records[0].texts["text"]}),
        Record("1", {"text": type(case.records[0].text)("")}),
    ]
    encoding = case.task.encode(texts, case.tokenizer, case.head_labels)
    if case.task.answers == "label":
        assert all((example.targets == IGNORED).all() for example in encoding.examples)
    logits = example_logits(case.model, encoding.examples, padding_of(case.tokenizer))
    predictions = case.task.decode(logits, encoding.examples, texts, case.head_labels)
    assert len(predictions) == 2
    assert all(0 < prediction.confidence <= 1 for prediction in predictions)


def ideal_logits(targets: np.ndarray[Any, np.dtype[np.int64]], labels: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Logits that are sure of the targets: [L] of a label, or [T, L] of tags."""
    logits = np.where(np.arange(labels) == targets[:, None], 12.0, 0.0).astype(np.float32)
    return logits[0] if len(targets) == 1 else logits
