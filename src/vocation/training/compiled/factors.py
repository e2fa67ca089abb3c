"""What dropout multiplies a row with, for kernels that do more to the row than to drop.

As in `masks`, 16 bits of a keyed hash decide on an element; the halves of a hash serve the two halves of the row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from vocation.training.compiled.dropout import Mask
from vocation.training.compiled.masks import HALF, LOW, ZERO, keyed_hash, plain_mask

KEEP_ALL = Mask(0, 0, 0, 1.0)
"""A mask that drops nothing."""


@njit(error_model="numpy")
def fill_factors(factors: Any, row: Any, mask: Any) -> None:
    """Writes the scale of the mask where it keeps an element, and 0 where it drops it.

    Args:
        factors: [D].
        row: place of the row among all of the mask; times half of D it stays below 2³².
        mask: keys, threshold and scale.
    """
    first_key, second_key, threshold, scale = mask
    half = (factors.size + 1) // 2
    low, high = factors[:half], factors[half:]
    base = np.uint32(row * half)
    for index in range(high.size):
        bits = keyed_hash(base + np.uint32(index), first_key, second_key)
        low[index] = scale if np.uint32(bits & LOW) >= threshold else ZERO
        high[index] = scale if np.uint32(bits >> HALF) >= threshold else ZERO
    for index in range(high.size, half):  # The middle one of an odd number.
        bits = keyed_hash(base + np.uint32(index), first_key, second_key)
        low[index] = scale if np.uint32(bits & LOW) >= threshold else ZERO


def plain_factors(rows: int, width: int, mask: Mask) -> NDArray[np.float32]:
    """The factors of all rows, [rows, width], computed plainly; the twin that tests compare kernels to."""
    half = (width + 1) // 2
    kept = [
        plain_mask(width, (mask.first_key + row * half) % 2**32, mask.second_key, mask.threshold) for row in range(rows)
    ]
    return np.where(np.array(kept).reshape(rows, width), np.float32(mask.scale), np.float32(0))
