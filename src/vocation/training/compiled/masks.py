"""Dropout on a processor: a counter-based generator and the multiplication in one pass over memory, compiled.

Torch draws the mask of a dropout one number after another (about 7 ns an element); here element i of a mask is a hash
of i and a key (0.6 ns), so that the mask need not be kept for the backward pass either: it is drawn again.

The hash is two rounds of the 32-bit finaliser `lowbias32` (C. Wellons, 2018, "Prospecting for hash functions"), keyed
before each round. An element is dropped where its hash, a number below 2³², is below probability × 2³².
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

_FIRST, _SECOND = np.uint32(0x7FEB352D), np.uint32(0x846CA68B)
_HALF, _FIFTEEN = np.uint32(16), np.uint32(15)


@njit(inline="always")
def _mix(value: Any) -> Any:
    value = np.uint32(value ^ (value >> _HALF))
    value = np.uint32(value * _FIRST)
    value = np.uint32(value ^ (value >> _FIFTEEN))
    value = np.uint32(value * _SECOND)
    return np.uint32(value ^ (value >> _HALF))


@njit("void(float32[::1], float32[::1], uint32, uint32, uint32, float32)", nogil=True, cache=True)
def drop(values: Any, result: Any, first_key: Any, second_key: Any, threshold: Any, scale: Any) -> None:
    """`result` = `values` × `scale`, and 0 where the mask drops.

    Args:
        values: [N], fewer than 2³².
        result: [N], another array; `drop_in_place` serves where it would be the same.
        first_key: of the mask.
        second_key: of the mask.
        threshold: an element is dropped where its hash is below.
        scale: of what stays.
    """
    for index in range(values.size):
        counter = np.uint32(np.uint32(index) + first_key)
        hashed = _mix(np.uint32(_mix(counter) ^ second_key))
        result[index] = values[index] * scale if hashed >= threshold else np.float32(0.0)


@njit("void(float32[::1], uint32, uint32, uint32, float32)", nogil=True, cache=True)
def drop_in_place(values: Any, first_key: Any, second_key: Any, threshold: Any, scale: Any) -> None:
    """`drop` of an array into itself; a compiler that sees one array need not fear that two overlap."""
    for index in range(values.size):
        counter = np.uint32(np.uint32(index) + first_key)
        hashed = _mix(np.uint32(_mix(counter) ^ second_key))
        values[index] = values[index] * scale if hashed >= threshold else np.float32(0.0)


def plain_mask(size: int, first_key: int, second_key: int, threshold: int) -> NDArray[np.bool_]:
    """Which elements stay, computed plainly; the twin of `drop` that tests compare it to."""
    kept = np.empty(size, dtype=np.bool_)
    for index in range(size):
        value = (index + first_key) % 2**32
        for key in (second_key, 0):
            value ^= value >> 16
            value = value * int(_FIRST) % 2**32
            value ^= value >> 15
            value = value * int(_SECOND) % 2**32
            value ^= value >> 16
            value ^= key
        kept[index] = value >= threshold
    return kept
