"""Softmax over the tokens of an example and dropout, in one pass, and their gradient with all of it computed anew.

    p = softmax(s),   q = d(p)      d is dropout
    ds = p ⊙ (f ⊙ dq − Σ q ⊙ dq)    f is what dropout multiplies with

Shapes: B examples, H heads, T queries, S keys; R = B H T rows, those of an example one behind the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numba import cfunc, njit
from numba.np.numpy_support import carray

from vocation.training.compiled.arithmetic import exponential, inner, largest, total
from vocation.training.compiled.dropout import Mask
from vocation.training.compiled.factors import fill_factors
from vocation.training.compiled.threads import COUNT, FIRST, PART, SIGNATURE, floats, integers, number, run, take

_ROWS = 32
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)
_FAST = {"contract"}


def dropped_softmax(scores: torch.Tensor, lengths: torch.Tensor, mask: Mask, first: int) -> torch.Tensor:
    """Turns scores into q in place; gives log Σ exp(s) of each row, [R].

    Args:
        scores: s, [R, S]; what stands behind an example's length becomes 0.
        lengths: tokens of each example, [B], all above 0.
        mask: of the dropout.
        first: place of the first row among all rows of the mask.
    """
    total = scores.new_empty(len(scores))
    sizes = scores.shape[1], len(scores) // len(lengths), first
    run(_forward, len(scores), _ROWS, *sizes, *mask, scores, lengths, total)
    return total


def dropped_softmax_backward(
    scores: torch.Tensor, gradient: torch.Tensor, lengths: torch.Tensor, total: torch.Tensor, mask: Mask, first: int
) -> None:
    """Turns scores into q, and dq into ds, both in place.

    Args:
        scores: s, [R, S], as they were given to `dropped_softmax`.
        gradient: dq, [R, S].
        lengths: likewise.
        total: what `dropped_softmax` gave, [R].
        mask: likewise.
        first: likewise.
    """
    sizes = scores.shape[1], len(scores) // len(lengths), first
    run(_backward, len(scores), _ROWS, *sizes, *mask, scores, gradient, lengths, total)


@njit(fastmath=_FAST, error_model="numpy")
def _exponentials(values: Any, highest: Any) -> None:
    for index in range(values.size):
        values[index] = exponential(values[index] - highest)


@njit(fastmath=_FAST, error_model="numpy")
def _multiply(values: Any, factors: Any, factor: Any) -> None:
    for index in range(values.size):
        values[index] *= factors[index] * factor


@cfunc(SIGNATURE, cache=True)
def _forward(task: Any) -> None:
    own, count = carray(task, (FIRST + 10,)), task[COUNT]
    keys, rows, first = own[FIRST], own[FIRST + 1], own[FIRST + 2]
    mask = np.uint32(own[FIRST + 3]), np.uint32(own[FIRST + 4]), np.uint32(own[FIRST + 5]), number(own[FIRST + 6])
    scores = carray(floats(own[FIRST + 7]), (count, keys))
    lengths = carray(integers(own[FIRST + 8]), (count // rows,))
    totals = carray(floats(own[FIRST + 9]), (count,))
    factors = np.empty(keys, np.float32)
    start = take(task)
    while start < count:
        for row in range(start, min(start + own[PART], count)):
            length = lengths[row // rows]
            seen = scores[row, :length]
            highest = largest(seen, seen[0])
            _exponentials(seen, highest)
            whole = total(seen)
            fill_factors(factors, first + row, mask)
            _multiply(seen, factors, _ONE / whole)
            scores[row, length:] = _ZERO
            totals[row] = highest + np.float32(np.log(whole))
        start = take(task)


@njit(fastmath=_FAST, error_model="numpy")
def _of_probabilities(gradient: Any, factors: Any) -> None:
    for index in range(gradient.size):
        gradient[index] *= factors[index]


@njit(fastmath=_FAST, error_model="numpy")
def _of_scores(scores: Any, gradient: Any, mean: Any) -> None:
    for index in range(scores.size):
        gradient[index] = (gradient[index] - mean) * scores[index]


@cfunc(SIGNATURE, cache=True)
def _backward(task: Any) -> None:
    own, count = carray(task, (FIRST + 11,)), task[COUNT]
    keys, rows, first = own[FIRST], own[FIRST + 1], own[FIRST + 2]
    mask = np.uint32(own[FIRST + 3]), np.uint32(own[FIRST + 4]), np.uint32(own[FIRST + 5]), number(own[FIRST + 6])
    scores = carray(floats(own[FIRST + 7]), (count, keys))
    gradient = carray(floats(own[FIRST + 8]), (count, keys))
    lengths = carray(integers(own[FIRST + 9]), (count // rows,))
    totals = carray(floats(own[FIRST + 10]), (count,))
    factors = np.empty(keys, np.float32)
    start = take(task)
    while start < count:
        for row in range(start, min(start + own[PART], count)):
            length = lengths[row // rows]
            seen, above = scores[row, :length], gradient[row, :length]
            fill_factors(factors, first + row, mask)
            _exponentials(seen, totals[row])
            _of_probabilities(above, factors)
            _of_scores(seen, above, inner(seen, above))
            _multiply(seen, factors, _ONE)
            scores[row, length:] = _ZERO
            gradient[row, length:] = _ZERO
        start = take(task)
