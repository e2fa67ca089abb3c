"""What ends each half of an encoder's layer, in one pass over memory forward and one backward.

    y = r + d(v + b),   z = w ⊙ x̂ + s,   x̂ = (y − mean(y)) / √(var(y) + ε)      d is dropout
    dy = (w ⊙ dz − mean(w ⊙ dz) − x̂ · mean(w ⊙ dz ⊙ x̂)) / √(var(y) + ε)

Gradients of w, s and b are added up over parts of the rows, and then over the parts in their order, so that equal
inputs give equal bits whichever thread takes a part. Shapes: N tokens, D width.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from numba import cfunc, njit
from numba.np.numpy_support import carray

from vocation.training.compiled.arithmetic import inner, total
from vocation.training.compiled.dropout import Mask
from vocation.training.compiled.factors import fill_factors
from vocation.training.compiled.threads import COUNT, FIRST, PART, SIGNATURE, floats, number, run, take

_ROWS = 32  # A part.
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)
_FAST = {"contract"}


class Normalised(NamedTuple):
    """What the backward pass needs.

    Args:
        values: x̂, [N, D].
        inverse: 1 / √(var(y) + ε), [N].
    """

    values: torch.Tensor
    inverse: torch.Tensor


class Gradients(NamedTuple):
    """Of all that goes in.

    Args:
        residual: dy, [N, D].
        values: dv, [N, D].
        weight: dw, [D].
        shift: ds, [D].
        bias: db, [D].
    """

    residual: torch.Tensor
    values: torch.Tensor
    weight: torch.Tensor
    shift: torch.Tensor
    bias: torch.Tensor


def add_norm(
    values: torch.Tensor,
    bias: torch.Tensor,
    residual: torch.Tensor,
    norm: tuple[torch.Tensor, torch.Tensor, float],
    mask: Mask,
) -> tuple[torch.Tensor, Normalised]:
    """z, [N, D], and what the backward pass needs, which takes the memory of `values`.

    Args:
        values: v, [N, D].
        bias: b, [D].
        residual: r, [N, D].
        norm: w [D], s [D] and ε.
        mask: of the dropout, over [N, D].
    """
    weight, shift, epsilon = norm
    result, inverse = torch.empty_like(values), values.new_empty(len(values))
    tensors = values, bias, residual, weight, shift, result, inverse
    run(_forward, len(values), _ROWS, values.shape[1], *mask, epsilon, *tensors)
    return result, Normalised(values, inverse)


def add_norm_backward(gradient: torch.Tensor, kept: Normalised, weight: torch.Tensor, mask: Mask) -> Gradients:
    """The gradients, given dz, [N, D], contiguous.

    Args:
        gradient: dz.
        kept: what `add_norm` gave.
        weight: w.
        mask: as in `add_norm`.
    """
    rows, width = gradient.shape
    residual, values = torch.empty_like(gradient), torch.empty_like(gradient)
    sums = gradient.new_empty(-(-rows // _ROWS), 3, width)
    run(_backward, rows, _ROWS, width, *mask, gradient, *kept, weight, residual, values, sums)
    return Gradients(residual, values, *sums.sum(0).unbind())


@njit(fastmath=_FAST, error_model="numpy")
def _forward_row(values: Any, bias: Any, residual: Any, factors: Any, norm: Any, result: Any) -> Any:
    weight, shift, epsilon = norm
    size = np.float32(values.size)
    for column in range(values.size):
        values[column] = residual[column] + (values[column] + bias[column]) * factors[column]
    mean = total(values) / size
    for column in range(values.size):
        values[column] -= mean
    inverse = _ONE / np.sqrt(inner(values, values) / size + epsilon)
    for column in range(values.size):
        values[column] *= inverse
    for column in range(values.size):
        result[column] = weight[column] * values[column] + shift[column]
    return inverse


@cfunc(SIGNATURE, cache=True)
def _forward(task: Any) -> None:
    own, count = carray(task, (FIRST + 13,)), task[COUNT]
    width = own[FIRST]
    mask = np.uint32(own[FIRST + 1]), np.uint32(own[FIRST + 2]), np.uint32(own[FIRST + 3]), number(own[FIRST + 4])
    values = carray(floats(own[FIRST + 6]), (count, width))
    bias = carray(floats(own[FIRST + 7]), (width,))
    residual = carray(floats(own[FIRST + 8]), (count, width))
    weight = carray(floats(own[FIRST + 9]), (width,))
    shift = carray(floats(own[FIRST + 10]), (width,))
    result = carray(floats(own[FIRST + 11]), (count, width))
    inverse = carray(floats(own[FIRST + 12]), (count,))
    norm, factors = (weight, shift, number(own[FIRST + 5])), np.empty(width, np.float32)
    start = take(task)
    while start < count:
        for row in range(start, min(start + own[PART], count)):
            fill_factors(factors, row, mask)
            inverse[row] = _forward_row(values[row], bias, residual[row], factors, norm, result[row])
        start = take(task)


@njit(fastmath=_FAST, error_model="numpy")
def _backward_row(gradient: Any, normalised: Any, inverse: Any, weight: Any, residual: Any) -> None:
    size = np.float32(gradient.size)
    for column in range(gradient.size):
        residual[column] = gradient[column] * weight[column]
    plain, along = total(residual) / size, inner(residual, normalised) / size
    for column in range(gradient.size):
        residual[column] = (residual[column] - plain - normalised[column] * along) * inverse


@njit(fastmath=_FAST, error_model="numpy")
def _multiply(values: Any, factors: Any, result: Any) -> None:
    for column in range(values.size):
        result[column] = values[column] * factors[column]


@njit(fastmath=_FAST, error_model="numpy")
def _add_product(sums: Any, values: Any, factors: Any) -> None:
    for column in range(values.size):
        sums[column] += values[column] * factors[column]


@njit(fastmath=_FAST, error_model="numpy")
def _add(sums: Any, values: Any) -> None:
    for column in range(values.size):
        sums[column] += values[column]


@cfunc(SIGNATURE, cache=True)
def _backward(task: Any) -> None:
    own, count = carray(task, (FIRST + 12,)), task[COUNT]
    width = own[FIRST]
    mask = np.uint32(own[FIRST + 1]), np.uint32(own[FIRST + 2]), np.uint32(own[FIRST + 3]), number(own[FIRST + 4])
    gradient = carray(floats(own[FIRST + 5]), (count, width))
    normalised = carray(floats(own[FIRST + 6]), (count, width))
    inverse = carray(floats(own[FIRST + 7]), (count,))
    weight = carray(floats(own[FIRST + 8]), (width,))
    residual = carray(floats(own[FIRST + 9]), (count, width))
    values = carray(floats(own[FIRST + 10]), (count, width))
    parts = (count + own[PART] - 1) // own[PART]
    sums = carray(floats(own[FIRST + 11]), (parts, 3, width))
    factors = np.empty(width, np.float32)
    start = take(task)
    while start < count:
        own_sums = sums[start // own[PART]]
        own_sums[:] = _ZERO
        for row in range(start, min(start + own[PART], count)):
            fill_factors(factors, row, mask)
            _backward_row(gradient[row], normalised[row], inverse[row], weight, residual[row])
            _multiply(residual[row], factors, values[row])
            _add_product(own_sums[0], gradient[row], normalised[row])
            _add(own_sums[1], gradient[row])
            _add(own_sums[2], values[row])
        start = take(task)
