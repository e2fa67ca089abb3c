"""Quick looks at many texts at once: which of them have what a detector needs, so that it is asked about no others."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from vocation.deidentification.detectors import Detector
from vocation.deidentification.shapes import Shape, Word, shape_of, small
from vocation.deidentification.widths import fold

_SEPARATOR = "\0"


class Look(NamedTuple):
    """A look at texts, at those alone in which an earlier one found something.

    Args:
        earlier: number of the earlier look; those at all texts have 0.
        things: how many things are looked for, of which one is enough; where there is none, every text will do.
        words: in the small letters of a text.
        other_words: words without ASCII, in a text as it is.
        shapes: parts of a text's shape.
        patterns: regular expressions of a text, or of its shape, which is bytes.
        detectors: what is run where something was found.
    """

    earlier: int
    things: int
    words: tuple[bytes, ...]
    other_words: tuple[str, ...]
    shapes: tuple[bytes, ...]
    patterns: tuple[re.Pattern[Any], ...]
    detectors: tuple[Detector, ...]

    @classmethod
    def at(cls, earlier: int, needed: Sequence[str], detectors: Iterable[Detector]) -> Look:
        """A look for what is needed, as `Detector.needs` says it."""
        words, others, shapes, patterns = list[bytes](), list[str](), list[bytes](), list[re.Pattern[Any]]()
        for one in needed:
            if isinstance(one, Word) and one.isascii():
                words.append(one.encode("ascii"))
            elif isinstance(one, Word):
                others.append(one)
            elif isinstance(one, Shape) and one.is_plain:
                shapes.append(one.encode("ascii"))
            else:
                patterns.append(re.compile(one.encode("ascii") if isinstance(one, Shape) else one))
        kinds = tuple(words), tuple(others), tuple(shapes), tuple(patterns)
        return cls(earlier, len(needed), *kinds, tuple(detectors))


def looks(detectors: Iterable[Detector]) -> Iterator[Look]:
    """What detectors need, each thing once, earlier looks before those that follow them. Numbers begin at 1."""
    members: dict[tuple[tuple[str, ...], ...], list[Detector]] = {}
    for detector in detectors:
        needed = detector.needed()
        for end in range(1, len(needed)):
            members.setdefault(needed[:end], [])
        members.setdefault(needed, []).append(detector)
    number = {needed: place for place, needed in enumerate(sorted(members, key=len), start=1)}
    for needed in number:
        yield Look.at(number.get(needed[:-1], 0) if needed else 0, needed[-1] if needed else (), members[needed])


class Together:
    """Texts put together, each with its place among all, as `widths.fold` gives them.

    The forms in which they are looked at are made when they are first needed.
    """

    def __init__(self, places: Sequence[int], texts: Sequence[str]) -> None:
        self.places, self.texts = places, texts
        self._joined, self._shape, self._small = "", b"", b""
        self._ends: list[int] = []
        self._beyond_ascii: list[tuple[int, str]] | None = None

    @classmethod
    def of(cls, texts: Sequence[str]) -> Together:
        """All texts."""
        return cls(range(len(texts)), [text if text.isascii() else fold(text) for text in texts])

    def having(self, look: Look) -> Together:
        """Those that have one of the things looked for; a text in which it merely begins is one of them."""
        if not look.things or not self.texts:
            return self
        if not self._ends:
            self._joined = _SEPARATOR.join(self.texts)
            self._ends = list(accumulate([len(text) + 1 for text in self.texts]))
        chosen: list[int] = []
        for pattern in look.patterns:
            self._match(pattern, self._joined if isinstance(pattern.pattern, str) else self._form(), chosen)
        for shape in look.shapes:
            self._find(shape, self._form(), chosen)
        if look.words:
            self._small = self._small or small(self._joined)
            for word in look.words:
                self._find(word, self._small, chosen)
        if look.other_words:
            for place, text in self._others():
                if any(map(text.__contains__, look.other_words)):
                    chosen.append(place)
        if look.things > 1:
            chosen = sorted(set(chosen))
        return Together([self.places[place] for place in chosen], [self.texts[place] for place in chosen])

    def _form(self) -> bytes:
        self._shape = self._shape or shape_of(self._joined)
        return self._shape

    def _others(self) -> list[tuple[int, str]]:
        if self._beyond_ascii is None:
            ascii_alone = self._joined.isascii()
            self._beyond_ascii = [] if ascii_alone else [(p, t) for p, t in enumerate(self.texts) if not t.isascii()]
        return self._beyond_ascii

    def _match(self, pattern: re.Pattern[Any], looked_at: Any, chosen: list[int]) -> None:
        """Adds the texts that a pattern matches in, or begins to match in."""
        ends, size, match = self._ends, len(looked_at), pattern.search(looked_at)
        while match:
            place = bisect_right(ends, match.start())
            chosen.append(place)
            match = pattern.search(looked_at, ends[place]) if ends[place] < size else None

    def _find(self, part: bytes, looked_at: bytes, chosen: list[int]) -> None:
        """Adds the texts that a part begins in."""
        ends, position = self._ends, looked_at.find(part)
        while position >= 0:
            place = bisect_right(ends, position)
            chosen.append(place)
            position = looked_at.find(part, ends[place])
