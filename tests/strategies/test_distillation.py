"""Distillation against its formula, with a teacher whose labels stand in another order, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.strategies.earlier import earlier_run, supplies_of
from tests.strategies.training import largest_difference, trial
from vocation.errors import RecipeError, TrainingError
from vocation.modeling.pretrained import load_saved
from vocation.prediction.predictor import padding_of
from vocation.records import Record
from vocation.strategies import Start
from vocation.strategies.adapter import Adapter
from vocation.strategies.distillation import Distillation
from vocation.strategies.full import Full
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.training.batches import updates
from vocation.training.distillation import soft_target_loss

Records = Callable[[int, int], list[Record]]
LABELS = ["card", "fever", "money"]


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory, bert_folder: Path, intents: Records) -> Path:
    """Its model's labels stand the other way round."""
    folder = tmp_path_factory.mktemp("earlier")
    earlier_run(folder, bert_folder, Classification(), intents(16, 2))
    model: Any = load_saved(folder / "model")
    names = list(reversed(LABELS))
    model.config.id2label, model.config.label2id = dict(enumerate(names)), {name: i for i, name in enumerate(names)}
    with torch.no_grad():
        for value in (model.classifier.weight, model.classifier.bias):
            value.copy_(value.flip(0) * 3)
    model.save_pretrained(folder / "model")
    return folder


def test_the_loss_is_that_of_the_formula(bert_folder: Path, earlier: Path, intents: Records) -> None:
    alpha, temperature = 0.3, 2.5
    strategy = Distillation(teacher="earlier", alpha=alpha, temperature=temperature)
    taught = trial(bert_folder, Classification(), intents(16, 1), [Full(), strategy], supplies_of([strategy], earlier))
    batch = next(updates(taught.data.training.examples, padding_of(taught.data.tokenizer), taught.lesson.dealing))
    tensors, model = batch.batches[0].tensors, taught.lesson.model.eval()
    inputs = {name: value for name, value in tensors.items() if name != "targets"}
    with torch.no_grad():
        outcome = taught.lesson.objective(model, tensors)
        unflipped, student = load_saved(earlier / "model").eval()(**inputs).logits, model(**inputs).logits
    teacher = unflipped.flip(-1)
    p, q = (teacher / temperature).softmax(-1), (student / temperature).softmax(-1)
    soft = temperature**2 * (p * (p.log() - q.log())).sum()
    hard = -student.log_softmax(-1).gather(1, tensors["targets"]).sum()
    torch.testing.assert_close(outcome.loss, alpha * soft + (1 - alpha) * hard, atol=1e-4, rtol=1e-5)
    assert abs(float(soft - hard)) > 0.1
    wrong = (unflipped / temperature).softmax(-1)
    assert abs(float(temperature**2 * (wrong * (wrong.log() - q.log())).sum() - soft)) > 0.1


@pytest.mark.parametrize("task", [Classification(), Entities()], ids=lambda task: task.kind)
def test_an_update_does_not_depend_on_how_it_is_divided(
    task: Task, bert_folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    records: Records = request.getfixturevalue("mentions" if task.record_schema.spans else "intents")
    strategy = Distillation(teacher="earlier")
    earlier_run(tmp_path, bert_folder, task, records(16, 2))
    taught = trial(bert_folder, task, records(16, 1), [strategy], supplies_of([strategy], tmp_path))
    run: Any = taught.lesson.objective.run
    teacher = next(cell.cell_contents for cell in run.__closure__ if isinstance(cell.cell_contents, torch.nn.Module))
    teacher.double()
    once, divided = taught.gradients(), taught.gradients(token_budget=16)
    for name, value in once.items():
        torch.testing.assert_close(divided[name], value, atol=1e-10, rtol=0)
    assert not any(parameter.requires_grad for parameter in teacher.parameters())


def test_a_student_follows_its_teacher_where_the_labels_are_left_out(
    bert_folder: Path, earlier: Path, intents: Records
) -> None:
    strategy, records = Distillation(teacher="earlier", alpha=1.0), intents(16, 1)
    supplies = supplies_of([strategy], earlier)
    taught = trial(bert_folder, Classification(), records, [Full(), strategy], supplies, epochs=20)
    teacher = np.stack(taught.logits(load_saved(earlier / "model")))[:, ::-1]

    def distance() -> float:
        student = torch.from_numpy(np.stack(taught.logits()))
        return float(soft_target_loss(student, torch.from_numpy(teacher.copy()), 1.0).mean())

    before = distance()
    taught.learn(40)
    assert distance() < 0.4 * before


def test_a_teacher_with_something_beside_its_architecture_is_loaded_whole(
    bert_folder: Path, intents: Records, tmp_path: Path
) -> None:
    taught = earlier_run(tmp_path, bert_folder, Classification(), intents(16, 2), Adapter(bottleneck=8))
    strategy = Distillation(teacher="earlier")
    sources = {need.name: tmp_path / "model" for need in strategy.needs()}
    strategy.check(sources, Start(bert_folder, "classification", LABELS))
    again = load_saved(tmp_path / "model")
    assert largest_difference(taught.logits(), taught.logits(again)) < 1e-5
    assert largest_difference(taught.logits(), taught.logits(load_saved(tmp_path / "model" / "base"))) > 1e-4


def test_other_labels_and_other_vocabularies_are_refused(
    bert_folder: Path, roberta_folder: Path, earlier: Path, intents: Records
) -> None:
    strategy = Distillation(teacher="earlier")
    sources = {need.name: earlier / "model" for need in strategy.needs()}
    strategy.check(sources, Start(bert_folder, "classification", LABELS))
    with pytest.raises(RecipeError, match="has another vocabulary than the model"):
        strategy.check(sources, Start(roberta_folder, "classification", LABELS))
    with pytest.raises(RecipeError, match="does not know rate; this run does not have fever, money"):
        strategy.check(sources, Start(bert_folder, "classification", ["card", "rate"]))
    fewer = [record for record in intents(16, 1) if record.values["label"] != "money"]
    with pytest.raises(TrainingError, match="this run does not have money"):
        trial(bert_folder, Classification(), fewer, [strategy], supplies_of([strategy], earlier))
