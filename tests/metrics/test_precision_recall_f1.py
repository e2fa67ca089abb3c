from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from vocation.metrics import score
from vocation.metrics.precision_recall_f1 import PrecisionRecallF1

LABELS = ["alpha", "beta", "gamma", "delta", "never"]


def random_answers(seed: int, size: int = 200) -> tuple[list[str], list[str]]:
    generator = np.random.default_rng(seed)
    gold = [str(label) for label in generator.choice(LABELS[:4], size=size, p=[0.6, 0.2, 0.15, 0.05])]
    noise = [str(label) for label in generator.choice(LABELS[:4], size=size)]
    wrong = generator.random(size) < 0.4
    return gold, [other if flip else label for label, other, flip in zip(gold, noise, wrong, strict=True)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("average", ["micro", "macro", "weighted"])
def test_averages_equal_those_of_scikit_learn(seed: int, average: str) -> None:
    gold, predicted = random_answers(seed)
    values = score(gold, predicted, LABELS, "label")
    expected = precision_recall_fscore_support(gold, predicted, average=average, zero_division=0)[:3]
    found = [values[f"{name}_{average}"] for name in ("precision", "recall", "f1")]
    assert found == pytest.approx(list(expected), abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_values_of_each_class_equal_those_of_scikit_learn(seed: int) -> None:
    gold, predicted = random_answers(seed)
    values = score(gold, predicted, LABELS, "label")
    expected = precision_recall_fscore_support(gold, predicted, labels=LABELS, zero_division=0)[:3]
    for name, row in zip(("precision", "recall", "f1"), expected, strict=True):
        assert [values[f"{name}:{label}"] for label in LABELS] == pytest.approx(list(row), abs=1e-12)


def test_micro_averages_equal_the_accuracy() -> None:
    gold, predicted = random_answers(9)
    values = score(gold, predicted, LABELS, "label")
    for name in ("precision_micro", "recall_micro", "f1_micro", "accuracy"):
        assert values[name] == pytest.approx(accuracy_score(gold, predicted), abs=1e-12)


def test_a_label_that_never_occurs_does_not_lower_the_macro_average() -> None:
    gold, predicted = random_answers(10)
    assert score(gold, predicted, LABELS, "label")["f1_macro"] == pytest.approx(
        score(gold, predicted, LABELS[:4], "label")["f1_macro"], abs=1e-12
    )


def test_an_unknown_label_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'epsilon' is not among the 5 labels"):
        PrecisionRecallF1().statistics(["alpha"], ["epsilon"], LABELS)
