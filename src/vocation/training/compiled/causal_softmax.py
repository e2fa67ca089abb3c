"""Softmax over the keys that a query sees, in place, and its gradient with the probabilities computed anew.

A row of scores belongs to one query. It sees the first keys, which all queries share, and a window of those behind
them; everything else becomes 0.
Shapes: R rows (heads × Q queries, the query fastest), K keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numba import cfunc, njit
from numba.np.numpy_support import carray

from vocation.training.compiled.arithmetic import exponential, inner, largest, total
from vocation.training.compiled.threads import (
    COUNT,
    FIRST,
    PART,
    SIGNATURE,
    compiled,
    floats,
    integers,
    number,
    run,
    take,
)

_ROWS = 32
_ZERO = np.float32(0.0)
_FAST = {"contract"}


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Which keys the queries see.

    Args:
        shared: keys in front that all see.
        starts: first key of each query's window, [Q], as a place among all keys.
        stops: behind the last key of each query's window, [Q].
    """

    shared: int
    starts: torch.Tensor
    stops: torch.Tensor

    def seen(self, keys: int) -> torch.Tensor:
        """[Q, K], true where a query sees a key."""
        places = torch.arange(keys)
        window = (places >= self.starts.unsqueeze(1)) & (places < self.stops.unsqueeze(1))
        return window | (places < self.shared)


def window_softmax(scores: torch.Tensor, windows: Windows, scaling: float) -> torch.Tensor:
    """Turns scores into probabilities in place; gives log Σ exp of each row, [R].

    Args:
        scores: [R, K], contiguous; multiplied by the scaling before the softmax.
        windows: of the Q queries; row r belongs to query r mod Q.
        scaling: of the scores.
    """
    if not compiled(scores):
        hidden = ~windows.seen(scores.shape[1]).repeat(len(scores) // len(windows.starts), 1)
        scores.mul_(scaling).masked_fill_(hidden, -torch.inf)
        total = torch.logsumexp(scores, -1)
        scores.sub_(total.unsqueeze(-1)).exp_()
        return total
    total = scores.new_empty(len(scores))
    sizes = scores.shape[1], len(windows.starts), windows.shared
    run(_forward, len(scores), _ROWS, *sizes, scaling, scores, windows.starts, windows.stops, total)
    return total


def window_softmax_backward(
    scores: torch.Tensor, gradient: torch.Tensor, windows: Windows, scaling: float, total: torch.Tensor
) -> None:
    """Turns scores into probabilities, and their gradient into that of the scores, both in place.

    Args:
        scores: [R, K], as they were given to `window_softmax`.
        gradient: of the probabilities, [R, K].
        windows: likewise.
        scaling: likewise.
        total: what `window_softmax` gave, [R].
    """
    if not compiled(scores, gradient):
        hidden = ~windows.seen(scores.shape[1]).repeat(len(scores) // len(windows.starts), 1)
        scores.mul_(scaling).sub_(total.unsqueeze(-1)).exp_().masked_fill_(hidden, 0.0)
        mean = (scores * gradient).sum(-1, keepdim=True)
        gradient.sub_(mean).mul_(scores).mul_(scaling)
        return
    sizes = scores.shape[1], len(windows.starts), windows.shared
    run(_backward, len(scores), _ROWS, *sizes, scaling, scores, gradient, windows.starts, windows.stops, total)


@njit(fastmath=_FAST, error_model="numpy")
def _exponentials(values: Any, scaling: Any, highest: Any) -> Any:
    for index in range(values.size):
        values[index] = exponential(values[index] * scaling - highest)
    return total(values)


@njit(fastmath=_FAST, error_model="numpy")
def _multiply(values: Any, factor: Any) -> None:
    for index in range(values.size):
        values[index] *= factor


@njit(fastmath=_FAST, error_model="numpy")
def _forward_row(scores: Any, seen: Any, scaling: Any) -> Any:
    shared, start, stop = seen
    common, window = scores[:shared], scores[start:stop]
    highest = largest(window, largest(common, window[0])) * scaling
    whole = _exponentials(common, scaling, highest) + _exponentials(window, scaling, highest)
    _multiply(common, np.float32(1.0) / whole)
    _multiply(window, np.float32(1.0) / whole)
    scores[shared:start] = _ZERO
    scores[stop:] = _ZERO
    return highest + np.float32(np.log(whole))


@cfunc(SIGNATURE, cache=True)
def _forward(task: Any) -> None:
    own, count = carray(task, (FIRST + 8,)), task[COUNT]
    keys, queries, shared, scaling = own[FIRST], own[FIRST + 1], own[FIRST + 2], number(own[FIRST + 3])
    scores = carray(floats(own[FIRST + 4]), (count, keys))
    starts = carray(integers(own[FIRST + 5]), (queries,))
    stops = carray(integers(own[FIRST + 6]), (queries,))
    totals = carray(floats(own[FIRST + 7]), (count,))
    first = take(task)
    while first < count:
        for row in range(first, min(first + own[PART], count)):
            query = row % queries
            totals[row] = _forward_row(scores[row], (shared, starts[query], stops[query]), scaling)
        first = take(task)


@njit(fastmath=_FAST, error_model="numpy")
def _probabilities(scores: Any, gradient: Any, scaling: Any, logarithm: Any) -> Any:
    for index in range(scores.size):
        scores[index] = exponential(scores[index] * scaling - logarithm)
    return inner(scores, gradient)


@njit(fastmath=_FAST, error_model="numpy")
def _of_scores(scores: Any, gradient: Any, scaling: Any, mean: Any) -> None:
    for index in range(scores.size):
        gradient[index] = (gradient[index] - mean) * scores[index] * scaling


@njit(fastmath=_FAST, error_model="numpy")
def _backward_row(scores: Any, gradient: Any, seen: Any, scaling: Any, logarithm: Any) -> None:
    shared, start, stop = seen
    mean = _probabilities(scores[:shared], gradient[:shared], scaling, logarithm)
    mean += _probabilities(scores[start:stop], gradient[start:stop], scaling, logarithm)
    _of_scores(scores[:shared], gradient[:shared], scaling, mean)
    _of_scores(scores[start:stop], gradient[start:stop], scaling, mean)
    scores[shared:start] = _ZERO
    scores[stop:] = _ZERO
    gradient[shared:start] = _ZERO
    gradient[stop:] = _ZERO


@cfunc(SIGNATURE, cache=True)
def _backward(task: Any) -> None:
    own, count = carray(task, (FIRST + 9,)), task[COUNT]
    keys, queries, shared, scaling = own[FIRST], own[FIRST + 1], own[FIRST + 2], number(own[FIRST + 3])
    scores = carray(floats(own[FIRST + 4]), (count, keys))
    gradient = carray(floats(own[FIRST + 5]), (count, keys))
    starts = carray(integers(own[FIRST + 6]), (queries,))
    stops = carray(integers(own[FIRST + 7]), (queries,))
    totals = carray(floats(own[FIRST + 8]), (count,))
    first = take(task)
    while first < count:
        for row in range(first, min(first + own[PART], count)):
            query = row % queries
            _backward_row(scores[row], gradient[row], (shared, starts[query], stops[query]), scaling, totals[row])
        first = take(task)
