"""Cleaning steps, one module each: a text goes in; the cleaned text, its pieces, or a reason to drop it comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from vocation.component import Component
from vocation.text import Text


@dataclass(frozen=True, slots=True)
class Drop:
    """Why a step drops a text.

    Args:
        reason: a few words that are the same for every text dropped for this reason; they are counted.
        detail: what was seen in this one text, such as its length.
    """

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The parts that a step divides a text into; each becomes a record of its own.

    Args:
        texts: the parts, in order (see `Text.parts`). What stands between them is left out.
    """

    texts: tuple[Text, ...]


class CleaningStep(Component, family=True):
    """One step of the cleaning chain; pure, deterministic and picklable."""

    at_prediction: ClassVar[bool] = True
    """Whether the step also runs on the texts that the finished model is given. Steps that drop or divide do not."""

    divides: ClassVar[bool] = False
    """Whether the step may answer with `Pieces`. The answer of a whole text does not hold for its pieces, so that such
    a step is for unlabelled text and for tasks whose answers are spans."""

    learns: ClassVar[bool] = False
    """Whether the step must have seen the whole corpus before it can act: `observe` is then called with every text,
    and the step that `learned` gives takes the place of this one. Such steps do not run at prediction."""

    def __call__(self, text: Text) -> Text | Drop | Pieces:
        """The cleaned text, with its spans moved, or its pieces, or the reason why it is dropped."""
        raise NotImplementedError

    def observe(self, text: Text) -> Iterable[int]:
        """What a learning step wants counted: 64-bit keys; each is counted once a text."""
        raise NotImplementedError

    def learned(self, counts: Mapping[int, int], texts: int) -> Callable[[Text], Text | Drop | Pieces]:
        """What a learning step does once it knows in how many texts each key stands; picklable.

        Args:
            counts: by key; keys that stand in one text alone may be left out.
            texts: how many texts were seen.
        """
        raise NotImplementedError


def clean(text: Text, steps: Iterable[CleaningStep]) -> Text:
    """A text after steps that never drop, as a finished model cleans what it is given.

    Raises:
        TypeError: a step dropped or divided the text.
    """
    for step in steps:
        cleaned = step(text)
        if not isinstance(cleaned, Text):
            raise TypeError(f"the step {step.kind} drops or divides texts; its at_prediction must be False")
        text = cleaned
    return text
