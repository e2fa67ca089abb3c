"""Losses of a position against their formulae, position by position, with gradients; and against torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vocation.training.losses import (
    balanced_weights,
    effective_number_weights,
    focused,
    scaled_to_mean_one,
    smoothed,
    weighted,
)
from vocation.training.objective import cross_entropy

if TYPE_CHECKING:
    from vocation.training.objective import PointLoss

EXACT = 1e-12
WEIGHTS = [0.5, 2.0, 1.0, 0.1, 3.0]
CLASSES = torch.tensor([0, 4, 2, 2, 1, 3, 0])

Formula = Callable[[torch.Tensor, int], torch.Tensor]
"""The loss of one position, given its probabilities [L] and its class."""


def logits() -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randn(len(CLASSES), len(WEIGHTS), dtype=torch.float64).mul(3).requires_grad_()


def check(found: PointLoss, formula: Formula) -> None:
    """Values and gradients, each position's loss with a weight of its own."""
    at, again = logits(), logits()
    scale = torch.arange(1.0, len(CLASSES) + 1, dtype=torch.float64)
    losses = found(at, CLASSES)
    (losses * scale).sum().backward()
    expected = torch.stack([formula(row.softmax(-1), int(which)) for row, which in zip(again, CLASSES, strict=True)])
    (expected * scale).sum().backward()
    torch.testing.assert_close(losses, expected, atol=EXACT, rtol=0)
    assert at.grad is not None
    assert again.grad is not None
    torch.testing.assert_close(at.grad, again.grad, atol=EXACT, rtol=0)


def negative_log(p: torch.Tensor, which: int) -> torch.Tensor:
    return -p[which].log()


def smooth(inner: Formula, epsilon: float) -> Formula:
    def formula(p: torch.Tensor, which: int) -> torch.Tensor:
        target = [epsilon / len(p) + (1 - epsilon) * (label == which) for label in range(len(p))]
        return torch.stack([share * inner(p, label) for label, share in enumerate(target)]).sum()

    return formula


def focus(inner: Formula, gamma: float) -> Formula:
    return lambda p, which: (1 - p[which]) ** gamma * inner(p, which)


def weigh(inner: Formula) -> Formula:
    return lambda p, which: WEIGHTS[which] * inner(p, which)


@pytest.mark.parametrize("epsilon", [0.1, 0.9])
def test_label_smoothing_is_its_formula(epsilon: float) -> None:
    check(smoothed(cross_entropy, epsilon), smooth(negative_log, epsilon))
    with pytest.raises(AssertionError):
        check(cross_entropy, smooth(negative_log, epsilon))


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0, 5.0])
def test_focal_loss_is_its_formula(gamma: float) -> None:
    check(focused(cross_entropy, gamma), focus(negative_log, gamma))
    with pytest.raises(AssertionError):
        check(cross_entropy, focus(negative_log, gamma))


def test_weights_are_their_formula() -> None:
    check(weighted(cross_entropy, WEIGHTS), weigh(negative_log))
    with pytest.raises(AssertionError):
        check(cross_entropy, weigh(negative_log))


def test_they_compose_in_every_order() -> None:
    check(smoothed(weighted(cross_entropy, WEIGHTS), 0.2), smooth(weigh(negative_log), 0.2))
    check(weighted(smoothed(cross_entropy, 0.2), WEIGHTS), weigh(smooth(negative_log, 0.2)))
    check(smoothed(focused(cross_entropy, 2), 0.2), smooth(focus(negative_log, 2), 0.2))
    check(focused(smoothed(cross_entropy, 0.2), 2), focus(smooth(negative_log, 0.2), 2))
    check(weighted(focused(cross_entropy, 2), WEIGHTS), weigh(focus(negative_log, 2)))
    check(focused(weighted(cross_entropy, WEIGHTS), 2), weigh(focus(negative_log, 2)))
    every = smoothed(focused(weighted(cross_entropy, WEIGHTS), 2), 0.2)
    check(every, smooth(focus(weigh(negative_log), 2), 0.2))
    at = logits().detach()
    before, behind = smoothed(weighted(cross_entropy, WEIGHTS), 0.2), weighted(smoothed(cross_entropy, 0.2), WEIGHTS)
    assert float((before(at, CLASSES) - behind(at, CLASSES)).abs().max()) > 1e-2, "the order matters"


def test_smoothing_behind_weights_is_what_torch_computes() -> None:
    found = smoothed(weighted(cross_entropy, WEIGHTS), 0.3)(logits(), CLASSES)
    weights = torch.tensor(WEIGHTS, dtype=torch.float64)
    loss = torch.nn.CrossEntropyLoss(weight=weights, label_smoothing=0.3, reduction="none")
    torch.testing.assert_close(found, loss(logits(), CLASSES), atol=EXACT, rtol=0)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_positions_that_are_entirely_right_or_wrong_have_finite_slopes(gamma: float, dtype: torch.dtype) -> None:
    at = torch.tensor([[100.0, 0.0], [-100.0, 0.0], [30.0, 0.0]], dtype=dtype, requires_grad=True)
    losses = focused(cross_entropy, gamma)(at, torch.tensor([0, 0, 0]))
    losses.sum().backward()
    assert losses.dtype == torch.float32
    assert torch.isfinite(losses).all()
    assert at.grad is not None
    assert torch.isfinite(at.grad).all()


def test_effective_numbers_are_their_formula() -> None:
    counts = np.array([1, 10, 500, 0])
    for beta in (0.0, 0.9, 0.999, 0.9999):
        effective = [sum(beta**power for power in range(max(n, 1))) for n in counts]  # (1 − β^n) / (1 − β)
        raw = np.array([1 / number for number in effective])
        np.testing.assert_allclose(effective_number_weights(counts, beta), raw * 4 / raw.sum(), rtol=1e-9)
    np.testing.assert_allclose(effective_number_weights(counts, 0.0), 1.0)
    by_frequency = balanced_weights(counts)
    nearly = effective_number_weights(counts, 1 - 1e-12)
    np.testing.assert_allclose(nearly / nearly[0], by_frequency / by_frequency[0], rtol=1e-6)


@given(counts=st.lists(st.integers(1, 10_000), min_size=1, max_size=30).map(np.array))
def test_balanced_weights_make_every_class_count_alike_and_the_mean_target_one(counts: np.ndarray) -> None:
    weights = scaled_to_mean_one(balanced_weights(counts), counts)
    np.testing.assert_allclose(weights * counts, (weights * counts)[0], rtol=1e-12)
    assert weights @ counts == pytest.approx(counts.sum())
    np.testing.assert_allclose(weights, counts.sum() / (len(counts) * counts), rtol=1e-12)  # As scikit-learn's.
