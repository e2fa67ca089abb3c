"""Cleaning steps, one module each: a text goes in, the cleaned text or the reason to drop it comes out."""

from __future__ import annotations

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
