"""Phrases of n words, and how much of a text lies in those that repeat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of one text of T units: words, or characters of which a fixed number count as a word.

    Args:
        units: [T] number of each word or character; equal ones have equal numbers.
        lengths: [T] its characters.
        scale: how many units count as one word.
    """

    units: NDArray[np.uint64]
    lengths: NDArray[np.int64]
    scale: int = 1

    @classmethod
    def of_words(cls, content: str) -> Self:
        """Phrases of words between white space, whatever their case."""
        import numpy as np

        words = content.lower().split()
        numbers = defaultdict[str, int](count().__next__)  # A word that is new gets the next number.
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
        return len(self.lengths)

    @property
    def word_count(self) -> int:
        """How many words the text has, whole ones."""
        return len(self) // self.scale

    def top_shares(self, sizes: Sequence[int]) -> list[float]:
        """For each size, the share of characters in the most frequent phrase of as many words.

        Of phrases equally frequent the longest counts. 0 where no phrase stands twice. A phrase's occurrences may
        overlap, so that 1 is the limit.

        Args:
            sizes: in words, rising.
        """
        import numpy as np

        from vocation.language.compiled_phrases import top_characters

        found = top_characters(self.units, self.lengths, self.scale, np.array(sizes, dtype=np.int64))
        total = max(1, int(self.lengths.sum()))
        return [min(1.0, characters / total) for characters in found.tolist()]

    def repeated_shares(self, sizes: Sequence[int]) -> list[float]:
        """For each size, the share of characters in phrases that stood in the text before, each character once.

        Args:
            sizes: in words, rising.
        """
        import numpy as np

        from vocation.language.compiled_phrases import repeated_characters

        found = repeated_characters(self.units, self.lengths, self.scale, np.array(sizes, dtype=np.int64))
        total = max(1, int(self.lengths.sum()))
        return [characters / total for characters in found.tolist()]
