"""The middle of a feed-forward network: bias and GELU (Hendrycks & Gimpel, 2016) in one pass, with the derivative.

    a = x Φ(x),   a′ = Φ(x) + x φ(x),   x = u + b

Φ is the normal distribution function, exact to 7.5e-8 (Abramowitz & Stegun, 1964, 7.1.26, as torch's own kernels have
it), φ its density. The derivative takes the place of u, so that the backward pass is one multiplication.
Shapes: N tokens, I inner width.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numba import cfunc, njit
from numba.np.numpy_support import carray

from vocation.training.compiled.arithmetic import exponential
from vocation.training.compiled.threads import COUNT, FIRST, PART, SIGNATURE, floats, run, take

_ROWS = 16  # A part.
_ZERO, _HALF, _ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)
_ROOT, _DENSITY = np.float32(0.70710678118654752), np.float32(0.39894228040143268)  # 1 / √2 and 1 / √(2π)
_P = np.float32(0.3275911)
_A1, _A2, _A3 = np.float32(0.254829592), np.float32(-0.284496736), np.float32(1.421413741)
_A4, _A5 = np.float32(-1.453152027), np.float32(1.061405429)
_FAST = {"contract"}


def bias_gelu(values: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """a, [N, I]; `values` becomes a′.

    Args:
        values: u, [N, I].
        bias: b, [I].
    """
    result = torch.empty_like(values)
    run(_forward, len(values), _ROWS, values.shape[1], values, bias, result)
    return result


def bias_gelu_backward(gradient: torch.Tensor, derivative: torch.Tensor) -> torch.Tensor:
    """The gradient of b, [I]; `gradient`, da, becomes that of u.

    Args:
        gradient: da, [N, I].
        derivative: a′, [N, I].
    """
    sums = gradient.new_empty(-(-len(gradient) // _ROWS), gradient.shape[1])
    run(_backward, len(gradient), _ROWS, gradient.shape[1], gradient, derivative, sums)
    return sums.sum(0)


@njit(fastmath=_FAST, error_model="numpy")
def _distribution(value: Any, power: Any) -> Any:
    """Φ(x), given x and exp(−x² / 2)."""
    size = abs(value)
    turn = _ONE / (_ONE + _P * (size * _ROOT))
    series = ((((_A5 * turn + _A4) * turn + _A3) * turn + _A2) * turn + _A1) * turn
    below = _HALF * series * power
    return below if value < _ZERO else _ONE - below


@njit(fastmath=_FAST, error_model="numpy")
def _activate(values: Any, bias: Any, result: Any) -> None:
    for column in range(values.size):
        value = values[column] + bias[column]
        power = exponential(-_HALF * value * value)
        share = _distribution(value, power)
        result[column] = value * share
        values[column] = share + value * _DENSITY * power


@cfunc(SIGNATURE, cache=True)
def _forward(task: Any) -> None:
    own, count = carray(task, (FIRST + 4,)), task[COUNT]
    width = own[FIRST]
    values = carray(floats(own[FIRST + 1]), (count, width))
    bias = carray(floats(own[FIRST + 2]), (width,))
    result = carray(floats(own[FIRST + 3]), (count, width))
    start = take(task)
    while start < count:
        for row in range(start, min(start + own[PART], count)):
            _activate(values[row], bias, result[row])
        start = take(task)


@njit(fastmath=_FAST, error_model="numpy")
def _multiply(gradient: Any, derivative: Any) -> None:
    for column in range(gradient.size):
        gradient[column] *= derivative[column]


@njit(fastmath=_FAST, error_model="numpy")
def _add(total: Any, values: Any) -> None:
    for column in range(values.size):
        total[column] += values[column]


@cfunc(SIGNATURE, cache=True)
def _backward(task: Any) -> None:
    own, count = carray(task, (FIRST + 4,)), task[COUNT]
    width = own[FIRST]
    gradient = carray(floats(own[FIRST + 1]), (count, width))
    derivative = carray(floats(own[FIRST + 2]), (count, width))
    sums = carray(floats(own[FIRST + 3]), ((count + own[PART] - 1) // own[PART], width))
    start = take(task)
    while start < count:
        total = sums[start // own[PART]]
        total[:] = _ZERO
        for row in range(start, min(start + own[PART], count)):
            _multiply(gradient[row], derivative[row])
            _add(total, gradient[row])
        start = take(task)
