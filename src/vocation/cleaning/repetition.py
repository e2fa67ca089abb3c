"""Texts that repeat themselves: lines, paragraphs and phrases again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from vocation.cleaning import CleaningStep, Drop
from vocation.language.phrases import Phrases
from vocation.language.words import is_chinese
from vocation.text import Text

_TOP_SIZES = (2, 3, 4)
_REPEATED_SIZES = (5, 6, 7, 8, 9, 10)
_SAMPLE = 4000
"""Characters from which the language is told."""


class Repetition(CleaningStep):
    """Drop texts in which lines, paragraphs or phrases stand again and again.

    The rules and limits are Gopher's (Rae et al. 2021, arXiv 2112.11446, table A1): shares of lines and paragraphs that
    repeat an earlier one, by number and by characters; the share of characters in the most frequent phrase of 2, 3 and
    4 words; the share in phrases of 5 to 10 words that repeat an earlier one, each character counted once. In Chinese,
    a fixed number of characters counts as a word. Formal texts repeat themselves by nature: look into the ledger, and
    raise `repeated_phrases` or `characters_a_word` where good ones go. Equal texts are the matter of
    `corpus.deduplication`.
    """

    at_prediction: ClassVar[bool] = False

    lines: float = Field(default=0.3, ge=0, le=1, description="Greatest share of lines that repeat an earlier line.")
    line_characters: float = Field(default=0.2, ge=0, le=1, description="Greatest share of characters in such lines.")
    paragraphs: float = Field(default=0.3, ge=0, le=1, description="Greatest share of paragraphs that repeat one.")
    paragraph_characters: float = Field(
        default=0.2, ge=0, le=1, description="Greatest share of characters in such paragraphs."
    )
    top_phrases: tuple[float, float, float] = Field(
        default=(0.2, 0.18, 0.16),
        description="Greatest share of characters in the most frequent phrase of 2, 3 and 4 words.",
    )
    repeated_phrases: tuple[float, float, float, float, float, float] = Field(
        default=(0.15, 0.14, 0.13, 0.12, 0.11, 0.1),
        description="Greatest share of characters in phrases of 5, 6, 7, 8, 9 and 10 words that repeat earlier ones.",
    )
    characters_a_word: int = Field(
        default=4,
        ge=1,
        description="How many characters of a Chinese text count as a word in phrases. A word has about 1.7; but "
        "with 2 the rules drop 71 % of 1,510 Chinese statutes for their standing phrases, and with 4 they drop 12 %.",
    )
    minimum_words: int = Field(
        default=50, ge=1, description="In texts of fewer words, phrases are not looked at: a share of few means little."
    )

    def __call__(self, text: Text) -> Text | Drop:
        content = text.content.strip()
        return self._repeated_blocks(content) or self._repeated_phrases(content) or text

    def _repeated_blocks(self, content: str) -> Drop | None:
        for name, parts, share, characters in (
            ("lines", content.split("\n"), self.lines, self.line_characters),
            ("paragraphs", content.split("\n\n"), self.paragraphs, self.paragraph_characters),
        ):
            number, length = _repeated(parts)
            if number > share:
                return Drop(f"too many repeated {name}", f"{number:.0%} of {name}")
            if length > characters:
                return Drop(f"too much text in repeated {name}", f"{length:.0%} of characters")
        return None

    def _repeated_phrases(self, content: str) -> Drop | None:
        if len(content) < self.minimum_words:
            return None
        chinese = is_chinese(content[:_SAMPLE])
        if chinese and len(content) < self.minimum_words * self.characters_a_word:
            return None
        phrases = Phrases.of_characters(content, self.characters_a_word) if chinese else Phrases.of_words(content)
        if phrases.word_count < self.minimum_words:
            return None
        shares = phrases.shares(_TOP_SIZES, _REPEATED_SIZES)
        for size, limit, share in zip(_TOP_SIZES, self.top_phrases, shares, strict=False):
            if share > limit:
                return Drop(f"one phrase of {size} words too often", f"{share:.0%} of characters")
        for size, limit, share in zip(_REPEATED_SIZES, self.repeated_phrases, shares, strict=True):
            if share > limit:
                return Drop(f"too much text in repeated phrases of {size} words", f"{share:.0%} of characters")
        return None


def _repeated(parts: Sequence[str]) -> tuple[float, float]:
    """The share of parts that repeat an earlier one, and that of their characters; blank parts do not count."""
    filled = [stripped for part in parts if (stripped := part.strip())]
    distinct = set(filled)
    if len(distinct) == len(filled):
        return 0.0, 0.0
    total = sum(map(len, filled))
    return 1 - len(distinct) / len(filled), 1 - sum(map(len, distinct)) / total
