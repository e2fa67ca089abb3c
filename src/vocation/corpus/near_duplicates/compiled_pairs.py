"""What `candidates` and `clustering` do with pairs, compiled by numba; the plain way there gives the same.

Nothing here calls into `compiled`, since numba's cache would not see a change there.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

_ZERO, _ONE, _TWO, _HALF = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_compile = numba.njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")


@_compile
def repeated_keys(keys: NDArray[np.uint32], comparable: NDArray[np.bool_], out: NDArray[np.uint64]) -> int:
    """Picks the keys that may occur more than once, with their places.

    Most occur once. A small table of how often each may occur, which fits a processor's cache, sorts them out.

    Args:
        keys: [n]
        comparable: [n] whether the text is to be in pairs.
        out: [n] filled with keys, each in the upper half, and their places in the lower.

    Returns:
        How many there are.
    """
    size = 1
    while size < 4 * len(keys):
        size *= 2
    mask, count = np.uint32(size - 1), np.uint64(len(keys))
    seen = np.zeros(size, dtype=np.uint8)
    for place in range(count):
        slot = np.uint64(keys[place] & mask)
        seen[slot] |= np.uint8(seen[slot] << 1 | 1)  # A bit for each time, as long as there are bits.
    found = _ZERO
    for place in range(count):
        out[found] = np.uint64(keys[place]) << _HALF | place
        found += np.uint64(comparable[place]) & np.uint64(seen[np.uint64(keys[place] & mask)]) >> _ONE & _ONE
    return int(found)


@_compile
def pairs_of_equal_keys(ordered: NDArray[np.uint64], count: int, neighbours: int, out: NDArray[np.int64]) -> int:
    """Pairs every text with the nearest texts before it that have its key, and with the first that has.

    Args:
        ordered: [m] keys and places as `repeated_keys` gives them, sorted.
        count: number of texts, n.
        neighbours: with how many of the nearest.
        out: [(neighbours + 1) · m] filled with pairs, the lower place · n + the higher.

    Returns:
        How many pairs there are.
    """
    found, first = 0, 0
    for at in range(len(ordered)):
        if ordered[at] >> _HALF != ordered[first] >> _HALF:
            first = at
        place = np.int64(ordered[at] & _LOW)
        for other in range(max(first, at - neighbours), at):
            out[found] = np.int64(ordered[other] & _LOW) * count + place
            found += 1
        if at - first > neighbours:
            out[found] = np.int64(ordered[first] & _LOW) * count + place
            found += 1
    return found


@_compile
def similarities(
    shingles: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    threshold: float,
) -> NDArray[np.float64]:
    """[P] the Jaccard similarity of each pair of texts, by merging their sorted shingles; 0 where one has so many more
    that it is below the threshold.

    Args:
        shingles: of all texts, one text after the other.
        bounds: [n + 1] where each text's shingles begin.
        left: [P] a text of each pair.
        right: [P] the other.
        threshold: what is below may be 0.
    """
    result = np.zeros(len(left), dtype=np.float64)
    for pair in range(len(left)):
        one, one_end = np.uint64(bounds[left[pair]]), np.uint64(bounds[left[pair] + 1])
        two, two_end = np.uint64(bounds[right[pair]]), np.uint64(bounds[right[pair] + 1])
        one_size, two_size = one_end - one, two_end - two
        if min(one_size, two_size) / max(one_size, two_size, _ONE) < threshold:
            continue
        common = _ZERO
        while (one < one_end) & (two < two_end):
            value, other = shingles[one], shingles[two]
            common += np.uint64(value == other)
            one += np.uint64(value <= other)
            two += np.uint64(other <= value)
        result[pair] = common / (one_size + two_size - common)
    return result


@_compile
def join(pairs: NDArray[np.int64], similarity: NDArray[np.float64], count: int) -> Any:
    """The clusters that pairs connect (disjoint sets, each by its first text), and the nearest text of each.

    Args:
        pairs: [P, 2] the lower place first.
        similarity: [P] of each pair, above 0.
        count: number of texts, N.

    Returns:
        cluster, nearest and similarity of `Clusters`, [N] each.
    """
    cluster, nearest, best = np.arange(count), np.full(count, -1), np.zeros(count, dtype=np.float64)
    for pair in range(len(pairs)):
        one, two = _first(cluster, pairs[pair, 0]), _first(cluster, pairs[pair, 1])
        cluster[max(one, two)] = min(one, two)
    for text in range(count):
        cluster[text] = cluster[cluster[text]]  # Texts before this one name the first of their clusters already.
    for side in (1, 0):
        for pair in range(len(pairs)):
            this, other, similar = pairs[pair, side], pairs[pair, 1 - side], similarity[pair]
            if side == 0 and 0 <= nearest[this] < this:
                continue  # It has an earlier one.
            if similar > best[this] or (similar == best[this] and other < nearest[this]):
                nearest[this], best[this] = other, similar
    return cluster, nearest, best


@_compile
def _first(cluster: Any, text: Any) -> Any:
    while cluster[text] != text:
        cluster[text] = cluster[cluster[text]]
        text = cluster[text]
    return text
