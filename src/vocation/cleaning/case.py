"""Capital letters: none."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from pydantic import Field

from vocation.cleaning import CleaningStep
from vocation.cleaning.rewriting import changed_characters
from vocation.text import Edit, Text

_CASED = 0x20000  # No script of the planes above has capitals.
_ASCII_CAPITAL = re.compile("[A-Z]")


class Case(CleaningStep):
    """Write letters without regard to case.

    For uncased models and word counts only: case tells names from words, and Mg from mg. Where a letter becomes
    longer (İ → i̇; with `fold` also ß → ss and ﬁ → fi), spans keep what they cover.
    """

    form: Literal["lower", "fold"] = Field(
        default="lower",
        description="`lower`: small letters. `fold`: Unicode case folding, which also makes ß ss and final ς σ, so "
        "that words compare equal.",
    )

    def __call__(self, text: Text) -> Text:
        if text.content.isascii():
            return text.edit(
                Edit(*capital.span(), capital[0].lower()) for capital in _ASCII_CAPITAL.finditer(text.content)
            )
        convert = str.lower if self.form == "lower" else str.casefold
        if convert(text.content) == text.content:
            return text
        longer = _longer(self.form)
        text = text.edit(Edit(*match.span(), convert(match[0])) for match in longer.finditer(text.content))
        # Those that are left are protected. The rest is converted whole, because the small form of Σ depends on what
        # stands beside it.
        content = longer.sub("x", text.content)
        return text.edit(changed_characters(content, convert(content)))


@cache
def _longer(form: str) -> re.Pattern[str]:
    """A pattern of the characters whose other form has more than one character."""
    convert = str.lower if form == "lower" else str.casefold
    blocks = ("".join(map(chr, range(start, start + 256))) for start in range(0, _CASED, 256))
    longer = [
        character
        for block in blocks
        if len(convert(block)) > len(block)
        for character in block
        if len(convert(character)) > 1
    ]
    return re.compile(f"[{''.join(longer)}]")
