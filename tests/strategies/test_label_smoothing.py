"""Label smoothing in a training: what reaches the loss, and that predictions become less sure."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.strategies.still import Records, Still, context
from tests.strategies.training import trial
from vocation.strategies.class_weights import ClassWeights
from vocation.strategies.label_smoothing import LabelSmoothing
from vocation.tasks.classification import Classification
from vocation.training.objective import cross_entropy


def test_the_objective_is_the_loss_of_the_smoothed_target(each_still: Still) -> None:
    shaped = LabelSmoothing(epsilon=0.2).shape(cross_entropy, context())
    batch = each_still.batch(range(6))
    found = each_still.objective(shaped)(each_still.model, batch)
    logits, classes = each_still.task.scores(each_still.model, batch)
    labels = logits.shape[1]
    target = torch.full_like(logits, 0.2 / labels)
    target[torch.arange(len(classes)), classes] += 0.8
    expected = -(target * logits.log_softmax(-1)).sum()
    assert found.loss.item() == pytest.approx(expected.item(), abs=1e-10)
    assert found.loss.item() != pytest.approx(each_still.objective()(each_still.model, batch).loss.item(), abs=1e-2)


def test_it_composes_with_weights_in_the_listed_order(texts: Still) -> None:
    """Behind weights it is torch's; before them the weight of a position is that of its label."""
    weights, seen = ClassWeights(weights={"a": 2.0, "c": 0.5}), context()
    behind = LabelSmoothing(epsilon=0.3).shape(weights.shape(cross_entropy, seen), seen)
    before = weights.shape(LabelSmoothing(epsilon=0.3).shape(cross_entropy, seen), seen)
    logits, classes = torch.randn(9, 3, dtype=torch.float64), torch.tensor([0, 1, 2] * 3)
    scaled = torch.tensor([2.0, 1.0, 0.5], dtype=torch.float64) * (10 / (12 + 3 + 0.5))
    torch_loss = torch.nn.CrossEntropyLoss(weight=scaled, label_smoothing=0.3, reduction="none")
    torch.testing.assert_close(behind(logits, classes), torch_loss(logits, classes), atol=1e-12, rtol=0)
    unweighted = torch.nn.CrossEntropyLoss(label_smoothing=0.3, reduction="none")(logits, classes)
    torch.testing.assert_close(before(logits, classes), scaled[classes] * unweighted, atol=1e-12, rtol=0)


def test_predictions_become_less_sure(bert_folder: Path, intents: Records) -> None:
    def sureness(epsilon: float) -> float:
        taught = trial(bert_folder, Classification(), intents(24, 1), [LabelSmoothing(epsilon=epsilon)], epochs=10)
        taught.learn(30)
        return max(float(torch.tensor(row).softmax(-1).max()) for row in taught.logits())

    assert sureness(0.3) < sureness(1e-6) - 0.05
