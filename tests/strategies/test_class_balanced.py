"""Weights by the effective number of samples, in a training."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.strategies.still import Records, context
from tests.strategies.training import trial
from vocation.strategies.class_balanced import ClassBalanced
from vocation.strategies.class_weights import ClassWeights
from vocation.strategies.oversampling import Oversampling
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.training.objective import cross_entropy
from vocation.tuning.lesson import deal
from vocation.tuning.settings import TuningSettings

UNSURE = torch.zeros(3, 3, dtype=torch.float64)  # The loss of each class is log 3.


def weights(strategy: ClassBalanced, counts: tuple[int, ...]) -> list[float]:
    losses = strategy.shape(cross_entropy, context(counts=counts))(UNSURE, torch.arange(3))
    return (losses / torch.tensor(3.0).double().log()).tolist()


def test_weights_are_those_of_the_paper() -> None:
    found = weights(ClassBalanced(beta=0.99), (500, 50, 5))
    raw = [0.01 / (1 - 0.99**n) for n in (500, 50, 5)]
    assert found == pytest.approx([3 * weight / sum(raw) for weight in raw])
    assert sum(found) == pytest.approx(3)
    assert weights(ClassBalanced(beta=0), (500, 50, 5)) == pytest.approx([1, 1, 1])


def test_tags_are_classes_too(bert_folder: Path, mentions: Records) -> None:
    taught = trial(bert_folder, Entities(), mentions(16, 1), [ClassBalanced(beta=0.9)])
    losses = taught.lesson.objective.point_loss(torch.zeros(7, 7), torch.arange(7)) / torch.tensor(7.0).log()
    names = list(taught.data.head_labels)
    assert float(losses[names.index("O")]) < 0.5 * float(losses[names.index("B-card")])
    assert taught.learn(1)[0].loss > 0


def test_rows_that_are_repeated_count_as_often_as_they_are_read(bert_folder: Path, intents: Records) -> None:
    rows = [record for record in intents(60, 1) if record.values["label"] != "card" or record.row < 20]
    taught = trial(bert_folder, Classification(), rows, [Oversampling(), ClassBalanced()])
    _, seen = deal(taught.tuning, taught.data)
    assert set(seen.class_counts.tolist()) == {20}
    losses = taught.lesson.objective.point_loss(torch.zeros(3, 3), torch.arange(3))
    torch.testing.assert_close(losses, losses[:1].expand(3))


def test_two_kinds_of_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="contradict each other"):
        TuningSettings(strategies=(ClassBalanced(), ClassWeights()))
