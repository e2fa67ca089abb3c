"""Edits that cleaning steps share: found by comparing two texts, and kept clear of the bounds of labelled spans.

This is a package, as the modules of `vocation.cleaning` are components.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher

from vocation.ranges import Bounds
from vocation.text import Edit, Text

CHINESE = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Chinese characters, as the inside of a character class."""

_MOST_PASSES = 8


def changed_characters(old: str, new: str) -> list[Edit]:
    """The edits that turn a text into one of equal length: one for each character that differs.

    Raises:
        ValueError: the lengths differ.
    """
    pairs = enumerate(zip(old, new, strict=True))
    return [Edit(place, place + 1, after) for place, (before, after) in pairs if before != after]


def differences(old: str, new: str) -> list[Edit]:
    """The edits that turn one text into another, by the longest pieces that both share.

    Quadratic in the worst case: meant for single lines. Ratcliff & Metzener 1988, as `difflib` has it.
    """
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        Edit(start, end, new[new_start:new_end])
        for kind, start, end, new_start, new_end in matcher.get_opcodes()
        if kind != "equal"
    ]


def apart_from_bounds(edits: Iterable[Edit], text: Text) -> Iterator[Edit]:
    """The edits that no bound of a labelled span falls within, so that none of them cuts a span."""
    if not text.spans:
        yield from edits
        return
    bounds = Bounds(text.spans)
    yield from (edit for edit in edits if not bounds.inside(edit.start, edit.end))


def longest_of(words: Iterable[str]) -> str:
    """A pattern that matches the longest of some words that stands at a place."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def until_stable(text: Text, edits: Callable[[str], Iterable[Edit]]) -> Text:
    """A text after edits that are found in its content, and in what they lead to, until there are none.

    Edits that would cut a labelled span are left out.

    Args:
        text: the text.
        edits: finds the edits in a content, ordered by position and not overlapping.
    """
    for _ in range(_MOST_PASSES):
        edited = text.edit(apart_from_bounds(edits(text.content), text))
        if edited is text:
            break
        text = edited
    return text
