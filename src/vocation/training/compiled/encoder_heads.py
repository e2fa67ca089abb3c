"""Between rows of tokens and the heads of attention: bias, scaling and the change of order in one pass each way.

Shapes: B examples, T tokens, N = B T, H heads, W width of a head, D = H W.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numba import cfunc, njit
from numba.np.numpy_support import carray

from vocation.training.compiled.threads import COUNT, FIRST, PART, SIGNATURE, floats, number, run, take

_ROWS = 32  # A part.
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)
_FAST = {"contract"}


def split_heads(joined: torch.Tensor, bias: torch.Tensor, shape: tuple[int, int, int], scaling: float) -> torch.Tensor:
    """Queries, keys and values, [3, B, H, T, W]; the queries are scaled.

    Args:
        joined: products of all tokens with the three projections, side by side, [N, 3 D].
        bias: of the projections, [3 D].
        shape: B, T and H.
        scaling: of the queries.
    """
    batch, tokens, heads = shape
    width = joined.shape[1] // (3 * heads)
    result = joined.new_empty(3, batch, heads, tokens, width)
    run(_split, len(joined), _ROWS, tokens, heads, width, scaling, joined, bias, result)
    return result


def join_heads(split: torch.Tensor, scaling: float) -> tuple[torch.Tensor, torch.Tensor]:
    """The gradient of the products, [N, 3 D], and that of the biases, [3 D]; what `split_heads` does, backward.

    Args:
        split: gradients of queries, keys and values, [3, B, H, T, W].
        scaling: of the queries.
    """
    _, batch, heads, tokens, width = split.shape
    rows = batch * tokens
    result = split.new_empty(rows, 3 * heads * width)
    sums = split.new_empty(-(-rows // _ROWS), 3 * heads * width)
    run(_join, rows, _ROWS, tokens, heads, width, scaling, split, result, sums)
    return result, sums.sum(0)


@njit(fastmath=_FAST, error_model="numpy")
def _add_bias(values: Any, bias: Any, scaling: Any, result: Any) -> None:
    for index in range(values.size):
        result[index] = (values[index] + bias[index]) * scaling


@cfunc(SIGNATURE, cache=True)
def _split(task: Any) -> None:
    own, count = carray(task, (FIRST + 7,)), task[COUNT]
    tokens, heads, width, scaling = own[FIRST], own[FIRST + 1], own[FIRST + 2], number(own[FIRST + 3])
    joined = carray(floats(own[FIRST + 4]), (count, 3, heads, width))
    bias = carray(floats(own[FIRST + 5]), (3, heads, width))
    result = carray(floats(own[FIRST + 6]), (3, count // tokens, heads, tokens, width))
    start = take(task)
    while start < count:
        for row in range(start, min(start + own[PART], count)):
            example, token = row // tokens, row % tokens
            for which in range(3):
                factor = _ONE if which else scaling
                for head in range(heads):
                    target = result[which, example, head, token]
                    _add_bias(joined[row, which, head], bias[which, head], factor, target)
        start = take(task)


@njit(fastmath=_FAST, error_model="numpy")
def _scale(values: Any, scaling: Any, result: Any) -> None:
    for index in range(values.size):
        result[index] = values[index] * scaling


@njit(fastmath=_FAST, error_model="numpy")
def _add(total: Any, values: Any) -> None:
    for index in range(values.size):
        total[index] += values[index]


@cfunc(SIGNATURE, cache=True)
def _join(task: Any) -> None:
    own, count = carray(task, (FIRST + 7,)), task[COUNT]
    tokens, heads, width, scaling = own[FIRST], own[FIRST + 1], own[FIRST + 2], number(own[FIRST + 3])
    split = carray(floats(own[FIRST + 4]), (3, count // tokens, heads, tokens, width))
    result = carray(floats(own[FIRST + 5]), (count, 3 * heads * width))
    sums = carray(floats(own[FIRST + 6]), ((count + own[PART] - 1) // own[PART], 3 * heads * width))
    start = take(task)
    while start < count:
        total = sums[start // own[PART]]
        total[:] = _ZERO
        for row in range(start, min(start + own[PART], count)):
            example, token = row // tokens, row % tokens
            for which in range(3):
                factor = _ONE if which else scaling
                for head in range(heads):
                    place = (which * heads + head) * width
                    _scale(split[which, example, head, token], factor, result[row, place : place + width])
            _add(total, result[row])
        start = take(task)
