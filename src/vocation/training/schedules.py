"""Learning rates over time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

Shape = Literal["linear", "cosine", "constant"]


def learning_rate_schedule(
    peak: float, total: int, warmup: float = 0.1, shape: Shape = "linear"
) -> Callable[[int], float]:
    """The learning rate of every update.

    It rises linearly from 0 to `peak` over the first `warmup` share of the updates (Devlin et al., 2019, use 0.1), then
    falls to 0 in a straight line or in half a cosine wave (Loshchilov & Hutter, 2017), or stays.

    Args:
        peak: the highest learning rate.
        total: number of updates.
        warmup: share of the updates, between 0 and 1.
        shape: what follows the warm-up.

    Returns:
        A function of the 1-based number of the update.
    """
    rising = round(total * warmup)

    def rate(number: int) -> float:
        if number <= rising:
            return peak * number / rising
        if shape == "constant":
            return peak
        left = (total - number + 1) / (total - rising)  # 1 at the first update after the warm-up, above 0 at the last.
        return peak * (left if shape == "linear" else 0.5 - 0.5 * math.cos(math.pi * left))

    return rate
