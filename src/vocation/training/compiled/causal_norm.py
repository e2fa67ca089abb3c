"""RMS norm (Zhang & Sennrich, 2019) in one pass over memory forward, and one backward.

    y = w ⊙ x / r,   r = √(mean(x²) + ε)
    dx = (w ⊙ dy − x̂ · mean(w ⊙ dy ⊙ x̂)) / r,   x̂ = x / r

Shapes: N tokens, D width.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numba import cfunc, njit
from numba.np.numpy_support import carray

from vocation.training.compiled.arithmetic import inner
from vocation.training.compiled.threads import COUNT, FIRST, PART, SIGNATURE, compiled, floats, number, run, take

_ROWS = 16  # A part: tens of kilobytes, and enough parts for all threads.
_ONE = np.float32(1.0)
_FAST = {"contract"}


def rms_norm(values: torch.Tensor, weight: torch.Tensor, epsilon: float) -> tuple[torch.Tensor, torch.Tensor]:
    """The normalised values [N, D] and 1 / r [N].

    Args:
        values: x, [N, D], contiguous.
        weight: w, [D].
        epsilon: ε.
    """
    if not compiled(values, weight):
        inverse = torch.rsqrt(values.square().mean(-1) + epsilon)
        return weight * (values * inverse.unsqueeze(-1)), inverse
    result, inverse = torch.empty_like(values), values.new_empty(len(values))
    run(_forward, len(values), _ROWS, values.shape[1], epsilon, values, weight, result, inverse)
    return result, inverse


def rms_norm_backward(
    gradient: torch.Tensor, values: torch.Tensor, weight: torch.Tensor, inverse: torch.Tensor, above: torch.Tensor
) -> torch.Tensor:
    """The gradient of x, [N, D], with that of the path around the norm added.

    Args:
        gradient: dy, [N, D].
        values: x, [N, D].
        weight: w, [D].
        inverse: 1 / r, [N].
        above: gradient that reaches x beside the norm, [N, D].
    """
    if not compiled(gradient, values, weight, above):
        normalised = values * inverse.unsqueeze(-1)
        inner = gradient * weight
        mean = (inner * normalised).mean(-1, keepdim=True)
        return above + inverse.unsqueeze(-1) * (inner - normalised * mean)
    result = torch.empty_like(values)
    run(_backward, len(values), _ROWS, values.shape[1], gradient, values, weight, inverse, above, result)
    return result


@njit(fastmath=_FAST, error_model="numpy")
def _forward_row(values: Any, weight: Any, epsilon: Any, result: Any) -> Any:
    inverse = _ONE / np.sqrt(inner(values, values) / np.float32(values.size) + epsilon)
    for column in range(values.size):
        result[column] = weight[column] * (values[column] * inverse)
    return inverse


@cfunc(SIGNATURE, cache=True)
def _forward(task: Any) -> None:
    own, count = carray(task, (FIRST + 6,)), task[COUNT]
    width, epsilon = own[FIRST], number(own[FIRST + 1])
    values = carray(floats(own[FIRST + 2]), (count, width))
    weight = carray(floats(own[FIRST + 3]), (width,))
    result = carray(floats(own[FIRST + 4]), (count, width))
    inverse = carray(floats(own[FIRST + 5]), (count,))
    start = take(task)
    while start < count:
        for row in range(start, min(start + own[PART], count)):
            inverse[row] = _forward_row(values[row], weight, epsilon, result[row])
        start = take(task)


@njit(fastmath=_FAST, error_model="numpy")
def _backward_row(gradient: Any, values: Any, weight: Any, inverse: Any, above: Any, result: Any) -> None:
    for column in range(values.size):
        result[column] = gradient[column] * weight[column]
    factor = inner(result, values) * inverse * inverse / np.float32(values.size)
    for column in range(values.size):
        result[column] = above[column] + (result[column] - values[column] * factor) * inverse


@cfunc(SIGNATURE, cache=True)
def _backward(task: Any) -> None:
    own, count = carray(task, (FIRST + 7,)), task[COUNT]
    width = own[FIRST]
    gradient = carray(floats(own[FIRST + 1]), (count, width))
    values = carray(floats(own[FIRST + 2]), (count, width))
    weight = carray(floats(own[FIRST + 3]), (width,))
    inverse = carray(floats(own[FIRST + 4]), (count,))
    above = carray(floats(own[FIRST + 5]), (count, width))
    result = carray(floats(own[FIRST + 6]), (count, width))
    start = take(task)
    while start < count:
        for row in range(start, min(start + own[PART], count)):
            _backward_row(gradient[row], values[row], weight, inverse[row], above[row], result[row])
        start = take(task)
