"""Counting phrases by their hashes, compiled by numba.

A phrase of w units is known by a 64-bit hash, which that of its first w - 1 units and its last unit give; two
different phrases share one by a chance of 5e-20. Hashes are counted in a table with open addressing.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd (Knuth, TAOCP 6.4).
_TURN, _ONE = np.uint64(29), np.uint64(1)
_compile = numba.njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")


@_compile
def _spread(units: Any, scale: Any) -> Any:
    """[T - scale + 1] the hash of each word: of `scale` units in turn."""
    hashes = (units + _ONE) * _FACTOR
    count = max(0, len(units) - scale + 1)
    for place in range(count):
        word = hashes[place]
        for offset in range(1, scale):
            word = _joined(word, hashes[place + offset])
        hashes[place] = word
    return hashes[:count]


@_compile
def _joined(phrase: Any, following: Any) -> Any:
    """The hash of a phrase and the unit or word behind it."""
    mixed = phrase * _FACTOR
    return (mixed ^ (mixed >> _TURN)) + following


@_compile
def _lengthen(hashes: Any, words: Any, offset: Any) -> Any:
    """The hashes of phrases that are a word longer, in the place of those given; the last ones have none."""
    count = max(0, len(words) - offset)
    for place in range(count):
        hashes[place] = _joined(hashes[place], words[place + offset])
    return hashes[:count]


@_compile
def _slots(count: Any) -> Any:
    """How many slots a table for some hashes has: a power of two, at most half of them filled."""
    size = 16
    while size < 2 * count:
        size *= 2
    return size


@_compile
def _slot(keys: Any, counts: Any, key: Any) -> Any:
    """Where a hash stands in the table, or would stand."""
    mask = len(keys) - 1
    slot = np.int64((key ^ (key >> _TURN)) & np.uint64(mask))
    while counts[slot] > 0 and keys[slot] != key:
        slot = (slot + 1) & mask
    return slot


@_compile
def top_characters(
    units: NDArray[np.uint64], lengths: NDArray[np.int64], scale: int, sizes: NDArray[np.int64]
) -> NDArray[np.int64]:
    """[S] for each size the characters in the most frequent phrase, the longest of those equally frequent.

    Args:
        units: [T] number of each unit.
        lengths: [T] its characters.
        scale: how many units count as one word.
        sizes: [S] in words, rising.

    Returns:
        How often the phrase stands in the text times its characters; 0 where no phrase stands twice.
    """
    words = _spread(units, scale)
    hashes, words_in = words.copy(), 1
    ends = np.zeros(len(lengths) + 1, dtype=np.int64)
    ends[1:] = np.cumsum(lengths)
    size = _slots(len(words))
    keys, counts = np.empty(size, dtype=np.uint64), np.empty(size, dtype=np.int32)
    places = np.empty(len(words), dtype=np.int64)
    result = np.zeros(len(sizes), dtype=np.int64)
    for number in range(len(sizes)):
        while words_in < sizes[number]:
            hashes = _lengthen(hashes, words, words_in * scale)
            words_in += 1
        counts[:] = 0
        most = 0
        for start in range(len(hashes)):
            slot = _slot(keys, counts, hashes[start])
            keys[slot] = hashes[start]
            counts[slot] += 1
            places[start] = slot
            most = max(most, counts[slot])
        if most > 1:
            longest = 0
            for start in range(len(hashes)):
                if counts[places[start]] == most:
                    longest = max(longest, ends[start + words_in * scale] - ends[start])
            result[number] = most * longest
    return result


@_compile
def repeated_characters(
    units: NDArray[np.uint64], lengths: NDArray[np.int64], scale: int, sizes: NDArray[np.int64]
) -> NDArray[np.int64]:
    """[S] for each size the characters in phrases that stood in the text before, each character once.

    Where a longer phrase repeats, its first words do, so that each size looks only at the places that the one before
    has found.

    Args:
        units: [T] number of each unit.
        lengths: [T] its characters.
        scale: how many units count as one word.
        sizes: [S] in words, rising.
    """
    words = _spread(units, scale)
    hashes, words_in = words.copy(), 1
    places, slots = np.arange(len(words)), np.empty(len(words), dtype=np.int64)
    result = np.zeros(len(sizes), dtype=np.int64)
    for number in range(len(sizes)):
        while words_in < sizes[number]:
            hashes = _lengthen(hashes, words, words_in * scale)
            words_in += 1
        size = _slots(len(places))
        keys, counts = np.empty(size, dtype=np.uint64), np.zeros(size, dtype=np.int32)
        covered = 0
        for number_of_place in range(len(places)):
            start = places[number_of_place]
            if start >= len(hashes):
                places = places[:number_of_place]
                break
            slot = _slot(keys, counts, hashes[start])
            keys[slot] = hashes[start]
            counts[slot] += 1
            slots[number_of_place] = slot
            if counts[slot] > 1:
                for unit in range(max(start, covered), start + words_in * scale):
                    result[number] += lengths[unit]
                covered = max(covered, start + words_in * scale)
        kept = 0
        for number_of_place in range(len(places)):
            if counts[slots[number_of_place]] > 1:
                places[kept] = places[number_of_place]
                kept += 1
        places = places[:kept]
    return result
