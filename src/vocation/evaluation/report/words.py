"""The texts of the page, in every language that it can be written in."""

from __future__ import annotations

from collections.abc import Mapping

from vocation.evaluation.report.words_chinese import CHINESE
from vocation.evaluation.report.words_english import ENGLISH

LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "zh": CHINESE}


def words_of(language: str) -> Mapping[str, str]:
    """The texts of one language, `en` or `zh`."""
    return LANGUAGES[language]
