"""Focal loss in a training."""

from __future__ import annotations

import pytest
import torch

from tests.strategies.still import Still, context
from vocation.strategies.class_balanced import ClassBalanced
from vocation.strategies.focal import Focal
from vocation.training.objective import cross_entropy


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_the_objective_weighs_each_position_by_what_is_missing(each_still: Still, gamma: float) -> None:
    batch = each_still.batch(range(6))
    found = each_still.objective(Focal(gamma=gamma).shape(cross_entropy, context()))(each_still.model, batch)
    logits, classes = each_still.task.scores(each_still.model, batch)
    p = logits.softmax(-1)[torch.arange(len(classes)), classes]
    assert found.loss.item() == pytest.approx((-((1 - p) ** gamma) * p.log()).sum().item(), abs=1e-10)
    assert found.loss.item() < each_still.objective()(each_still.model, batch).loss.item() - 1e-2
    unchanged = each_still.objective(Focal(gamma=0).shape(cross_entropy, context()))(each_still.model, batch)
    assert unchanged.loss.item() == each_still.objective()(each_still.model, batch).loss.item()


def test_class_balanced_focal_loss_is_that_of_the_paper_in_either_order() -> None:
    """Cui et al. (2019), with softmax in place of sigmoid."""
    seen = context(counts=(600, 30, 1))
    logits, classes = torch.randn(9, 3, dtype=torch.float64), torch.tensor([0, 1, 2] * 3)
    raw = torch.tensor([(1 - 0.99) / (1 - 0.99**n) for n in (600, 30, 1)], dtype=torch.float64)
    weights = raw * 3 / raw.sum()
    p = logits.softmax(-1)[torch.arange(9), classes]
    expected = -weights[classes] * (1 - p) ** 2 * p.log()
    balanced, focal = ClassBalanced(beta=0.99), Focal()
    for loss in (
        balanced.shape(focal.shape(cross_entropy, seen), seen),
        focal.shape(balanced.shape(cross_entropy, seen), seen),
    ):
        torch.testing.assert_close(loss(logits, classes), expected, atol=1e-12, rtol=0)
