"""Counting the character n-grams of a text, and scoring another text by them, compiled by numba.

An n-gram is known by a 64-bit hash of its characters, read from the last one back. Its probability and, for when it
stands before a character, its back-off weight lie in one slot of a table with open addressing, so that both come with
one access to memory.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

BREAK = 0
"""Stands between stretches of text that do not follow each other: no n-gram reaches over it."""

_SEED, _FACTOR, _TURN = np.uint64(0xCBF29CE484222325), np.uint64(0x9E3779B97F4A7C15), np.uint64(29)
_NONE, _ONE = np.uint64(0), np.uint64(1)
_SPACE = np.uint32(0x20)
_FIRST_SIZE = 1 << 16
_WIDTH_BOUNDS = (0x80, 0x800, 0x10000)
_compile = numba.njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")


@_compile
def _is_space(code: Any) -> Any:
    """Whether a code point is white space or cannot be seen, as a line end or a break."""
    if code <= 0x20:
        return True
    if code < 0x80:
        return False
    return code in (0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF) or 0x2000 <= code <= 0x200B


@_compile
def plain(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The code points with one space for each run of white space, and none at the ends."""
    kept = np.empty(len(codes), dtype=np.uint32)
    count, waiting = 0, False
    for code in codes:
        if _is_space(code):
            waiting = count > 0
            continue
        if waiting:
            kept[count] = _SPACE
            count += 1
            waiting = False
        kept[count] = code
        count += 1
    return kept[:count]


@_compile
def _longer(value: Any, code: Any) -> Any:
    """The hash of an n-gram with one more character before it."""
    mixed = (value ^ np.uint64(code)) * _FACTOR
    return mixed ^ (mixed >> _TURN)


@_compile
def _slot(keys: Any, value: Any) -> Any:
    """Where a hash stands in a table of a power of two, or would stand."""
    mask = np.uint64(len(keys) - 1)
    place = (value * _FACTOR >> np.uint64(20)) & mask
    while keys[place] != _NONE and keys[place] != value:
        place = (place + _ONE) & mask
    return np.int64(place)


@_compile
def _grown(keys: Any, facts: Any) -> tuple[Any, Any]:
    """The same entries in tables of twice the size."""
    new_keys = np.zeros(2 * len(keys), dtype=np.uint64)
    new_facts = np.zeros((2 * len(keys), facts.shape[1]), dtype=facts.dtype)
    for old in range(len(keys)):
        if keys[old] != _NONE:
            slot = _slot(new_keys, keys[old])
            new_keys[slot] = keys[old]
            new_facts[slot] = facts[old]
    return new_keys, new_facts


@_compile
def count(codes: NDArray[np.uint32], order: int) -> tuple[Any, Any, Any]:
    """Counts every n-gram of 1 to `order` characters.

    Args:
        codes: [T] the text, with `BREAK` between stretches; T is less than 2³¹.
        order: of the longest n-grams.

    Returns:
        keys [S], the hash in each slot, 0 where none is; facts [S, 5] of each: how often it stands there, how often a
        character follows it, how many distinct ones do, its length, and the place of its last character where it is met
        first; and [2] how many characters there are, and how many distinct ones.
    """
    keys = np.zeros(_FIRST_SIZE, dtype=np.uint64)
    facts = np.zeros((_FIRST_SIZE, 5), dtype=np.int32)
    totals = np.zeros(2, dtype=np.int64)
    # Slots and hashes of the n-grams that end at the character before, by length.
    slots, before = np.zeros(order + 1, dtype=np.int64), np.zeros(order + 1, dtype=np.uint64)
    used, known = 0, 0
    for place in range(len(codes)):
        if codes[place] == BREAK:
            known = 0
            continue
        if 2 * (used + order) > len(keys):
            keys, facts = _grown(keys, facts)
            for length in range(1, known + 1):
                slots[length] = _slot(keys, before[length])
        value, context = _SEED, 0
        for length in range(1, min(known + 1, order) + 1):
            value = _longer(value, codes[place - length + 1])
            slot = _slot(keys, value)
            new = keys[slot] == _NONE
            if new:
                keys[slot] = value
                facts[slot, 3], facts[slot, 4] = length, place
                used += 1
            facts[slot, 0] += 1
            if length == 1:
                totals[0] += 1
                totals[1] += new
            else:
                facts[context, 1] += 1
                facts[context, 2] += new
            # `slots` still holds, at this length, the n-gram that ends one character earlier: the next one's context.
            context, slots[length] = slots[length], slot
            before[length] = value
        known = min(known + 1, order - 1)
    return keys, facts, totals


@_compile
def estimate(codes: Any, keys: Any, facts: Any, totals: Any, base: float) -> tuple[Any, Any]:
    """The table that `score` reads: Witten and Bell's interpolated probabilities of what `count` has counted.

    Args:
        codes: as `count` had them.
        keys: of `count`.
        facts: of `count`.
        totals: of `count`.
        base: probability of any one character before anything is known.

    Returns:
        table [S, 2]: a hash, and the two float32 of its n-gram: the logarithms of the probability of its last character
        behind the others, and of its back-off weight; and the logarithm of the probability of a character that the text
        does not have.
    """
    filled = np.flatnonzero(keys)
    size = 1
    while size < 2 * len(filled):
        size *= 2
    hashes = np.zeros(size, dtype=np.uint64)
    table = np.zeros((size, 2), dtype=np.uint64)
    values = table.view(np.float32)
    unknown = totals[1] / (totals[0] + totals[1]) * base if totals[0] else base
    for slot in filled[np.argsort(facts[filled, 3], kind="mergesort")]:  # Short ones first: longer ones ask for them.
        length, place = facts[slot, 3], facts[slot, 4]
        if length == 1:
            occurrences, types, lower = totals[0], totals[1], base
        else:
            shorter, context = _SEED, _SEED
            for back in range(length - 1):
                shorter = _longer(shorter, codes[place - back])
                context = _longer(context, codes[place - 1 - back])
            occurrences, types = facts[_slot(keys, context), 1], facts[_slot(keys, context), 2]
            lower = np.exp(np.float64(values[_slot(hashes, shorter), 2]))
        home = _slot(hashes, keys[slot])
        hashes[home] = table[home, 0] = keys[slot]
        values[home, 2] = np.log((facts[slot, 0] + types * lower) / (occurrences + types))
        followed = facts[slot, 1]
        values[home, 3] = np.log(facts[slot, 2] / (followed + facts[slot, 2])) if followed else 0.0
    return table, np.log(unknown)


@_compile
def _found(table: Any, value: Any) -> Any:
    """The slot of a hash in a table of `estimate`, -1 where it is not."""
    mask = np.uint64(len(table) - 1)
    place = (value * _FACTOR >> np.uint64(20)) & mask
    while table[place, 0] != value:
        if table[place, 0] == _NONE:
            return np.int64(-1)
        place = (place + _ONE) & mask
    return np.int64(place)


@_compile
def _width(code: Any) -> Any:
    """Bytes of a code point in UTF-8."""
    return 1 + (code >= _WIDTH_BOUNDS[0]) + (code >= _WIDTH_BOUNDS[1]) + (code >= _WIDTH_BOUNDS[2])


@_compile
def score(codes: NDArray[np.uint32], table: Any, unknown: float, order: int) -> tuple[float, int]:
    """How unlikely a text is: minus the logarithm of its probability, and its length in bytes of UTF-8.

    Args:
        codes: [T] the text, as `plain` gives it.
        table: of `estimate`.
        unknown: of `estimate`.
        order: of the longest n-grams.
    """
    values = table.view(np.float32)
    now, before = np.zeros(order + 1, dtype=np.uint64), np.zeros(order + 1, dtype=np.uint64)
    total, size, known, remembered = 0.0, 0, 0, np.int64(-1)
    for place in range(len(codes)):
        size += _width(codes[place])
        length, value = min(known + 1, order), _SEED
        for back in range(length):
            value = _longer(value, codes[place - back])
            now[back + 1] = value
        slot = np.int64(-1)
        while length > 0:
            slot = _found(table, now[length])
            if slot >= 0:
                break
            # The characters before are known at this length, or the n-gram would not have been looked for.
            length -= 1
            if length > 0:
                behind = remembered if length == known and remembered >= 0 else _found(table, before[length])
                total -= values[behind, 3]
        total -= values[slot, 2] if length > 0 else unknown
        remembered = slot if length < order else np.int64(-1)
        known = min(length, order - 1)
        now, before = before, now
    return total, size


@_compile
def score_text(codes: NDArray[np.uint32], table: Any, unknown: float, order: int) -> tuple[float, int]:
    """What `score` says of a text as it is written, see `plain`."""
    return score(plain(codes), table, unknown, order)


@_compile
def score_pieces(codes: NDArray[np.uint32], length: int, table: Any, unknown: float, order: int) -> NDArray[np.float64]:
    """[P] what `score` says of each piece of a text by itself, a byte.

    Args:
        codes: [T] the text.
        length: bytes from which on a piece is full; what is left at the end is passed over.
        table: of `estimate`.
        unknown: of `estimate`.
        order: of the longest n-grams.
    """
    found = np.empty(len(codes), dtype=np.float64)
    pieces, start, size = 0, 0, 0
    for place in range(len(codes)):
        size += _width(codes[place])
        if size >= length:
            total, _ = score(codes[start : place + 1], table, unknown, order)
            found[pieces] = total / size
            pieces, start, size = pieces + 1, place + 1, 0
    return found[:pieces]
