"""What is compared of a text: its set of shingles, each a 32-bit hash of a few neighbouring tokens.

A token is a word (letters, digits and marks without a break) or a single ideograph, kana or hangul syllable, so that
one definition serves English, Chinese and both in one text. Width and case do not count, nor does what stands between
tokens. This module is the definition, in plain Python; `compiled` computes the same bits faster.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

MASK = (1 << 64) - 1
TOKEN_SEED = 0xCBF29CE484222325
TOKEN_FACTOR = 0x100000001B3
SHINGLE_FACTOR = 0x9E3779B97F4A7C15
MIX_FACTOR = 0xFF51AFD7ED558CCD

IDEOGRAPH = 1 << 31
"""Bit in the table of characters: the character is a token by itself."""
_WORD_CATEGORIES = ("L", "M", "N")
_SINGLE = (
    (0x2E80, 0x2FE0),  # radicals
    (0x3041, 0x3100),  # kana
    (0x31F0, 0x3200),
    (0x3400, 0x4DC0),  # ideographs
    (0x4E00, 0xA000),
    (0xAC00, 0xD7A4),  # hangul syllables
    (0xF900, 0xFB00),
)
_LETTERS_AS_THEY_ARE = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xAC00, 0xD7A4))
"""Ideographs and hangul syllables: letters without another form, so that nobody has to ask for each."""
_WITHOUT_LETTERS = (0xD800, 0xF900)
"""Surrogates and private use."""
ASTRAL_IDEOGRAPHS = (0x20000, 0x40000)


@dataclass(frozen=True, slots=True)
class Shingling:
    """How many tokens make a shingle.

    Args:
        words: tokens in a shingle that begins with a word.
        characters: tokens in a shingle that begins with a character that is a token by itself.
    """

    words: int = 3
    characters: int = 5


@cache
def character_table() -> NDArray[np.uint32]:
    """[65536] for each code point below 65536: 0 where it separates tokens, else the character that it counts as, with
    the bit `IDEOGRAPH` where it is a token by itself.

    A character counts as its NFKC form in folded case, where that is one character.
    """
    table = np.zeros(0x10000, dtype=np.uint32)
    for first, end in _LETTERS_AS_THEY_ARE:
        table[first:end] = np.arange(first, end)
    known = ((0, 0), *_LETTERS_AS_THEY_ARE, _WITHOUT_LETTERS, (len(table), len(table)))
    for code in chain.from_iterable(range(end, first) for (_, end), (first, _) in pairwise(known)):
        character = chr(code)
        folded = unicodedata.normalize("NFKC", character).casefold()
        if len(folded) == 1 and ord(folded) < len(table):
            character = folded
        if unicodedata.category(character)[0] in _WORD_CATEGORIES:
            table[code] = ord(character)
    for first, end in _SINGLE:
        table[first:end] |= np.where(table[first:end] > 0, np.uint32(IDEOGRAPH), np.uint32(0))
    return table


def tokens(text: str) -> list[tuple[int, bool]]:
    """The tokens of a text in order: 64-bit hash (FNV-1a over code points), and whether it is a character by itself."""
    table = character_table()
    found: list[tuple[int, bool]] = []
    word = TOKEN_SEED
    for character in text:
        code = ord(character)
        if code < len(table):
            entry = int(table[code])
        else:
            entry = code | IDEOGRAPH if ASTRAL_IDEOGRAPHS[0] <= code < ASTRAL_IDEOGRAPHS[1] else 0
        if entry and not entry & IDEOGRAPH:
            word = ((word ^ entry) * TOKEN_FACTOR) & MASK
            continue
        if word != TOKEN_SEED:
            found.append((word, False))
            word = TOKEN_SEED
        if entry:
            found.append((((TOKEN_SEED ^ entry) * TOKEN_FACTOR) & MASK, True))
    if word != TOKEN_SEED:
        found.append((word, False))
    return found


def shingles(text: str, shingling: Shingling) -> NDArray[np.uint32]:
    """[S] the distinct shingles of a text, sorted; a text with fewer tokens than a shingle has is one shingle whole.

    A text without tokens has none.
    """
    found = tokens(text)
    hashes: set[int] = set()
    for place, (_, single) in enumerate(found):
        size = shingling.characters if single else shingling.words
        if place and place + size > len(found):
            continue
        polynomial = 0
        for token, _ in found[place : place + size]:
            polynomial = (polynomial * SHINGLE_FACTOR + token) & MASK
        hashes.add(mix(polynomial))
    return np.array(sorted(hashes), dtype=np.uint32)


def mix(number: int) -> int:
    """32 bits of a 64-bit number that all of its bits have a part in (the first half of MurmurHash3's finaliser)."""
    return (((number ^ (number >> 32)) * MIX_FACTOR) & MASK) >> 32
