"""How good a model in training is on the validation split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vocation.metrics import score
from vocation.prediction.batching import DEFAULT_TOKEN_BUDGET, example_logits
from vocation.prediction.predictor import padding_of
from vocation.tasks import Task
from vocation.training.companions import in_place
from vocation.tuning.lesson import Lesson
from vocation.tuning.material import Data

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def validation_logits(lesson: Lesson, data: Data) -> Sequence[NDArray[np.float32]]:
    """The logits of every validation example, with what companions put in place, such as averaged weights."""
    with in_place(lesson.companions):
        return example_logits(lesson.model, data.validation.examples, padding_of(data.tokenizer), DEFAULT_TOKEN_BUDGET)


def validation_metrics(logits: Sequence[NDArray[np.float32]], data: Data, task: Task) -> dict[str, float]:
    """All metrics of the task.

    Args:
        logits: of the validation examples.
        data: holds them with their gold answers.
        task: what is learned.
    """
    predictions = task.decode(logits, data.validation.examples, data.validation_records, data.head_labels)
    gold = [task.answer(record) for record in data.validation_records]
    return dict(score(gold, [prediction.answer for prediction in predictions], data.labels, task.answers))
