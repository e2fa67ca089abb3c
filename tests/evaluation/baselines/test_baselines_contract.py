"""Every baseline: learns from the training rows alone, answers every test row, and gives the same answers twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest

from vocation.component import kinds
from vocation.evaluation.baselines import Baseline
from vocation.records import Record
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.text import Span, Text

FAMILY = kinds("vocation.evaluation.baselines")


def classified() -> list[Record]:
    rows = [("my card was stolen", "card"), ("the card is lost", "card"), ("send money abroad", "transfer")]
    return [Record(str(row), {"text": Text(text)}, {"label": label}) for row, (text, label) in enumerate(rows * 3)]


def tagged() -> list[Record]:
    texts = [Text("breast cancer is common", (Span(0, 13, "Disease"),)), Text("aspirin helps", (Span(0, 7, "Drug"),))]
    return [Record(str(row), {"text": text}) for row, text in enumerate(texts)]


def case(kind: str) -> tuple[Task, list[Record]]:
    tasks: list[tuple[Task, list[Record]]] = [(Classification(), classified()), (Entities(), tagged())]
    return next((task, records) for task, records in tasks if task.baseline == kind)


def without_answers(records: Sequence[Record]) -> list[Record]:
    return [Record(record.id, {"text": Text(record.text.content)}) for record in records]


def test_the_family_has_two_baselines_and_each_task_one_of_them() -> None:
    assert sorted(FAMILY) == ["tfidf_logistic", "training_dictionary"]
    tasks = [cast("type[Task]", task) for task in kinds("vocation.tasks").values()]
    assert {task.baseline for task in tasks} <= set(FAMILY)


@pytest.mark.parametrize("kind", sorted(FAMILY))
def test_answers_need_no_gold_and_are_the_same_twice(kind: str) -> None:
    task, train = case(kind)
    baseline = cast("Baseline", FAMILY[kind]())
    test = without_answers(train)
    predictions = baseline.fit_predict(train, test, task)
    assert predictions == baseline.fit_predict(train, test, task)
    assert [prediction.answer for prediction in predictions] == [task.answer(record) for record in train]
    assert all(0.0 <= prediction.confidence <= 1.0 for prediction in predictions)
