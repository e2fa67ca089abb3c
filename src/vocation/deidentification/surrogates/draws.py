"""Choices that look random and depend on a key alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from vocation.deidentification.keys import Key

_Choice = TypeVar("_Choice")


class Draw:
    """A row of choices from one seed, always the same.

    Args:
        seed: 32 bytes.
    """

    def __init__(self, seed: bytes) -> None:
        # 1024 bits are enough for a hundred choices with a bias below 2 to the power of -64 in each.
        self._rest = int.from_bytes(hashlib.shake_256(seed).digest(128), "big")

    def below(self, bound: int) -> int:
        """A number from 0 up to and without `bound`."""
        self._rest, chosen = divmod(self._rest, bound)
        return chosen

    def among(self, choices: Sequence[_Choice]) -> _Choice:
        """One of the choices."""
        return choices[self.below(len(choices))]

    def digits(self, count: int) -> str:
        """`count` digits."""
        return f"{self.below(10**count):0{count}}" if count > 0 else ""


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws for the values of one scope.

    Args:
        key: what they depend on.
        scope: equal values of one scope are drawn alike.
        group: whose dates shift together.
        date_shift: the largest shift in days.
    """

    key: Key
    scope: str
    group: str
    date_shift: int

    def of(self, role: str, value: str) -> Draw:
        """The draw for a value in a role, such as ("surname", "smith")."""
        return Draw(self.key.digest("surrogate", self.scope, role, value))

    def shift(self) -> int:
        """The days by which the group's dates shift; never 0."""
        days = Draw(self.key.digest("date shift", self.group)).below(2 * self.date_shift)
        return days - self.date_shift if days < self.date_shift else days - self.date_shift + 1
