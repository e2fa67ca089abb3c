"""Balanced batches in a training: what each update holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.strategies.still import Records
from tests.strategies.test_oversampling import skewed
from tests.strategies.training import trial
from vocation.errors import TrainingError
from vocation.prediction.predictor import padding_of
from vocation.strategies.class_balanced_batches import ClassBalancedBatches
from vocation.strategies.full import Full
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.training.batches import Update, updates


@pytest.mark.parametrize("batch_size", [2, 6, 8])
def test_every_update_holds_the_labels_evenly(bert_folder: Path, intents: Records, batch_size: int) -> None:
    taught = trial(bert_folder, Classification(), skewed(intents), [ClassBalancedBatches()], batch_size=batch_size)
    dealt = list(updates(taught.data.training.examples, padding_of(taught.data.tokenizer), taught.lesson.dealing))
    held = [np.bincount(labels_of(update), minlength=3) for update in dealt]
    assert all(np.ptp(counts) <= 1 for counts in held)
    assert len(dealt) == taught.lesson.updates == 4 * -(-31 // batch_size), "as many updates as without it"
    plain = trial(bert_folder, Classification(), skewed(intents), [Full()], batch_size=batch_size)
    given = updates(plain.data.training.examples, padding_of(plain.data.tokenizer), plain.lesson.dealing)
    assert any(np.ptp(np.bincount(labels_of(update), minlength=3)) > 1 for update in given)


def labels_of(update: Update) -> list[int]:
    return [int(which) for batch in update.batches for which in batch.tensors["targets"][:, 0]]


def test_entities_have_no_class_to_sample_by(bert_folder: Path, mentions: Records) -> None:
    with pytest.raises(TrainingError, match=r"class_balanced_batches deals out .* have none or several"):
        trial(bert_folder, Entities(), mentions(16, 1), [ClassBalancedBatches()])
