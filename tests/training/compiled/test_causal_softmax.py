"""The compiled softmax over windows: the formula, and the gradient of autograd."""

from __future__ import annotations

import pytest
import torch

from vocation.training.compiled.causal_softmax import Windows, window_softmax, window_softmax_backward

SCALING = 0.7
KEYS = 40


def windows(shared: int) -> Windows:
    """Of five queries; the fourth sees a single key of its own."""
    starts, stops = torch.tensor([0, 2, 5, 9, 0]), torch.tensor([1, 9, 30, 10, KEYS - shared])
    return Windows(shared, starts + shared, stops.clamp(max=KEYS - shared) + shared)


def formula(scores: torch.Tensor, given: Windows) -> torch.Tensor:
    seen = given.seen(KEYS).repeat(len(scores) // 5, 1)
    return torch.softmax((scores * SCALING).masked_fill(~seen, -torch.inf), -1)


@pytest.mark.parametrize("shared", [0, 3])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-13)])
def test_values_and_gradient_are_those_of_the_formula(dtype: torch.dtype, tolerance: float, shared: int) -> None:
    torch.manual_seed(1)
    scores, gradient = 8 * torch.randn(35, KEYS, dtype=dtype), torch.randn(35, KEYS, dtype=dtype)
    exact = scores.double().requires_grad_()
    expected = formula(exact, windows(shared))
    probabilities = scores.clone()
    total = window_softmax(probabilities, windows(shared), SCALING)
    torch.testing.assert_close(probabilities.double(), expected, rtol=0, atol=tolerance)
    (wanted,) = torch.autograd.grad(expected, exact, gradient.double())
    again, of_scores = scores.clone(), gradient.clone()
    window_softmax_backward(again, of_scores, windows(shared), SCALING, total)
    torch.testing.assert_close(again.double(), expected, rtol=0, atol=10 * tolerance)
    torch.testing.assert_close(of_scores.double(), wanted, rtol=0, atol=10 * tolerance)
    assert float(wanted.abs().max()) > 0.05


def test_what_a_query_does_not_see_has_no_part_in_it() -> None:
    torch.manual_seed(1)
    scores = torch.randn(5, KEYS)
    hidden = ~windows(3).seen(KEYS)
    spoilt = scores.masked_fill(hidden, 1e9)
    window_softmax(scores, windows(3), SCALING)
    window_softmax(spoilt, windows(3), SCALING)
    assert torch.equal(scores, spoilt)
    assert not scores[hidden].any()


def test_large_scores_are_no_trouble_and_what_is_no_number_is_not_hidden() -> None:
    scores = torch.zeros(5, KEYS)
    scores[:, 0] = 1e5
    scores[2, 9] = torch.nan
    window_softmax(scores, windows(3), SCALING)
    assert scores[0, 0] == 1.0
    assert torch.isfinite(scores).all(1).tolist() == [True, True, False, True, True]
