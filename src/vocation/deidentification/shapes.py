"""What a text must have to be worth a closer look, in forms that are found fast.

`re` goes to a character many times faster than to a class of characters. So a `Shape` is looked for in a copy of the
text in which every digit is 0 and every Latin letter is a: `0000` finds four digits where `[0-9]{4}` tries every place.
A `Word` is looked for in a copy in small letters, without `re`.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from itertools import takewhile

_LETTERS, _DIGITS = string.ascii_letters.encode("ascii"), string.digits.encode("ascii")
_FORM = bytes.maketrans(_DIGITS + _LETTERS, b"0" * len(_DIGITS) + b"a" * len(_LETTERS))
# What `re.IGNORECASE` takes for i, k and s besides their capitals.
_ALIKE = (("\u0130", "i"), ("\u0131", "i"), ("\u212a", "k"), ("\u017f", "s"))
_PART = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")
_SHARED = 5  # letters that words have to begin with to be looked for as one


class Shape(str):
    r"""A regular expression of a text's form: `0` is any digit, `a` any letter of ASCII, and `\?` any character that
    Latin-1 does not have, or a question mark. It is fast where it begins with one character and not with a class, and
    fastest where it is plain: no expression, but the part of the form that is looked for.
    """

    __slots__ = ()

    @property
    def is_plain(self) -> bool:
        """Whether it says just what is looked for."""
        return not set(self) & set(r".^$*+?{}[]()\|")


class Word(str):
    """A word of ASCII in small letters, or one without any letter of ASCII, none of which has two cases."""

    __slots__ = ()


def shape_of(text: str) -> bytes:
    """The form of a text that a `Shape` is looked for in, a byte a character."""
    return text.encode("latin-1", "replace").translate(_FORM)


def small(text: str) -> bytes:
    """What a `Word` of ASCII is looked for in, a byte a character: where `re.IGNORECASE` finds it, it stands here."""
    if not text.isascii():
        for character, letter in _ALIKE:
            text = text.replace(character, letter)
    return text.encode("latin-1", "replace").lower()


def any_of(words: Iterable[str]) -> tuple[Word, ...]:
    """What a text has that has one of some words in any case: the part of each that is all ASCII, or free of it, and
    longest; what several of them begin with instead, and none in which another one stands.

    Nothing, which stands for any text, where letters of other scripts may be written small in more than one way.
    """
    parts = {max(_PART.findall(word.lower()), key=len) for word in words}
    if any(not part.isascii() and part.lower() != part.upper() for part in parts):
        return ()
    kept: list[Word] = []
    for word in sorted(_beginnings(sorted(parts)), key=lambda word: (len(word), word)):
        if not any(shorter in word for shorter in kept):
            kept.append(Word(word))
    return tuple(kept)


def _beginnings(words: Iterable[str]) -> Iterator[str]:
    """Of words in the order of the alphabet, what some in a row begin with; a word alone is whole."""
    known = ""
    for word in words:
        same = takewhile(lambda pair: pair[0] == pair[1], zip(known, word, strict=False))
        shared = "".join(character for character, _ in same)
        if len(shared) < _SHARED or not shared.isascii():
            yield from filter(None, (known,))
            shared = word
        known = shared
    yield from filter(None, (known,))
