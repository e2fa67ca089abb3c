"""Tokens of CoNLL files: how a sentence's tokens become its text, and a text becomes tokens that give it back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

CJK = re.compile(
    "[\u2e80-\u30ff\u3130-\u318f\u31a0-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
"""Ideographs, kana, and the punctuation that stands between them: scripts without spaces. Hangul is not among them."""
_CHARACTER_SHARE = 0.9
"""A file is in characters, not words, when at least this share of its tokens is one character long. A file of Chinese
words has about half, one of Chinese characters nearly all (numbers and Latin words are the exceptions)."""
_WORDS = re.compile(rf"{CJK.pattern}|(?:(?!{CJK.pattern})\w)+|[^\w\s]")
_WORDS_AND_BLANKS = re.compile(rf"{_WORDS.pattern}|\s")
_AUTO = re.compile(rf"{CJK.pattern}|(?:(?!{CJK.pattern})[^ ])+")


class TokenCounts:
    """Counts the tokens of a file, to tell whether it is tagged character by character."""

    def __init__(self) -> None:
        self.tokens, self._single, self._cjk = 0, 0, 0

    def add(self, tokens: Sequence[str]) -> None:
        """Counts the tokens of one sentence."""
        self.tokens += len(tokens)
        self._single += sum(len(token) == 1 for token in tokens)
        self._cjk += sum(CJK.match(token) is not None for token in tokens)

    @property
    def by_character(self) -> bool:
        """Whether the tokens so far are characters, not words."""
        return self._cjk > 0 and self._single >= _CHARACTER_SHARE * self.tokens


def join(tokens: Sequence[str], joiner: str, *, by_character: bool) -> tuple[str, list[int]]:
    """The text of a sentence, and the offset at which each token begins in it.

    Args:
        tokens: none of them empty.
        joiner: what is put between tokens; "auto" is a space, but nothing beside Chinese or Japanese characters.
        by_character: whether the file is tagged character by character, where "auto" is nothing at all.
    """
    pieces, offsets, position = list[str](), list[int](), 0
    for previous, token in zip(("", *tokens), tokens, strict=False):
        if not previous:
            between = ""
        elif joiner != "auto":
            between = joiner
        else:
            between = _between(previous, token, by_character=by_character)
        offsets.append(position + len(between))
        pieces += [between, token]
        position += len(between) + len(token)
    return "".join(pieces), offsets


def split(text: str, borders: Iterable[int], joiner: str, *, words: bool = False) -> list[tuple[int, int]]:
    """Bounds of the tokens that `join` most likely makes the same text of; whether it does, the caller has to try.

    Args:
        text: of one sentence.
        borders: offsets at which a token must begin or end.
        joiner: as in `join`.
        words: give words and punctuation instead, as a person would tokenise, whatever `join` makes of them.
    """
    cuts = sorted(set(borders))
    return list(_cut(_pieces(text, joiner, words=words), cuts))


def _pieces(text: str, joiner: str, *, words: bool) -> Iterator[tuple[int, int]]:
    if words or joiner in ("", "auto"):
        pattern = _WORDS if words else _AUTO if joiner else _WORDS_AND_BLANKS
        yield from (match.span() for match in pattern.finditer(text))
        return
    start = 0
    for piece in text.split(joiner):
        if piece:
            yield start, start + len(piece)
        start += len(piece) + len(joiner)


def _cut(pieces: Iterable[tuple[int, int]], cuts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The pieces, each divided at the cuts that lie inside it."""
    place = 0
    for start, end in pieces:
        position = start
        while place < len(cuts) and cuts[place] < end:
            if cuts[place] > position:
                yield position, cuts[place]
                position = cuts[place]
            place += 1
        yield position, end


def _between(left: str, right: str, *, by_character: bool) -> str:
    if CJK.match(left[-1]) or CJK.match(right[0]) or (by_character and (len(left) == 1 or len(right) == 1)):
        return ""
    return " "
