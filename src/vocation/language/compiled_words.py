"""Finding words of a list in a text, compiled by numba. A word is known by a 64-bit hash (FNV-1a) of its letters."""

from __future__ import annotations

from collections.abc import Iterable

import numba
import numpy as np
from numpy.typing import NDArray

_SEED, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_TURN, _NONE = np.uint64(32), np.uint64(0)
_APOSTROPHE, _CURLY_APOSTROPHE = 0x27, 0x2019
_compile = numba.njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")


def hash_table(words: Iterable[str]) -> NDArray[np.uint64]:
    """The hashes of some words, in a table with open addressing; 0 where no word is."""
    hashes = [_hash(np.array([ord(character) for character in word], dtype=np.uint32)) for word in words]
    size = 1 << (2 * len(hashes)).bit_length()
    table = np.zeros(size, dtype=np.uint64)
    for value in map(np.uint64, hashes):
        slot = int(value >> _TURN) & (size - 1)
        while table[slot]:
            slot = (slot + 1) & (size - 1)
        table[slot] = value
    return table


@_compile
def _hash(codes: NDArray[np.uint32]) -> np.uint64:
    value = _SEED
    for code in codes:
        value = (value ^ np.uint64(code)) * _FACTOR
    return value


@_compile
def find_words(codes: NDArray[np.uint32], letters: NDArray[np.uint32], table: NDArray[np.uint64]) -> NDArray[np.int64]:
    """[W, 2] where each word that stands in the table begins and ends.

    A word is a run of letters; an apostrophe between two letters is one of them.

    Args:
        codes: [T] the text's code points.
        letters: [L] for each code point below L the letter that it counts as; 0 where it is none.
        table: of `hash_table`.
    """
    found = np.empty((len(codes) // 2 + 1, 2), dtype=np.int64)
    count, place, mask = 0, 0, len(table) - 1
    while place < len(codes):
        if codes[place] >= len(letters) or letters[codes[place]] == 0:
            place += 1
            continue
        start, value = place, _SEED
        while place < len(codes):
            code = codes[place]
            letter = letters[code] if code < len(letters) else np.uint32(0)
            if letter == 0:
                following = codes[place + 1] if place + 1 < len(codes) else np.uint32(0)
                apostrophe = code in (_APOSTROPHE, _CURLY_APOSTROPHE)
                if not apostrophe or following >= len(letters) or letters[following] == 0:
                    break
                letter = np.uint32(_APOSTROPHE)
            value = (value ^ np.uint64(letter)) * _FACTOR
            place += 1
        slot = np.int64(value >> _TURN) & mask
        while table[slot] != _NONE and table[slot] != value:
            slot = (slot + 1) & mask
        if table[slot] == value:
            found[count, 0], found[count, 1] = start, place
            count += 1
    return found[:count]
