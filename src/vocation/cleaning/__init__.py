"""Cleaning steps, one module each: a text goes in, the cleaned text or the reason to drop it comes out."""

from __future__ import annotations

from collections.abc import Iterable
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


class CleaningStep(Component, family=True):
    """One step of the cleaning chain; pure, deterministic and picklable."""

    at_prediction: ClassVar[bool] = True
    """Whether the step also runs on the texts that the finished model is given. Steps that only drop do not."""

    def __call__(self, text: Text) -> Text | Drop:
        """The cleaned text, with its spans moved, or the reason why it is dropped."""
        raise NotImplementedError


def clean(text: Text, steps: Iterable[CleaningStep]) -> Text:
    """A text after steps that never drop, as a finished model cleans what it is given.

    Raises:
        TypeError: a step dropped the text.
    """
    for step in steps:
        cleaned = step(text)
        if isinstance(cleaned, Drop):
            raise TypeError(f"the step {step.kind} dropped a text at prediction; its at_prediction must be False")
        text = cleaned
    return text
