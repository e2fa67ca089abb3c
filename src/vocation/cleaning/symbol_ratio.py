"""Texts of symbols, bullets and broken-off lines, where prose should be."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic import Field

from vocation.cleaning import CleaningStep, Drop
from vocation.language.words import count_words
from vocation.text import Text

_SYMBOL = re.compile(r"#|…+|\.{3,}")
_BULLETS = frozenset("•●○▪■◆‣⁃·*–—-")
_ELLIPSES = ("…", "...")
_CLOSERS = "”\"'」』)）"

_FEWEST_LINES = 4
"""Shares of lines are of as many at least: one line that begins with a bullet is no list."""


class SymbolRatio(CleaningStep):
    """Drop texts with too many symbols, bullet lines or broken-off lines, or too few words with letters in them.

    The four rules and their limits are Gopher's for web text (Rae et al. 2021, arXiv 2112.11446, table A1). A Chinese
    character counts as a word with a letter, so that the rules hold for Chinese too. Texts of a few words are kept,
    because a share of few means little; Gopher drops those under 50 words altogether. Use it on raw text; labelled
    rows such as codes and measurements can be short of letters rightly.
    """

    at_prediction: ClassVar[bool] = False

    symbols: float = Field(default=0.1, ge=0, description="Most `#` and ellipses, for each word.")
    bullet_lines: float = Field(
        default=0.9, ge=0, le=1, description="Greatest share of lines that begin with a bullet."
    )
    ellipsis_lines: float = Field(
        default=0.3, ge=0, le=1, description="Greatest share of lines that end with an ellipsis."
    )
    alphabetic_words: float = Field(
        default=0.8, ge=0, le=1, description="Least share of words that have a letter or Chinese character."
    )
    minimum_words: int = Field(default=50, ge=1, description="Texts of fewer words are kept without a look.")

    def __call__(self, text: Text) -> Text | Drop:
        content = text.content
        if len(content) < self.minimum_words:
            return text
        words, lettered = count_words(content)
        if words < self.minimum_words:
            return text
        lines = [stripped for line in content.split("\n") if (stripped := line.strip())]
        counted = max(len(lines), _FEWEST_LINES)
        bullets = sum(line[0] in _BULLETS for line in lines) / counted
        elliptic = any(sign in content for sign in _ELLIPSES)
        broken = sum(line.rstrip(_CLOSERS).endswith(_ELLIPSES) for line in lines) / counted if elliptic else 0.0
        symbols = len(_SYMBOL.findall(content)) / words if elliptic or "#" in content else 0.0
        bare = (words - lettered) / words
        for exceeds, reason, value in (
            (symbols > self.symbols, "too many symbols", f"{symbols:.2f} # and ellipses a word"),
            (bullets > self.bullet_lines, "too many bullet lines", f"{bullets:.0%} of lines"),
            (broken > self.ellipsis_lines, "too many lines end with an ellipsis", f"{broken:.0%} of lines"),
            (1 - bare < self.alphabetic_words, "too few words with letters", f"{1 - bare:.0%} of words"),
        ):
            if exceeds:
                return Drop(reason, value)
        return text
