"""Phrases of n words, and how much of a text lies in those that repeat."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, count
from typing import Self

PLAIN_WORDS = 2000
"""Texts of up to so many words are counted plainly. It takes a little longer; but a process that meets no longer one
has no need of numba, which takes some 50 MB, and a second to load."""
PLAIN_CHARACTERS = 2_000_000
"""The same where characters count as words: so many of them in all, since there it takes several times as long."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of one text of T units: words, or characters of which a fixed number count as a word.

    Args:
        units: [T] the words, or a string of the characters.
        scale: how many units count as one word.
    """

    units: Sequence[str]
    scale: int = 1

    @classmethod
    def of_words(cls, content: str) -> Self:
        """Phrases of words between white space, whatever their case."""
        return cls(content.lower().split())

    @classmethod
    def of_characters(cls, content: str, scale: int) -> Self:
        """Phrases of characters, white space left out; `scale` of them count as a word."""
        return cls("".join(content.split()), scale)

    def __len__(self) -> int:
        """T, the number of words or characters."""
        return len(self.units)

    @property
    def word_count(self) -> int:
        """How many words the text has, whole ones."""
        return len(self) // self.scale

    def shares(self, top: Sequence[int], repeated: Sequence[int]) -> Iterator[float]:
        """For each size, a share of the text's characters; worked out when it is asked for.

        Args:
            top: sizes in words, rising: the share in the most frequent phrase of as many words, of those equally
                frequent in the longest; 0 where no phrase stands twice. A phrase's occurrences may overlap, so that 1
                is the limit.
            repeated: sizes in words, rising, none below those of `top`: the share in phrases that stood in the text
                before, each character once.
        """
        counted = self._plain(top, repeated) if self._is_few() else self._compiled(top, repeated)
        total = max(1, next(counted))
        for number, characters in enumerate(counted):
            yield min(1.0, characters / total) if number < len(top) else characters / total

    def _is_few(self) -> bool:
        """Whether it is not worth to load compiled code."""
        if not isinstance(self.units, str):
            return len(self) <= PLAIN_WORDS
        _counted.characters += len(self)
        return _counted.characters <= PLAIN_CHARACTERS

    def _plain(self, top: Sequence[int], repeated: Sequence[int]) -> Iterator[int]:
        """All characters, and those of each size.

        Where a longer phrase repeats, its first words do, so that each size looks only at the places that the one
        before has found.
        """
        ends = range(len(self) + 1) if isinstance(self.units, str) else [0, *accumulate(map(len, self.units))]
        yield ends[-1]
        places: Sequence[int] = range(len(self))
        for number, size in enumerate((*top, *repeated)):
            length, known = size * self.scale, dict[Sequence[str], int]()
            firsts = list(map(known.setdefault, self._phrases(places, length), places))
            # Where a phrase stands that stood before, each with the first place of its phrase.
            again = [(place, first) for place, first in zip(places, firsts, strict=False) if place != first]
            if not again:
                places = ()
                yield 0
                continue
            yield _most(again, length, ends) if number < len(top) else _covered(again, length, ends)
            places = sorted({place for pair in again for place in pair})

    def _phrases(self, places: Sequence[int], length: int) -> Iterable[Sequence[str]]:
        """The phrases of so many units at some places, which rise, but those that the text ends before."""
        units = self.units
        if isinstance(units, str):
            return [units[place : place + length] for place in places if place + length <= len(units)]
        if len(places) == len(units):
            return zip(*[units[first:] for first in range(length)], strict=False)
        return [tuple(units[place : place + length]) for place in places if place + length <= len(units)]

    def _compiled(self, top: Sequence[int], repeated: Sequence[int]) -> Iterator[int]:
        """As `_plain`."""
        import numpy as np

        from vocation.language.compiled_phrases import repeated_characters, top_characters

        if isinstance(self.units, str):
            encoded = self.units.encode("utf-32-le", errors="surrogatepass")
            units = np.frombuffer(encoded, dtype=np.uint32).astype(np.uint64)
            lengths = np.ones(len(units), dtype=np.int64)
        else:
            numbers = defaultdict[str, int](count().__next__)  # A word that is new gets the next number.
            units = np.fromiter(map(numbers.__getitem__, self.units), dtype=np.uint64, count=len(self))
            lengths = np.fromiter(map(len, self.units), dtype=np.int64, count=len(self))
        yield int(lengths.sum())
        yield from top_characters(units, lengths, self.scale, np.array(top, dtype=np.int64)).tolist()
        yield from repeated_characters(units, lengths, self.scale, np.array(repeated, dtype=np.int64)).tolist()


@dataclass(slots=True)
class _Counted:
    """How many characters this process has counted."""

    characters: int = 0


_counted = _Counted()


def _most(again: Sequence[tuple[int, int]], length: int, ends: Sequence[int]) -> int:
    """The characters in the most frequent phrase, the longest of those equally frequent."""
    counts = Counter([first for _, first in again])
    most = max(counts.values())
    return (most + 1) * max([ends[first + length] - ends[first] for first, found in counts.items() if found == most])


def _covered(again: Sequence[tuple[int, int]], length: int, ends: Sequence[int]) -> int:
    """The characters in phrases that stood before, each once."""
    covered = end = 0
    for place, _ in again:
        covered += ends[place + length] - ends[max(place, end)]
        end = place + length
    return covered
