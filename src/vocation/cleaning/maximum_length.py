"""Texts that are too long to be one text."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from vocation.cleaning import CleaningStep, Drop
from vocation.text import Text


class MaximumLength(CleaningStep):
    """Drop texts that are longer than `characters`, not counting space at the ends.

    Such texts are dumps, tables or whole archives in one row. Gopher's limit (Rae et al. 2021, arXiv 2112.11446, table
    A1) is 100,000 words, which the default is in characters of English. To keep long documents, divide them first
    (`sentences`); what does not fit the model's window is not the matter here, tasks read it in windows.
    """

    at_prediction: ClassVar[bool] = False

    characters: int = Field(default=600_000, ge=1, description="Longest length that is kept, in characters.")

    def __call__(self, text: Text) -> Text | Drop:
        if len(text.content) <= self.characters:
            return text
        length = len(text.content.strip())
        if length <= self.characters:
            return text
        return Drop(f"longer than {self.characters} characters", f"{length} characters")
