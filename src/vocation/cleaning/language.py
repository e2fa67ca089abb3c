"""Texts in a language that the model is not meant for."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from pydantic import Field

from vocation.cleaning import CleaningStep, Drop
from vocation.language.identification import identify, require_known
from vocation.text import Text


class Language(CleaningStep):
    """Drop texts that are surely in none of the `allowed` languages.

    Chinese is told by its script, other languages by a model that comes with `pip install 'vocation[language]'`
    (py3langid). A text is dropped only when another language is likely enough; short texts, for which nobody can tell,
    and texts without letters stay. Of a long text the beginning, the middle and the end are looked at.
    """

    at_prediction: ClassVar[bool] = False

    allowed: tuple[str, ...] = Field(
        default=("zh", "en"), min_length=1, description="Languages that stay, by ISO 639 code; `zh` is all of Chinese."
    )
    confidence: float = Field(
        default=0.6, ge=0, le=1, description="Least probability of another language with which a text is dropped."
    )
    minimum_characters: int = Field(default=20, ge=1, description="Shorter texts are kept without a look.")

    def __call__(self, text: Text) -> Text | Drop:
        content = text.content.strip()
        if len(content) < self.minimum_characters:
            return text
        code, probability = identify(content)
        if code in self._known or not code or probability < self.confidence:
            return text
        return Drop(f"not in {' or '.join(self.allowed)}", f"{code}, probability {probability:.2f}")

    @cached_property
    def _known(self) -> frozenset[str]:
        require_known(self.allowed)
        return frozenset(self.allowed)
