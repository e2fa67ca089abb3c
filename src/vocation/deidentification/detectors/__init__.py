"""Detectors, one module a kind of identifier.

A score says on what a finding rests; the scanner prefers the higher one where findings overlap:

    VALIDATED  1.00  a check digit that a random number passes in fewer than 3 of 100 cases, or a form like no other
    LABELLED   0.97  right behind a word that names just this kind of number: 保单号：…
    CHECKED    0.95  a weaker check (Luhn: 1 random number in 10) together with a known prefix and length
    NAMED      0.85  its pattern, and a word beside it that says what it is
    PATTERN    0.60  its pattern alone, where little else looks like it
    POSSIBLE   0.30  its pattern alone, where much else looks like it; below the scanner's usual minimum
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from vocation.component import Component
from vocation.deidentification import Finding
from vocation.deidentification.shapes import Shape

VALIDATED: Final = 1.0
LABELLED: Final = 0.97
CHECKED: Final = 0.95
NAMED: Final = 0.85
PATTERN: Final = 0.6
POSSIBLE: Final = 0.3

FOUR_DIGITS: Final = Shape("0000")
"""For `needs`: four digits side by side."""
LONG_NUMBER: Final = Shape("0(?:[ .()/-]{0,3}0){6}")
"""For `needs`: seven digits, which a few separators may stand between."""


class Detector(Component, family=True):
    """Finds one kind of identifier; pure, deterministic and picklable.

    A module that defines one is a kind of detector. Chinese is written without spaces, so that patterns stand on
    explicit bounds such as `(?<![0-9A-Za-z])` and never on a word boundary: 号 is a word character to `re`.
    """

    categories: ClassVar[tuple[str, ...]] = ()
    """What it finds. Settings may decide it: ask an instance with `found_categories`."""

    needs: ClassVar[str | tuple[str, ...]] = ""
    """Regular expression that matches somewhere in every text in which there may be something to find, and is cheap to
    search for; empty for any text. It only saves time, is shared by detectors that give the same one, and is searched
    for in many texts put together: it uses no anchor. A `Shape` or a `Word` is found fastest. Of several, one will
    do. Settings may decide it: see `needed`."""

    needs_too: ClassVar[str | tuple[str, ...]] = ""
    """The same, looked for in those texts alone that have what it `needs`."""

    languages: ClassVar[tuple[str, ...]] = ()
    """Languages (ISO 639-1) in whose texts the identifier is at home; empty where it is at home in all."""

    on_request: ClassVar[bool] = False
    """Whether it is left out unless a recipe asks for it by name."""

    def find(self, text: str) -> Iterator[Finding]:
        """What it finds in one text, in any order; findings may overlap.

        Args:
            text: as `vocation.deidentification.widths.fold` gives it: digits, Latin letters, dashes and spaces have
                their ordinary width, and every offset is as in the text before.
        """
        raise NotImplementedError

    def found_categories(self) -> tuple[str, ...]:
        """The categories that this detector, with its settings, can find."""
        return self.categories

    def needed(self) -> tuple[tuple[str, ...], ...]:
        """What this detector, with its settings, needs and `needs_too`; nothing for any text."""
        return _stages(self.needs, self.needs_too)

    def finding(self, start: int, end: int, score: float) -> Finding:
        """A finding of this detector in its first category."""
        return Finding(start, end, self.found_categories()[0], score, self.kind)


def _stages(*needs: str | tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    each = ((one,) if isinstance(one, str) else one for one in needs)
    return tuple(filter(None, (tuple(filter(None, one)) for one in each)))
