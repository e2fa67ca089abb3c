"""The compiled gate: the formula, and the gradient of autograd."""

from __future__ import annotations

import pytest
import torch

from vocation.training.compiled.causal_swiglu import swiglu, swiglu_backward


def inputs(size: tuple[int, int], dtype: torch.dtype) -> tuple[torch.Tensor, ...]:
    torch.manual_seed(2)
    gate, up, gradient = (torch.randn(size, dtype=dtype) for _ in range(3))
    return 6 * gate, up, gradient


@pytest.mark.parametrize("size", [(1, 1), (7, 33), (40, 500)])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
def test_values_and_gradients_are_those_of_the_formula(
    size: tuple[int, int], dtype: torch.dtype, tolerance: float
) -> None:
    gate, up, gradient = inputs(size, dtype)
    exact = [tensor.double().requires_grad_() for tensor in (gate, up)]
    expected = exact[0] * torch.sigmoid(exact[0]) * exact[1]
    torch.testing.assert_close(swiglu(gate, up).double(), expected, rtol=tolerance, atol=tolerance)
    wanted = torch.autograd.grad(expected, exact, gradient.double())
    of_gate, of_up, hidden = swiglu_backward(gradient, gate, up)
    torch.testing.assert_close(of_gate.double(), wanted[0], rtol=tolerance, atol=tolerance)
    torch.testing.assert_close(of_up.double(), wanted[1], rtol=tolerance, atol=tolerance)
    torch.testing.assert_close(hidden.double(), expected, rtol=tolerance, atol=tolerance)


def test_the_farthest_values_are_finite_and_what_is_no_number_is_not_hidden() -> None:
    gate = torch.tensor([-1e4, -100.0, 100.0, 1e4, torch.nan])
    one = torch.ones(5)
    torch.testing.assert_close(swiglu(gate, one)[:4], torch.tensor([0.0, 0.0, 100.0, 1e4]), rtol=1e-6, atol=1e-6)
    of_gate, of_up, hidden = swiglu_backward(one, gate, one)
    torch.testing.assert_close(of_gate[:4], torch.tensor([0.0, 0.0, 1.0, 1.0]), rtol=1e-6, atol=1e-6)
    assert all(bool(tensor[4].isnan()) for tensor in (swiglu(gate, one), of_gate, of_up, hidden))
