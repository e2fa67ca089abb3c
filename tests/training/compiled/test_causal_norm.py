"""The compiled RMS norm: the formula, and the gradient of autograd."""

from __future__ import annotations

import pytest
import torch

from vocation.training.compiled import causal_norm
from vocation.training.compiled.causal_norm import rms_norm, rms_norm_backward

SIZES = [(1, 8), (33, 24), (70, 576)]


def inputs(size: tuple[int, int], dtype: torch.dtype) -> tuple[torch.Tensor, ...]:
    torch.manual_seed(2)
    values, gradient, above = (3 * torch.randn(size, dtype=dtype) for _ in range(3))
    return values, 1 + torch.randn(size[1], dtype=dtype), gradient, above


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
def test_values_and_gradient_are_those_of_the_formula(
    size: tuple[int, int], dtype: torch.dtype, tolerance: float
) -> None:
    values, weight, gradient, above = inputs(size, dtype)
    result, inverse = rms_norm(values, weight, 1e-2)
    exact = values.double().requires_grad_()
    expected = weight.double() * exact / torch.sqrt(exact.square().mean(-1, keepdim=True) + 1e-2)
    torch.testing.assert_close(result.double(), expected, rtol=tolerance, atol=tolerance)
    (of_values,) = torch.autograd.grad(expected, exact, gradient.double())
    ours = rms_norm_backward(gradient, values, weight, inverse, above)
    torch.testing.assert_close(ours.double(), of_values + above.double(), rtol=tolerance, atol=10 * tolerance)
    assert float(of_values.abs().max()) > 0.1


def test_32_bit_floats_are_compiled_and_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(causal_norm, "run", lambda *_: pytest.fail("compiled"))
    for dtype in (torch.float64, torch.bfloat16):
        values, weight, *_ = inputs((3, 8), dtype)
        rms_norm(values, weight, 1e-5)
    values, weight, *_ = inputs((3, 8), torch.float32)
    rms_norm(values.t().contiguous().t(), weight, 1e-5)
    with pytest.raises(pytest.fail.Exception, match="compiled"):
        rms_norm(values, weight, 1e-5)


def test_what_is_no_number_is_not_hidden() -> None:
    values, weight, *_ = inputs((3, 8), torch.float32)
    values[1, 2] = torch.nan
    result, _ = rms_norm(values, weight, 1e-5)
    assert torch.isfinite(result).all(1).tolist() == [True, False, True]
