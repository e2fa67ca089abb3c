"""Texts that are too short to learn from."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from vocation.cleaning import CleaningStep, Drop
from vocation.text import Text


class MinimumLength(CleaningStep):
    """Drop texts that are shorter than `characters`, not counting space at the ends.

    The default drops empty texts alone: one Chinese character can be a whole answer. Raise it for raw text, where
    short lines are page numbers and headings.
    """

    at_prediction: ClassVar[bool] = False

    characters: int = Field(default=1, ge=1, description="Shortest length that is kept, in characters.")

    def __call__(self, text: Text) -> Text | Drop:
        length = len(text.content.strip())
        if length >= self.characters:
            return text
        if not length:
            return Drop("empty text")
        return Drop(f"shorter than {self.characters} characters", f"{length} characters")
