"""Rotary position embedding (Su et al., 2021), in place, in one pass over memory.

The halves a and b of each head turn by the angle of its token: a cos − b sin, and b cos + a sin. The gradient turns
back by the same angle.
Shapes: N tokens, C columns, W width of a head.
"""

from __future__ import annotations

from typing import Any

import torch
from numba import cfunc, njit
from numba.np.numpy_support import carray

from vocation.training.compiled.threads import COUNT, FIRST, PART, SIGNATURE, compiled, floats, number, run, take

_ROWS = 16


def rotate(values: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor, heads: int, *, back: bool = False) -> None:
    """Turns the first heads of each row in place; what stands behind them stays.

    Args:
        values: [N, C], contiguous; its first `heads` × W columns are turned.
        cosine: of the angles, [N, W], its second half like its first.
        sine: likewise.
        heads: how many are turned.
        back: turns the other way.
    """
    width, sign = cosine.shape[1], -1.0 if back else 1.0
    if not compiled(values, cosine, sine):
        turned = values[:, : heads * width].view(len(values), heads, width)
        first, second = turned.chunk(2, -1)
        swapped = torch.cat((-second, first), -1)
        turned.copy_(turned * cosine.unsqueeze(1) + sign * swapped * sine.unsqueeze(1))
        return
    run(_rotate, len(values), _ROWS, values.shape[1], heads, width, sign, values, cosine, sine)


@njit(fastmath={"contract"}, error_model="numpy")
def _rotate_head(first: Any, second: Any, cosine: Any, sine: Any, sign: Any) -> None:
    for column in range(first.size):
        one, other, turn = first[column], second[column], sine[column] * sign
        first[column] = one * cosine[column] - other * turn
        second[column] = other * cosine[column] + one * turn


@cfunc(SIGNATURE, cache=True)
def _rotate(task: Any) -> None:
    own, count = carray(task, (FIRST + 7,)), task[COUNT]
    columns, heads, width, sign = own[FIRST], own[FIRST + 1], own[FIRST + 2], number(own[FIRST + 3])
    values = carray(floats(own[FIRST + 4]), (count, columns))
    cosine = carray(floats(own[FIRST + 5]), (count, width))
    sine = carray(floats(own[FIRST + 6]), (count, width))
    half = width // 2
    start = take(task)
    while start < count:
        for row in range(start, min(start + own[PART], count)):
            for head in range(heads):
                place = head * width
                _rotate_head(
                    values[row, place : place + half],
                    values[row, place + half : place + width],
                    cosine[row, :half],
                    sine[row, :half],
                    sign,
                )
        start = take(task)
