"""Small trainings for the tests of the tuning stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from vocation.modeling.pretrained import resolve
from vocation.records import Record
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tuning.material import Tuning
from vocation.tuning.settings import TuningSettings

Records = Callable[[int, int], list[Record]]


@pytest.fixture
def tuning_of(
    bert_folder: Path, intents: Records, write_corpus: Callable[[Task, Mapping[str, Sequence[Record]]], Path]
) -> Callable[..., Tuning]:
    """Makes a tuning of a tiny BERT on 18 texts, 6 of them an update; anything of it can be given instead."""

    def make(
        task: Task | None = None,
        splits: Mapping[str, Sequence[Record]] | None = None,
        model: Path = bert_folder,
        **settings: Any,
    ) -> Tuning:
        task = task or Classification()
        given = {"train": intents(18, 1), "validation": intents(9, 2)} if splits is None else splits
        values: dict[str, Any] = {"epochs": 2, "batch_size": 6, "learning_rate": 1e-3, **settings}
        corpus = write_corpus(task, given)
        return Tuning(TuningSettings(**values), task, resolve(str(model), corpus), (), corpus)

    return make
