"""Pairs of texts that share a band key."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vocation.corpus.workers import spread

NEIGHBOURS = 3
"""With how many of the nearest texts before it in its bucket a text is paired, besides the first one. Joining along
such pairs finds a whole cluster, where pairing all with all would take quadratic time in a cluster of thousands."""


def candidate_pairs(
    keys: NDArray[np.uint32], comparable: NDArray[np.bool_], *, compiled: bool, threads: int = 1
) -> NDArray[np.int64]:
    """The pairs to check.

    Args:
        keys: [b, n] band keys.
        comparable: [n] whether the text has any shingle; others are in no pair.
        compiled: whether by compiled code.
        threads: how many bands are worked on at once, where compiled.

    Returns:
        [P, 2] places of texts, the lower first, each pair once, in order.
    """
    count = max(keys.shape[1], 1)
    in_band = _compiled if compiled else plain_pairs
    found = spread(lambda band: in_band(keys[band], comparable), range(len(keys)), threads if compiled else 1)
    packed = np.sort(np.concatenate([np.empty(0, dtype=np.int64), *found]))
    different = np.ones(len(packed), dtype=np.bool_)
    np.not_equal(packed[1:], packed[:-1], out=different[1:])
    packed = packed[different]
    return np.stack([packed // count, packed % count], axis=1)


def _compiled(keys: NDArray[np.uint32], comparable: NDArray[np.bool_]) -> NDArray[np.int64]:
    from vocation.corpus.near_duplicates.compiled_pairs import pairs_of_equal_keys, repeated_keys

    room = np.empty(len(keys), dtype=np.uint64)
    ordered = room[: repeated_keys(keys, comparable, room)]
    ordered.sort()
    pairs = np.empty((NEIGHBOURS + 1) * len(ordered), dtype=np.int64)
    return pairs[: pairs_of_equal_keys(ordered, len(keys), NEIGHBOURS, pairs)].copy()


def plain_pairs(keys: NDArray[np.uint32], comparable: NDArray[np.bool_]) -> NDArray[np.int64]:
    """[P] the pairs of one band, the lower place · n + the higher: what the compiled code is tested against."""
    buckets: dict[int, list[int]] = {}
    pairs = []
    for place in np.flatnonzero(comparable).tolist():
        bucket = buckets.setdefault(int(keys[place]), [])
        others = dict.fromkeys((*bucket[-NEIGHBOURS:], *bucket[:1]))
        pairs += [other * len(keys) + place for other in others]
        bucket.append(place)
    return np.array(pairs, dtype=np.int64)
