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

_SEED, _TOKEN, _SHINGLE = np.uint64(TOKEN_SEED), np.uint64(TOKEN_FACTOR), np.uint64(SHINGLE_FACTOR)
_MIX, _HALF = np.uint64(MIX_FACTOR), np.uint64(32)
_ONE, _NONE = np.uint64(1), np.uint32(0)
_IDEOGRAPH = np.uint32(IDEOGRAPH)
_FIRST_ASTRAL, _END_ASTRAL = ASTRAL_IDEOGRAPHS
_HIGHEST = np.uint32(0xFFFFFFFF)
_FEW = 64
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
def _tokenise(data: Any, start: int, end: int, table: Any, hashes: Any, single: Any) -> Any:
    """Writes the tokens of one text; returns their number.

    What happens at each letter and at each end of a word is the same few operations without a branch, since words end
    where no processor can foresee it.
    """
    count, place, stop, word = np.uint64(0), np.uint64(start), np.uint64(end), _SEED
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
    return np.int64(count + np.uint64(word != _SEED))


@_compile
def _shingle(hashes: Any, single: Any, count: int, shape: Any, prefix: Any, out: Any) -> Any:
    """Writes the shingles of one text's tokens, with repetitions; returns their number.

    A shingle's polynomial is the difference of two prefixes' (Karp and Rabin, 1987).
    """
    words, characters = shape
    word_power, character_power, polynomial = _ONE, _ONE, np.uint64(0)
    for _ in range(words):
        word_power *= _SHINGLE
    for _ in range(characters):
        character_power *= _SHINGLE
    prefix[0] = polynomial
    for place in range(count):
        polynomial = polynomial * _SHINGLE + hashes[place]
        prefix[place + 1] = polynomial
    made: Any = 0
    for place in range(count):
        end = place + (characters if single[place] else words)
        whole = end <= count
        end = end if whole else count
        mixed = prefix[end] - prefix[place] * (character_power if single[place] else word_power)
        mixed = (mixed ^ (mixed >> _HALF)) * _MIX
        out[made] = np.uint32(mixed >> _HALF)
        made += np.int64(whole | (place == 0))
    return made


@_compile
def _permute(shingles: Any, count: int, factors: Any, shifts: Any, least: Any) -> None:
    """Writes the least value of each permutation over some shingles, four shingles at a time."""
    least[:] = _HIGHEST
    for start in range(0, count, 4):
        one, two = shingles[start], shingles[min(start + 1, count - 1)]
        three, four = shingles[min(start + 2, count - 1)], shingles[min(start + 3, count - 1)]
        for place in range(len(factors)):
            factor, shift = factors[place], shifts[place]
            first = min(np.uint32(factor * one + shift), np.uint32(factor * two + shift))
            second = min(np.uint32(factor * three + shift), np.uint32(factor * four + shift))
            least[place] = min(least[place], first, second)


@_compile
def _mix_bands(least: Any, weights: Any, mixed: Any) -> None:
    """Writes the key of each band."""
    bands = len(mixed)
    mixed[:] = np.uint64(0)
    for first in range(0, len(least), bands):
        for band in range(bands):
            mixed[band] += np.uint64(least[first + band]) * weights[first + band]
    for band in range(bands):
        total = mixed[band]
        mixed[band] = ((total ^ (total >> _HALF)) * _MIX) >> _HALF


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
        permuting: factors, shifts and weights, [r · b] each: of the first hash of every band, then of the second, so
            that the work is the same for neighbours.
        keys: [b, n] filled for these texts.
        sizes: [n] filled with the number of shingles, with repetitions.
    """
    data, bounds, first, end = texts
    table, words, characters = definition
    factors, shifts, weights = permuting
    shape = (words, characters)
    bands = keys.shape[0]
    longest = _longest(bounds[first : end + 1])
    hashes, single = np.empty(longest + 2, dtype=np.uint64), np.empty(longest + 2, dtype=np.bool_)
    prefix, shingles = np.empty(longest + 2, dtype=np.uint64), np.empty(longest + 1, dtype=np.uint32)
    least, mixed = np.empty(len(factors), dtype=np.uint32), np.empty(bands, dtype=np.uint64)
    for text in range(first, end):
        count = _tokenise(data, bounds[text], bounds[text + 1], table, hashes, single)
        made = _shingle(hashes, single, count, shape, prefix, shingles)
        sizes[text] = made
        _permute(shingles, made, factors, shifts, least)
        _mix_bands(least, weights, mixed)
        for band in range(bands):
            keys[band, text] = np.uint32(mixed[band])


@_compile
def _longest(bounds: Any) -> int:
    longest = 0
    for text in range(len(bounds) - 1):
        longest = max(longest, bounds[text + 1] - bounds[text])
    return longest


@_compile
def distinct_shingles(
    data: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    table: NDArray[np.uint32],
    shape: tuple[int, int],
    out: NDArray[np.uint32],
    sizes: NDArray[np.int64],
) -> int:
    """Fills the sorted, distinct shingles of some texts.

    Args:
        data: UTF-8 bytes of the texts, one after the other.
        bounds: [n + 1] where each text begins and the last one ends.
        table: of `character_table`.
        shape: tokens in a shingle that begins with a word, and with a character by itself.
        out: filled, one text after the other; as long as the texts' bytes at least.
        sizes: [n] filled with how many each text has.

    Returns:
        How many there are in all.
    """
    longest = _longest(bounds)
    hashes, single = np.empty(longest + 2, dtype=np.uint64), np.empty(longest + 2, dtype=np.bool_)
    prefix, shingles = np.empty(longest + 2, dtype=np.uint64), np.empty(longest + 1, dtype=np.uint32)
    end = 0
    for text in range(len(bounds) - 1):
        count = _tokenise(data, bounds[text], bounds[text + 1], table, hashes, single)
        made = _shingle(hashes, single, count, shape, prefix, shingles)
        _sort(shingles, made)
        start = end
        for place in range(made):
            if place == 0 or shingles[place] != shingles[place - 1]:
                out[end] = shingles[place]
                end += 1
        sizes[text] = end - start
    return end


@_compile
def similarities(
    shingles: NDArray[np.uint32], bounds: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.float64]:
    """[P] the Jaccard similarity of each pair of texts, by merging their sorted shingles.

    Args:
        shingles: of all texts, one text after the other.
        bounds: [n + 1] where each text's shingles begin.
        left: [P] a text of each pair.
        right: [P] the other.
    """
    result = np.empty(len(left), dtype=np.float64)
    for pair in range(len(left)):
        one, one_end = bounds[left[pair]], bounds[left[pair] + 1]
        two, two_end = bounds[right[pair]], bounds[right[pair] + 1]
        total, common = (one_end - one) + (two_end - two), 0
        while one < one_end and two < two_end:
            difference = np.int64(shingles[one]) - np.int64(shingles[two])
            common += difference == 0
            one += difference <= 0
            two += difference >= 0
        result[pair] = common / (total - common) if total > common else 0.0
    return result


@_compile
def _sort(values: Any, count: int) -> None:
    """Sorts the first values in place; most texts have few enough for insertion to be fastest."""
    if count > _FEW:
        values[:count] = np.sort(values[:count])
        return
    for place in range(1, count):
        value, hole = values[place], place
        while hole > 0 and values[hole - 1] > value:
            values[hole] = values[hole - 1]
            hole -= 1
        values[hole] = value


@_compile
def pairs_in_band(
    keys: NDArray[np.uint32], comparable: NDArray[np.bool_], neighbours: int, out: NDArray[np.int64]
) -> int:
    """Pairs every text with the nearest texts before it that have its key, and with the first that has.

    Most keys occur once; a small table of how often each may occur, which fits a processor's cache, sorts them out.

    Args:
        keys: [n]
        comparable: [n] whether the text is to be in pairs.
        neighbours: with how many of the nearest.
        out: [(neighbours + 1) · n] filled with pairs, the lower place · n + the higher.

    Returns:
        How many pairs there are.
    """
    size = 1
    while size < 4 * len(keys):
        size *= 2
    mask = np.uint32(size - 1)
    seen = np.zeros(size, dtype=np.uint8)
    for place in range(len(keys)):
        slot = keys[place] & mask
        seen[slot] = 1 if seen[slot] == 0 else 2
    repeated = 0
    for place in range(len(keys)):
        repeated += comparable[place] and seen[keys[place] & mask] == 2
    slots = 1
    while slots < 2 * repeated:
        slots *= 2
    last, first = np.full(slots, -1, dtype=np.int32), np.empty(slots, dtype=np.int32)
    before = np.empty(len(keys), dtype=np.int32)
    found = 0
    for place in range(len(keys)):
        if not comparable[place] or seen[keys[place] & mask] < 2:
            continue
        slot = np.int64((np.uint64(keys[place]) * _SHINGLE) >> np.uint64(32)) & (slots - 1)
        while last[slot] >= 0 and keys[last[slot]] != keys[place]:
            slot = (slot + 1) & (slots - 1)
        other = last[slot]
        before[place] = other
        if other < 0:
            first[slot] = place
        for _ in range(neighbours):
            if other < 0:
                break
            out[found] = np.int64(other) * len(keys) + place
            found += 1
            other = before[other]
        if other >= 0:
            out[found] = np.int64(first[slot]) * len(keys) + place
            found += 1
        last[slot] = place
    return found
