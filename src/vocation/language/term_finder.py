"""Finding the terms of a dictionary in a text, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from vocation.errors import MissingExtraError

EXTRA = "terms"


class Mention(NamedTuple):
    """A term in a text: `content[start:end]` is term number `term`."""

    term: int
    start: int
    end: int


class TermFinder:
    """Finds terms by an Aho–Corasick automaton, in time linear in the text whatever the number of terms.

    Of mentions that overlap the leftmost counts, and of those the longest. A term that begins or ends with a letter
    or digit of a script with spaces between words is found as a whole word alone: BP is not in BPH, and is in BP升高.

    Args:
        terms: what is looked for; none is empty.
        ignore_case: whether capitals and small letters are the same.

    Raises:
        MissingExtraError: the package for the automaton is not installed.
    """

    def __init__(self, terms: Sequence[str], *, ignore_case: bool = False) -> None:
        try:
            import ahocorasick_rs
        except ImportError as error:
            raise MissingExtraError("ahocorasick-rs", EXTRA) from error
        self._terms, self._ignore_case = tuple(terms), ignore_case
        folded = [_small(term) for term in self._terms] if ignore_case else list(self._terms)
        self._automaton = ahocorasick_rs.AhoCorasick(folded, store_patterns=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self._terms, self._ignore_case)

    def find(self, content: str) -> list[Mention]:
        """The mentions in a text, in order; they do not overlap."""
        haystack = _small(content) if self._ignore_case else content
        found = self._automaton.find_matches_as_indexes(haystack, overlapping=True)
        mentions: list[Mention] = []
        position = 0
        for term, start, end in sorted(found, key=_leftmost_longest):
            if start >= position and _is_whole(content, start, end):
                mentions.append(Mention(term, start, end))
                position = end
        return mentions


def _rebuilt(terms: tuple[str, ...], ignore_case: bool) -> TermFinder:
    return TermFinder(terms, ignore_case=ignore_case)


def _leftmost_longest(match: tuple[int, int, int]) -> tuple[int, int]:
    return match[1], -match[2]


def _is_whole(content: str, start: int, end: int) -> bool:
    """Whether a mention is not part of a longer word."""
    before = start > 0 and _spaced(content[start]) and _spaced(content[start - 1])
    return not before and not (end < len(content) and _spaced(content[end - 1]) and _spaced(content[end]))


def _spaced(character: str) -> bool:
    """Whether a character is part of words that stand between spaces: a letter or digit, and none of Chinese."""
    return character.isalnum() and not "\u2e80" <= character <= "\uffef"


def _small(content: str) -> str:
    """Small letters, of the same length: a capital whose small letter is two characters (İ) stays."""
    lowered = content.lower()
    if len(lowered) == len(content):
        return lowered
    return "".join(small if len(small := character.lower()) == 1 else character for character in content)
