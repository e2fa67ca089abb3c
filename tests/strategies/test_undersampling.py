"""Undersampling in a training: what an epoch holds, and what the epochs see together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.strategies.still import Records
from tests.strategies.test_oversampling import skewed
from tests.strategies.training import trial
from vocation.errors import TrainingError
from vocation.strategies.undersampling import Undersampling
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.training.batches import epoch_order, lengths_of
from vocation.tuning.lesson import deal


@pytest.mark.parametrize(("ratio", "expected"), [(1.0, [4, 4, 4]), (0.5, [4, 8, 7]), (0.1, [4, 20, 7])])
def test_frequent_labels_are_read_less_often(
    bert_folder: Path, intents: Records, ratio: float, expected: list[int]
) -> None:
    taught = trial(bert_folder, Classification(), skewed(intents), [Undersampling(ratio=ratio)])
    dealing, seen = deal(taught.tuning, taught.data)
    assert seen.class_counts.tolist() == expected
    steps = taught.learn(seen.updates_per_epoch)
    assert sum(step.examples for step in steps) == sum(expected)
    lengths = lengths_of(taught.data.training.examples)
    epochs = [np.concatenate(epoch_order(lengths, dealing, epoch)) for epoch in range(1, 16)]
    assert all(np.bincount(seen.classes[order]).tolist() == expected for order in epochs)
    assert set(np.concatenate(epochs).tolist()) == set(range(31)), "over many epochs every row is seen"


def test_entities_have_no_class_to_sample_by(bert_folder: Path, mentions: Records) -> None:
    with pytest.raises(TrainingError, match=r"undersampling deals out .* have none or several"):
        trial(bert_folder, Entities(), mentions(16, 1), [Undersampling()])
