"""Band keys and shingles of batches of texts: plainly for small corpora, compiled and on all cores for large ones.

Both ways give the same bits. Compiling takes some seconds the first time, longer than a small corpus takes plainly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vocation.corpus.near_duplicates.banding import Banding, Permutations, permutations
from vocation.corpus.near_duplicates.shingling import (
    Shingling,
    character_table,
    mix,
    shingles,
)
from vocation.corpus.workers import available_cores, spread

if TYPE_CHECKING:
    import pyarrow as pa

PLAIN_CHARACTERS = 2_000_000
"""Corpora of fewer characters are faster done plainly."""
_PARTS = 4


@dataclass(frozen=True)
class Signer:
    """Computes signatures.

    Args:
        shingling: what is compared.
        banding: how many hashes.
        compiled: whether by compiled code.
        threads: how many texts are worked on at once, where compiled; all cores that this process may use by default.
    """

    shingling: Shingling
    banding: Banding
    compiled: bool
    threads: int = field(default_factory=available_cores)

    @cached_property
    def _permutations(self) -> Permutations:
        return permutations(self.banding)

    @cached_property
    def _across_bands(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint64]]:
        """Factors, shifts and weights, [r · b'] each, in the order in which compiled code takes them."""
        from vocation.corpus.near_duplicates.compiled import LANES

        bands, hashes = self.banding.bands, self._permutations
        order = np.pad(np.arange(bands * self.banding.rows).reshape(bands, -1).T, ((0, 0), (0, -bands % LANES))).ravel()
        return hashes.factors[order], hashes.shifts[order], hashes.weights[order]

    def keys(self, texts: pa.StringArray) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
        """Band keys of texts: two texts are a candidate pair where the keys of one band are equal.

        Args:
            texts: [n] strings, none null.

        Returns:
            keys: [b, n]
            comparable: [n] whether the text has any shingle.
        """
        keys = np.empty((self.banding.bands, len(texts)), dtype=np.uint32)
        return keys, self.fill_keys(texts, keys)

    def fill_keys(self, texts: pa.StringArray, keys: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """As `keys`, written into an array [b, n] that is there already.

        Returns:
            [n] whether the text has any shingle.
        """
        if not self.compiled:
            return plain_keys(_strings(texts), self.shingling, self._permutations, keys)
        from vocation.corpus.near_duplicates import compiled

        data, bounds = _utf8(texts)
        sizes = np.empty(len(texts), dtype=np.int64)
        definition = (character_table(), self.shingling.words, self.shingling.characters)

        def work(part: slice) -> None:
            compiled.band_keys((data, bounds, part.start, part.stop), definition, self._across_bands, keys, sizes)

        spread(work, self._parts(bounds), self.threads)
        return sizes > 0

    def shingles(self, texts: pa.StringArray) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """The distinct shingles of texts, each text's sorted.

        Args:
            texts: [n] strings, none null.

        Returns:
            shingles: of all texts, one text after the other.
            bounds: [n + 1] where each text's shingles begin.
        """
        if not self.compiled:
            sets = [shingles(text, self.shingling) for text in _strings(texts)]
            ends = np.cumsum([0, *(len(found) for found in sets)], dtype=np.int64)
            return np.concatenate([np.empty(0, dtype=np.uint32), *sets]), ends
        from vocation.corpus.near_duplicates import compiled

        data, bounds = _utf8(texts)
        definition = (character_table(), self.shingling.words, self.shingling.characters)

        def work(part: slice) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
            mine = bounds[part.start : part.stop + 1]
            found, sizes = (
                np.empty(int(mine[-1] - mine[0]) + 1, dtype=np.uint32),
                np.empty(len(mine) - 1, dtype=np.int64),
            )
            end = compiled.distinct_shingles(data, mine, definition, found, sizes)
            return found[:end], sizes

        done = spread(work, self._parts(bounds), self.threads)
        sizes = np.concatenate([np.zeros(1, dtype=np.int64), *(sizes for _, sizes in done)])
        return np.concatenate([np.empty(0, dtype=np.uint32), *(found for found, _ in done)]), np.cumsum(sizes)

    def _parts(self, bounds: NDArray[np.int64]) -> list[slice]:
        """Ranges of texts of about equal bytes, some a thread, so that one that is held up has fewer of them."""
        parts = 1 if self.threads == 1 else _PARTS * self.threads
        cuts = np.searchsorted(bounds, np.linspace(bounds[0], bounds[-1], parts + 1))
        cuts[0], cuts[-1] = 0, len(bounds) - 1
        return [slice(first, end) for first, end in pairwise(cuts.tolist()) if first < end]


def plain_keys(
    texts: list[str], shingling: Shingling, permuting: Permutations, keys: NDArray[np.uint32]
) -> NDArray[np.bool_]:
    """As `Signer.fill_keys`, in plain Python and NumPy: the definition that the compiled code is tested against."""
    comparable = np.empty(len(texts), dtype=np.bool_)
    for place, text in enumerate(texts):
        found = shingles(text, shingling)
        comparable[place] = len(found) > 0
        hashed = permuting.factors[:, None] * found[None, :] + permuting.shifts[:, None]
        least = hashed.min(axis=1, initial=np.uint32(0xFFFFFFFF)).astype(np.uint64)
        sums = (least * permuting.weights).reshape(len(keys), -1).sum(axis=1, dtype=np.uint64)
        keys[:, place] = [mix(number) for number in sums.tolist()]
    return comparable


def _strings(texts: pa.StringArray) -> list[str]:
    return [str(text) for text in texts.to_pylist()]


def _utf8(texts: pa.StringArray) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The bytes of an Arrow string array, not copied, and where each text begins in them."""
    import pyarrow as pa

    wide = texts.cast(pa.large_string())
    _, offsets, data = wide.buffers()
    assert offsets is not None
    bounds = np.frombuffer(memoryview(offsets), dtype=np.int64, count=len(wide) + 1, offset=8 * wide.offset)
    return np.frombuffer(memoryview(data or b""), dtype=np.uint8), bounds
