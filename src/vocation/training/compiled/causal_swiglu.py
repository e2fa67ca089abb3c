"""The gate of a feed-forward network (SwiGLU, Shazeer, 2020) in one pass over memory forward, and one backward.

    h = silu(g) ⊙ u,   silu(g) = g σ(g)
    dg = dh ⊙ u ⊙ σ(g) (1 + g (1 − σ(g))),   du = dh ⊙ silu(g)

Shapes: N tokens, I inner width.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numba import cfunc, njit
from numba.np.numpy_support import carray

from vocation.training.compiled.arithmetic import exponential
from vocation.training.compiled.threads import COUNT, FIRST, PART, SIGNATURE, compiled, floats, run, take

_ELEMENTS = 1 << 13  # A part.
_ONE = np.float32(1.0)
_FAST = {"contract"}


def swiglu(gate: torch.Tensor, up: torch.Tensor) -> torch.Tensor:
    """h, [N, I], given g and u, both [N, I] and contiguous."""
    if not compiled(gate, up):
        return torch.nn.functional.silu(gate) * up
    result = torch.empty_like(gate)
    run(_forward, gate.numel(), _ELEMENTS, gate, up, result)
    return result


def swiglu_backward(
    gradient: torch.Tensor, gate: torch.Tensor, up: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The gradients dg and du, and h once more, which is cheaper than to keep it; each [N, I].

    Args:
        gradient: dh, [N, I].
        gate: g, [N, I].
        up: u, [N, I].
    """
    if not compiled(gradient, gate, up):
        opened = torch.sigmoid(gate)
        passed = gate * opened
        return gradient * up * (opened + passed * (1 - opened)), gradient * passed, passed * up
    of_gate, of_up, hidden = torch.empty_like(gate), torch.empty_like(gate), torch.empty_like(gate)
    run(_backward, gate.numel(), _ELEMENTS, gradient, gate, up, of_gate, of_up, hidden)
    return of_gate, of_up, hidden


@njit(fastmath=_FAST, error_model="numpy")
def _forward_part(gate: Any, up: Any, result: Any) -> None:
    for index in range(gate.size):
        value = gate[index]
        result[index] = value / (_ONE + exponential(-value)) * up[index]


@cfunc(SIGNATURE, cache=True)
def _forward(task: Any) -> None:
    own, count = carray(task, (FIRST + 3,)), task[COUNT]
    gate = carray(floats(own[FIRST]), (count,))
    up = carray(floats(own[FIRST + 1]), (count,))
    result = carray(floats(own[FIRST + 2]), (count,))
    start = take(task)
    while start < count:
        stop = min(start + own[PART], count)
        _forward_part(gate[start:stop], up[start:stop], result[start:stop])
        start = take(task)


@njit(fastmath=_FAST, error_model="numpy")
def _backward_part(gradient: Any, gate: Any, up: Any, of_gate: Any, of_up: Any, hidden: Any) -> None:
    for index in range(gate.size):
        value, multiplier, above = gate[index], up[index], gradient[index]
        opened = _ONE / (_ONE + exponential(-value))
        passed = value * opened
        of_gate[index] = above * multiplier * (opened + passed * (_ONE - opened))
        of_up[index] = above * passed
        hidden[index] = passed * multiplier


@cfunc(SIGNATURE, cache=True)
def _backward(task: Any) -> None:
    own, count = carray(task, (FIRST + 6,)), task[COUNT]
    gradient = carray(floats(own[FIRST]), (count,))
    gate = carray(floats(own[FIRST + 1]), (count,))
    up = carray(floats(own[FIRST + 2]), (count,))
    of_gate = carray(floats(own[FIRST + 3]), (count,))
    of_up = carray(floats(own[FIRST + 4]), (count,))
    hidden = carray(floats(own[FIRST + 5]), (count,))
    start = take(task)
    while start < count:
        stop = min(start + own[PART], count)
        _backward_part(
            gradient[start:stop],
            gate[start:stop],
            up[start:stop],
            of_gate[start:stop],
            of_up[start:stop],
            hidden[start:stop],
        )
        start = take(task)
