"""Rehearsal: examples of earlier training among the new ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vocation.training.batches import Order


def rehearsing(order: Order, start: int, stop: int, share: float) -> Order:
    """An order that adds rehearsed examples to each update of another one.

    Args:
        order: deals out the examples before `start`.
        start: the first rehearsed example.
        stop: behind the last one.
        share: of rehearsed examples among all those of an epoch, at least 0 and below 1. Of N others it has
            ⌊N · share / (1 − share)⌋ beside them, spread evenly over the updates.

    Returns:
        An order of as many updates. Rehearsed examples are drawn without replacement until all have been, then anew.
    """

    def mixed(lengths: NDArray[np.int64], batch_size: int, generator: np.random.Generator) -> list[NDArray[np.int64]]:
        updates = order(lengths[:start], batch_size, generator)
        wanted = np.floor(np.cumsum([len(update) for update in updates]) * (share / (1 - share))).astype(np.int64)
        rounds = -(-int(wanted[-1]) // (stop - start))
        drawn = np.concatenate(
            [np.empty(0, dtype=np.int64), *(generator.permutation(np.arange(start, stop)) for _ in range(rounds))]
        )
        parts = np.split(drawn[: wanted[-1]], wanted[:-1])
        return [np.concatenate([update, part]) for update, part in zip(updates, parts, strict=True)]

    return mixed
