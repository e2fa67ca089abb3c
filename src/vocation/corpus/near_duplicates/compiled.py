"""The same bits as `shingling` and `signatures.plain_keys`, compiled by numba: straight over Arrow's UTF-8 buffers.

Kernels release the interpreter's lock; callers give each thread its own range of texts. No thread pool of numba's is
used, because those do not survive a fork.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from vocation.corpus.near_duplicates.shingling import (
    ASTRAL_IDEOGRAPHS,
    IDEOGRAPH,
    MIX_FACTOR,
    SHINGLE_FACTOR,
    TOKEN_FACTOR,
    TOKEN_SEED,
)

LANES = 8
"""Bands are filled up to a multiple of this many, so that no loop over them has a rest that vectors do not fit."""
_SEED, _TOKEN, _SHINGLE = np.uint64(TOKEN_SEED), np.uint64(TOKEN_FACTOR), np.uint64(SHINGLE_FACTOR)
_MIX, _HALF = np.uint64(MIX_FACTOR), np.uint64(32)
_ZERO, _ONE, _NONE = np.uint64(0), np.uint64(1), np.uint32(0)
_IDEOGRAPH = np.uint32(IDEOGRAPH)
_FIRST_ASTRAL, _END_ASTRAL = ASTRAL_IDEOGRAPHS
_HIGHEST = np.uint32(0xFFFFFFFF)
_LINE, _FEW = np.uint64(16), 96
_TOGETHER, _TOGETHER_BYTES = 16, 1 << 14
"""How many texts are worked on at once, at most: as many as keys go into a line of the processor's cache, and no more
than leave what is made of them in the nearest cache. Each step's function is called once for all of them, because a
call with arrays costs as much as a short text."""
_compile = numba.njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")


@_compile
def _decode(data: Any, place: Any) -> tuple[Any, Any]:
    """The code point of valid UTF-8 at a place, and where the next begins."""
    first: Any = np.int64(data[place])
    if first < 0x80:
        return first, place + 1
    if first < 0xE0:
        return ((first & 0x1F) << 6) | (np.int64(data[place + 1]) & 0x3F), place + 2
    second = (np.int64(data[place + 1]) & 0x3F) << 6
    if first < 0xF0:
        return ((first & 0x0F) << 12) | second | (np.int64(data[place + 2]) & 0x3F), place + 3
    third = (np.int64(data[place + 2]) & 0x3F) << 6
    return ((first & 0x07) << 18) | (second << 6) | third | (np.int64(data[place + 3]) & 0x3F), place + 4


@_compile
def _tokenise(texts: Any, table: Any, hashes: Any, single: Any, ends: Any) -> None:
    """Writes the tokens of some texts, one text after the other, and where those of each end.

    What happens at each letter and at each end of a word is the same few operations without a branch, since words end
    where no processor can foresee it.
    """
    data, bounds, first, last = texts
    count = _ZERO
    for text in range(first, last):
        place, stop, word = np.uint64(bounds[text]), np.uint64(bounds[text + 1]), _SEED
        while place < stop:
            code: Any = np.int64(data[place])
            if code < 0x80:
                place += _ONE
            else:
                code, following = _decode(data, np.int64(place))
                place = np.uint64(following)
            if code < 0x10000:
                entry = table[np.uint64(code)]
            else:
                entry = np.uint32(code) | _IDEOGRAPH if _FIRST_ASTRAL <= code < _END_ASTRAL else _NONE
            hashes[count], single[count] = word, False
            if entry < _IDEOGRAPH:
                count += np.uint64((entry == _NONE) & (word != _SEED))
                longer = (word ^ np.uint64(entry)) * _TOKEN
                word = longer if entry != _NONE else _SEED
            else:
                count += np.uint64(word != _SEED)
                word = _SEED
                hashes[count], single[count] = (_SEED ^ np.uint64(entry)) * _TOKEN, True
                count += _ONE
        hashes[count], single[count] = word, False
        count += np.uint64(word != _SEED)
        ends[text - first] = count


@_compile
def _mixed(polynomial: Any) -> Any:
    return np.uint32(((polynomial ^ (polynomial >> _HALF)) * _MIX) >> _HALF)


@_compile
def _power(exponent: int) -> Any:
    power = _ONE
    for _ in range(exponent):
        power *= _SHINGLE
    return power


@_compile
def _shingle(tokens: Any, shape: Any, prefix: Any, out: Any, ends: Any) -> None:
    """Writes the shingles of some texts, with repetitions, and where those of each end.

    A shingle's polynomial is the difference of two prefixes' (Karp and Rabin, 1987).
    """
    hashes, single, token_ends = tokens
    words, characters = np.uint64(shape[0]), np.uint64(shape[1])
    word_power, character_power = _power(shape[0]), _power(shape[1])
    start, made = _ZERO, _ZERO
    for text in range(len(token_ends)):
        stop, polynomial = token_ends[text], _ZERO
        prefix[start] = polynomial
        for place in range(start, stop):
            polynomial = polynomial * _SHINGLE + hashes[place]
            prefix[place + _ONE] = polynomial
        for place in range(start, stop):
            end = place + (characters if single[place] else words)
            whole = end <= stop
            end = end if whole else stop
            out[made] = _mixed(prefix[end] - prefix[place] * (character_power if single[place] else word_power))
            made += np.uint64(whole | (place == start))
        start = stop
        ends[text] = made


@_compile
def _shingles_of(texts: Any, definition: Any, room: Any) -> None:
    """Writes the shingles of some texts into the last two arrays of the room."""
    table, words, characters = definition
    hashes, single, prefix, token_ends, shingles, ends = room
    count = texts[3] - texts[2]
    _tokenise(texts, table, hashes, single, token_ends)
    _shingle((hashes, single, token_ends[:count]), (words, characters), prefix, shingles, ends)


@_compile
def _room(bounds: Any) -> tuple[Any, ...]:
    """Hashes of tokens, whether each is a character by itself, prefixes, and where the tokens of each text end;
    shingles, and where those of each text end: enough for as many texts as are worked on at once.
    """
    size = _TOGETHER_BYTES
    for text in range(len(bounds) - 1):
        size = max(size, bounds[text + 1] - bounds[text])
    hashes, single, prefix = np.empty(size + 2, np.uint64), np.empty(size + 2, np.bool_), np.empty(size + 2, np.uint64)
    ends, shingle_ends = np.empty(_TOGETHER, np.uint64), np.empty(_TOGETHER, np.uint64)
    return hashes, single, prefix, ends, np.empty(size + 1, np.uint32), shingle_ends


@_compile
def _together(bounds: Any, first: int, end: int) -> Any:
    """How many texts from the first on are worked on at once."""
    count = 1
    while count < min(_TOGETHER, end - first) and bounds[first + count + 1] - bounds[first] <= _TOGETHER_BYTES:
        count += 1
    return count


@_compile
def _permute(shingles: Any, ends: Any, factors: Any, shifts: Any, least: Any) -> None:
    """Writes the least value of each permutation over the shingles of each text, four shingles at a time."""
    first = _ZERO
    for text in range(len(ends)):
        mine, last = least[text], ends[text] - _ONE
        mine[:] = _HIGHEST
        for start in range(first, ends[text], np.uint64(4)):
            one, two = shingles[start], shingles[min(start + _ONE, last)]
            three, four = shingles[min(start + np.uint64(2), last)], shingles[min(start + np.uint64(3), last)]
            for place in range(np.uint64(len(factors))):
                factor, shift = factors[place], shifts[place]
                lower = min(np.uint32(factor * one + shift), np.uint32(factor * two + shift))
                other = min(np.uint32(factor * three + shift), np.uint32(factor * four + shift))
                mine[place] = min(mine[place], lower, other)
        first = ends[text]


@_compile
def _mix_bands(least: Any, weights: Any, products: Any, mixed: Any) -> None:
    """Writes the key of each band of some texts: of the bits of the sum of its hashes, each times its weight."""
    bands, count = np.uint64(mixed.shape[1]), np.uint64(len(weights))
    for text in range(len(least)):
        for place in range(count):
            products[place] = np.uint64(least[text, place]) * weights[place]
        for first in range(bands, count, bands):
            for band in range(bands):
                products[band] += products[first + band]
        for band in range(bands):
            mixed[text, band] = _mixed(products[band])


@_compile
def band_keys(
    texts: tuple[NDArray[np.uint8], NDArray[np.int64], int, int],
    definition: tuple[NDArray[np.uint32], int, int],
    permuting: tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint64]],
    keys: NDArray[np.uint32],
    sizes: NDArray[np.int64],
) -> None:
    """Fills the band keys of some texts.

    Args:
        texts: UTF-8 bytes, one text after the other; [n + 1] where each begins and the last one ends; the first text to
            work on, and the one behind the last.
        definition: the table of `character_table`; tokens in a shingle that begins with a word, and with a character
            by itself.
        permuting: factors, shifts and weights, [r · b'] each, where b' is b filled up to a multiple of `LANES`: of the
            first hash of every band, then of the second, so that the work is the same for neighbours.
        keys: [b, n] filled for these texts.
        sizes: [n] filled with the number of shingles, with repetitions.
    """
    data, bounds, first, end = texts
    factors, shifts, weights = permuting
    bands = keys.shape[0]
    room = _room(bounds[first : end + 1])
    shingles, ends = room[4], room[5]
    least = np.empty((_TOGETHER, len(factors)), dtype=np.uint32)
    products = np.empty(len(factors), dtype=np.uint64)
    mixed = np.empty((_TOGETHER, -(-bands // LANES) * LANES), dtype=np.uint32)
    while first < end:
        count = _together(bounds, first, end)
        _shingles_of((data, bounds, first, first + count), definition, room)
        _permute(shingles, ends[:count], factors, shifts, least)
        _mix_bands(least[:count], weights, products, mixed)
        for band in range(bands):
            for place in range(count):
                keys[band, first + place] = mixed[place, band]
        before = _ZERO
        for place in range(count):
            sizes[first + place] = np.int64(ends[place] - before)
            before = ends[place]
        first += count


@_compile
def distinct_shingles(
    data: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    definition: tuple[NDArray[np.uint32], int, int],
    out: NDArray[np.uint32],
    sizes: NDArray[np.int64],
) -> int:
    """Fills the sorted, distinct shingles of some texts.

    Args:
        data: UTF-8 bytes of the texts, one after the other.
        bounds: [n + 1] where each text begins and the last one ends.
        definition: the table of `character_table`; tokens in a shingle that begins with a word, and with a character
            by itself.
        out: filled, one text after the other; as long as the texts' bytes at least, and one more.
        sizes: [n] filled with how many each text has.

    Returns:
        How many there are in all.
    """
    room = _room(bounds)
    shingles, ends = room[4], room[5]
    first, made, last = 0, _ZERO, len(bounds) - 1
    while first < last:
        count = _together(bounds, first, last)
        _shingles_of((data, bounds, first, first + count), definition, room)
        made = _sort_each(shingles, ends[:count], out, made, sizes[first : first + count])
        first += count
    return int(made)


@_compile
def _sort_each(shingles: Any, ends: Any, out: Any, made: Any, sizes: Any) -> Any:
    """Writes the distinct shingles of some texts in order, behind those made before; returns how many there are now.

    Of few shingles, each goes where it belongs, behind all that are less; places of repetitions stay free.
    """
    values, less = np.empty(_FEW, dtype=np.uint32), np.empty(_FEW, dtype=np.uint32)
    slots, filled = np.empty(_FEW, dtype=np.uint32), np.empty(_FEW, dtype=np.uint8)
    start = _ZERO
    for text in range(len(ends)):
        count, before = ends[text] - start, made
        if count <= np.uint64(_FEW):
            whole_lines = (count + _LINE - _ONE) // _LINE * _LINE
            for place in range(whole_lines):
                less[place], filled[place] = 0, 0
            for place in range(count):
                values[place] = shingles[start + place]
            for other in range(count):
                value = values[other]
                for place in range(whole_lines):
                    less[place] += np.uint32(value < values[place])
            for place in range(count):
                slots[less[place]], filled[less[place]] = values[place], 1
            for place in range(count):
                out[made] = slots[place]
                made += np.uint64(filled[place])
        else:
            ordered = np.sort(shingles[start : ends[text]])
            for place in range(count):
                out[made] = ordered[place]
                made += np.uint64(place + _ONE == count or ordered[place] != ordered[place + _ONE])
        sizes[text] = np.int64(made - before)
        start = ends[text]
    return made
