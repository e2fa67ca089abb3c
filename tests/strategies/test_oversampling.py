"""Oversampling in a training: what an epoch holds, and for which tasks there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.strategies.still import Records
from tests.strategies.training import trial
from vocation.errors import TrainingError
from vocation.records import Record
from vocation.strategies.class_balanced_batches import ClassBalancedBatches
from vocation.strategies.mixup import Mixup
from vocation.strategies.oversampling import Oversampling
from vocation.strategies.undersampling import Undersampling
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.training.batches import epoch_order, lengths_of
from vocation.tuning.lesson import deal


@pytest.mark.parametrize(("ratio", "expected"), [(1.0, [20, 20, 20]), (0.5, [10, 20, 10]), (0.1, [4, 20, 7])])
def test_rare_labels_are_read_more_often(
    bert_folder: Path, intents: Records, ratio: float, expected: list[int]
) -> None:
    rows = skewed(intents)
    taught = trial(bert_folder, Classification(), rows, [Oversampling(ratio=ratio)])
    dealing, seen = deal(taught.tuning, taught.data)
    assert seen.class_counts.tolist() == expected
    assert np.bincount(seen.classes).tolist() == [4, 20, 7]
    assert seen.updates_per_epoch == -(-sum(expected) // 8)
    steps = taught.learn(seen.updates_per_epoch)
    assert sum(step.examples for step in steps) == sum(expected)
    assert {step.epoch for step in steps} == {1}
    for epoch in (2, 3):
        order = np.concatenate(epoch_order(lengths_of(taught.data.training.examples), dealing, epoch))
        assert np.bincount(seen.classes[order]).tolist() == expected


def skewed(intents: Records) -> list[Record]:
    """Four rows of card, seven of money, twenty of fever."""
    most = {"card": 4, "money": 7, "fever": 20}
    rows = []
    for record in intents(60, 1):
        if most[record.values["label"]]:
            most[record.values["label"]] -= 1
            rows.append(record)
    return rows


def test_entities_have_no_class_to_sample_by(bert_folder: Path, mentions: Records) -> None:
    with pytest.raises(
        TrainingError, match=r"oversampling deals out .* 16 of 16 have none or several(?s:.)*class_weights"
    ):
        trial(bert_folder, Entities(), mentions(16, 1), [Oversampling()])


def test_it_comes_before_what_groups_examples(bert_folder: Path, intents: Records) -> None:
    for grouping in (ClassBalancedBatches(), Mixup()):
        trial(bert_folder, Classification(), intents(16, 1), [Oversampling(), grouping]).learn(1)
        with pytest.raises(TrainingError, match=f"list oversampling before {grouping.kind}"):
            trial(bert_folder, Classification(), intents(16, 1), [grouping, Oversampling()])


def test_it_can_meet_undersampling_halfway(bert_folder: Path, intents: Records) -> None:
    taught = trial(bert_folder, Classification(), skewed(intents), [Undersampling(ratio=0.4), Oversampling()])
    assert deal(taught.tuning, taught.data)[1].class_counts.tolist() == [10, 10, 10]
