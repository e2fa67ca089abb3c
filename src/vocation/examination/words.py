"""The texts of findings and of the data page, in every language that they can be written in."""

from __future__ import annotations

from typing import Literal

from vocation.evaluation.report.words import Words
from vocation.evaluation.report.words import words_of as report_words
from vocation.examination.words_chinese import CHINESE
from vocation.examination.words_english import ENGLISH

Language = Literal["en", "zh"]
_LANGUAGES = {"en": ENGLISH, "zh": CHINESE}


def words_of(language: Language) -> Words:
    """The texts of one language: those of the report, and those of this package."""
    return Words({**report_words(language), **_LANGUAGES[language]})
