"""Tiny trainings with strategies, on tiny models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from vocation.modeling.pretrained import load_tokenizer, resolve
from vocation.prediction.batching import example_logits
from vocation.prediction.predictor import padding_of
from vocation.records import Record
from vocation.strategies import Strategy
from vocation.tasks import Task
from vocation.training.batches import updates
from vocation.training.loop import Descent, Step, train
from vocation.tuning.lesson import Lesson, prepare
from vocation.tuning.material import Data, Rehearsed, Supply, Tuning
from vocation.tuning.settings import TuningSettings


@dataclass(frozen=True)
class Trial:
    """A lesson with everything that it was made from."""

    tuning: Tuning
    data: Data
    lesson: Lesson

    def learn(self, count: int = 2, done: int = 0) -> list[Step]:
        """Some updates of the training, the first unless some are done."""
        lesson = self.lesson
        descent = Descent(lesson.optimiser, lesson.learning_rate, 1.0, lesson.companions)
        examples, padding = self.data.training.examples, padding_of(self.data.tokenizer)
        given = islice(updates(examples, padding, lesson.dealing, done), count)
        return list(
            train(lesson.model, given, lesson.objective, descent, lesson.accelerator, self.tuning.settings.seed)
        )

    def gradients(self, token_budget: int = 10_000) -> dict[str, torch.Tensor]:
        """Of the first update, in float64 and without dropout, as the loop adds them up over its micro-batches."""
        model, dealing = self.lesson.model.double().eval(), replace(self.lesson.dealing, token_budget=token_budget)
        update = next(updates(self.data.training.examples, padding_of(self.data.tokenizer), dealing))
        model.zero_grad()
        for batch in update.batches:
            loss = self.lesson.objective(model, batch.tensors).loss
            (loss / sum(each.targets for each in update.batches)).backward()
        return {name: value.grad.clone() for name, value in model.named_parameters() if value.grad is not None}

    def logits(self, model: Any = None) -> list[np.ndarray[Any, np.dtype[np.float32]]]:
        """Of every training example."""
        examples, padding = self.data.training.examples, padding_of(self.data.tokenizer)
        return example_logits(self.lesson.model if model is None else model, examples, padding)

    def detached(self) -> Any:
        """The model after the engine and every strategy have let go of it."""
        model = self.lesson.model
        self.lesson.release()
        for strategy in reversed(self.tuning.settings.strategies):
            model = strategy.detach(model)
        return model

    def weights(self) -> dict[str, torch.Tensor]:
        """Copies of all weights."""
        return {name: value.detach().clone() for name, value in self.lesson.model.named_parameters()}


def trial(
    folder: Path,
    task: Task,
    records: Sequence[Record],
    strategies: Sequence[Strategy],
    supplies: Mapping[str, Supply] | None = None,
    **settings: Any,
) -> Trial:
    """A model of a folder, a task, its records, and the strategies, ready to learn.

    Args:
        folder: of the model.
        task: what is learned.
        records: to learn from, and to validate on.
        strategies: in their order.
        supplies: what they take from an earlier run.
        settings: of the tuning; batches of 8 and a learning rate of 1e-3 throughout unless given.
    """
    steady = {"learning_rate": 1e-3, "warmup": 0.0, "schedule": "constant"}
    values: dict[str, Any] = {"batch_size": 8, "epochs": 4, **steady, **settings}
    artifacts = {name: supply.folder for name, supply in (supplies or {}).items()}
    asked = [strategy.rehearse(artifacts, task.record_schema) for strategy in strategies]
    again = [rehearsal for rehearsal in asked if rehearsal is not None]
    rows = [*records, *(record for rehearsal in again for record in rehearsal.records)]
    labels = sorted({label for record in rows for label in task.labels(record)})
    head_labels, tokenizer = task.head_labels(labels), load_tokenizer(folder)
    encoding = task.encode(records, tokenizer, head_labels)
    added = [task.encode(rehearsal.records, tokenizer, head_labels).examples for rehearsal in again]
    training = replace(encoding, examples=[*encoding.examples, *(example for part in added for example in part)])
    data = Data(tokenizer, labels, head_labels, training, encoding, list(records), task.selection_metric)
    rehearsed = [Rehearsed(len(part), rehearsal.share) for part, rehearsal in zip(added, again, strict=True)]
    data = replace(data, rehearsed=rehearsed)
    chosen = TuningSettings(**values).model_copy(update={"strategies": tuple(strategies)})  # Also those of tests alone.
    tuning = Tuning(chosen, task, resolve(str(folder), folder), (), folder, supplies=supplies or {})
    return Trial(tuning, data, prepare(tuning, data))


def largest_difference(one: Sequence[Any], other: Sequence[Any]) -> float:
    """Of arrays, pair by pair."""
    return max(float(np.abs(np.asarray(a) - np.asarray(b)).max()) for a, b in zip(one, other, strict=True))
