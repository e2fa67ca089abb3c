"""Weights of classes: by name, by frequency, their scale, and names that are not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.strategies.still import Records, context
from tests.strategies.training import trial
from vocation.errors import TrainingError
from vocation.strategies.class_weights import ClassWeights
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.training.objective import cross_entropy

TAGS = ("O", "B-Disease", "I-Disease", "B-Drug", "I-Drug")


def weights(given: Any, labels: tuple[str, ...], counts: tuple[int, ...]) -> list[float]:
    unsure = torch.zeros(len(labels), len(labels), dtype=torch.float64)
    loss = ClassWeights(weights=given).shape(cross_entropy, context(labels, counts))
    losses = loss(unsure, torch.arange(len(labels)))
    return (losses / torch.tensor(float(len(labels))).double().log()).tolist()


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    from sklearn.utils.class_weight import compute_class_weight

    seen = context()
    expected = compute_class_weight("balanced", classes=np.arange(3), y=seen.classes)
    assert weights("balanced", ("a", "b", "c"), (6, 3, 1)) == pytest.approx(expected.tolist())


def test_given_weights_keep_their_proportions_and_mean_one() -> None:
    found = weights({"c": 5.0, "a": 0.5}, ("a", "b", "c"), (6, 3, 1))
    assert [weight / found[1] for weight in found] == pytest.approx([0.5, 1, 5])
    assert sum(weight * n for weight, n in zip(found, (6, 3, 1), strict=True)) == pytest.approx(10)


def test_the_name_of_a_type_stands_for_its_tags() -> None:
    found = weights({"Disease": 4.0, "B-Drug": 2.0}, TAGS, (90, 4, 2, 3, 1))
    assert [weight / found[0] for weight in found] == pytest.approx([1, 4, 4, 2, 1])


def test_a_label_with_a_hyphen_is_itself() -> None:
    found = weights({"B-card": 3.0}, ("B-card", "card", "x"), (1, 1, 1))
    assert [weight / found[1] for weight in found] == pytest.approx([3, 1, 1])


@pytest.mark.parametrize(
    ("labels", "name", "hint"), [(("a", "bb", "c"), "bbb", "'bb'"), (TAGS, "Diseases", "'Disease'")]
)
def test_a_name_that_no_label_has_is_refused(labels: tuple[str, ...], name: str, hint: str) -> None:
    with pytest.raises(TrainingError, match=rf"names {name!r}.*Did you mean {hint}\?(?s:.)*allowed: "):
        weights({name: 2.0}, labels, (1,) * len(labels))


@pytest.mark.parametrize("wrong", [{"a": 0.0}, {"a": -1.0}, "even", [1.0, 2.0]])
def test_weights_that_are_none_are_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="weights"):
        ClassWeights(weights=wrong)


def test_the_loss_of_a_training_is_the_weighted_mean(bert_folder: Path, intents: Records) -> None:
    """Two labels of three times the weight of the third, over the eight rows of the first update."""
    plain = trial(bert_folder, Classification(), intents(16, 1), [ClassWeights(weights={})])
    other = trial(bert_folder, Classification(), intents(16, 1), [ClassWeights(weights={"card": 1 / 3})])
    counts = [6, 5, 5]  # card, money, fever in turns
    assert plain.learn(1)[0].loss != pytest.approx(other.learn(1)[0].loss, abs=1e-4)
    scale = 16 / (counts[0] / 3 + counts[1] + counts[2])
    losses = other.lesson.objective.point_loss(torch.zeros(3, 3), torch.arange(3)) / torch.tensor(3.0).log()
    names = list(other.data.head_labels)
    expected = [scale / 3 if name == "card" else scale for name in names]
    assert losses.tolist() == pytest.approx(expected, rel=1e-5)


def test_tags_can_be_balanced(bert_folder: Path, mentions: Records) -> None:
    taught = trial(bert_folder, Entities(), mentions(16, 1), [ClassWeights()])
    assert taught.learn(2)[0].loss > 0
