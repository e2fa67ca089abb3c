"""Phrases of n words, and how much of a text lies in those that repeat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FACTOR = 0x9E3779B97F4A7C15  # 2^64 / golden ratio, odd: spreads small numbers over 64 bits (Knuth, TAOCP 6.4).


class Phrases:
    """The phrases of one text of T units: words, or characters of which a fixed number count as a word.

    Args:
        units: [T] number of each word or character; equal ones have equal numbers.
        lengths: [T] its characters.
        scale: how many units count as one word.
    """

    def __init__(self, units: NDArray[np.uint64], lengths: NDArray[np.int64], scale: int = 1) -> None:
        import numpy as np

        self._lengths, self._scale = lengths, scale
        self._total = max(1, int(lengths.sum()))
        spread = (units + np.uint64(1)) * np.uint64(_FACTOR)
        word = spread
        for offset in range(1, min(scale, len(units))):
            word = _joined(word, spread[offset:])
        self._hashes = [word if len(units) >= scale else spread[:0]]

    @classmethod
    def of_words(cls, content: str) -> Self:
        """Phrases of words between white space, whatever their case."""
        import numpy as np

        words = content.lower().split()
        numbers = {word: number for number, word in enumerate(dict.fromkeys(words))}
        units = np.fromiter(map(numbers.__getitem__, words), dtype=np.uint64, count=len(words))
        return cls(units, np.fromiter(map(len, words), dtype=np.int64, count=len(words)))

    @classmethod
    def of_characters(cls, content: str, scale: int) -> Self:
        """Phrases of characters, white space left out; `scale` of them count as a word."""
        import numpy as np

        encoded = "".join(content.split()).encode("utf-32-le", errors="surrogatepass")
        units = np.frombuffer(encoded, dtype=np.uint32).astype(np.uint64)
        return cls(units, np.ones(len(units), dtype=np.int64), scale)

    def __len__(self) -> int:
        """T, the number of words or characters."""
        return len(self._lengths)

    @property
    def word_count(self) -> int:
        """How many words the text has, whole ones."""
        return len(self) // self._scale

    def top_share(self, size: int) -> float:
        """The share of characters in the most frequent phrase of `size` words, the longest of those equally frequent.

        0 where no phrase stands twice. Its occurrences may overlap, so that 1 is the limit.
        """
        import numpy as np

        hashes = self._phrases(size)
        if len(hashes) < 2:
            return 0.0
        ordered = np.sort(hashes)
        bounds = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1], [True]]))
        counts = np.diff(bounds)
        most = int(counts.max())
        if most < 2:
            return 0.0
        frequent = ordered[bounds[:-1][counts == most]]
        starts = np.flatnonzero(np.isin(hashes, frequent))
        ends = np.concatenate([[0], np.cumsum(self._lengths)])
        longest = int((ends[starts + size * self._scale] - ends[starts]).max())
        return min(1.0, most * longest / self._total)

    def repeated_shares(self, sizes: Sequence[int]) -> list[float]:
        """For each size, the share of characters in phrases that stood in the text before, each character once.

        Args:
            sizes: in words, rising. Where a longer phrase repeats, its first words do, so that each size looks only at
                the places that the one before has found.
        """
        import numpy as np

        shares = list[float]()
        places: NDArray[np.int64] | None = None
        for size in sizes:
            hashes = self._phrases(size)
            places = np.arange(len(hashes)) if places is None else places[places < len(hashes)]
            if len(places) < 2:
                shares.append(0.0)
                continue
            order = np.argsort(hashes[places])
            ordered = hashes[places][order]
            bounds = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
            again = np.ones(len(places), dtype=bool)
            again[np.minimum.reduceat(order, bounds)] = False
            shares.append(self._covered(places[again], size * self._scale))
            counts = np.diff(np.append(bounds, len(ordered)))
            places = np.sort(places[order[np.repeat(counts > 1, counts)]])
        return shares

    def _covered(self, starts: NDArray[np.int64], length: int) -> float:
        """The share of characters in the phrases of `length` units that begin at `starts`."""
        import numpy as np

        changes = np.zeros(len(self) + 1, dtype=np.int64)
        changes[starts] += 1
        changes[starts + length] -= 1
        return float(self._lengths[np.cumsum(changes[:-1]) > 0].sum() / self._total)

    def _phrases(self, size: int) -> NDArray[np.uint64]:
        """A hash of every phrase of `size` words, of 64 bits: two different ones share one by a chance of 5e-20."""
        while len(self._hashes) < size:
            words = len(self._hashes)
            self._hashes.append(_joined(self._hashes[-1], self._hashes[0][words * self._scale :]))
        return self._hashes[size - 1]


def _joined(hashes: NDArray[np.uint64], following: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The hash of each phrase and what follows it; as many as there are of the latter."""
    import numpy as np

    joined: NDArray[np.uint64] = hashes[: len(following)] * np.uint64(_FACTOR)
    joined ^= joined >> np.uint64(29)
    joined += following[: len(joined)]
    return joined
