"""The texts of the page, in every language that it can be written in."""

from __future__ import annotations

from collections.abc import Mapping

from vocation.evaluation.report.words_chinese import CHINESE
from vocation.evaluation.report.words_english import ENGLISH

_FALLS_BACK = ("metric", "task", "baseline")
LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "zh": CHINESE}


class Words(dict[str, str]):
    """Texts by name. A metric, task or baseline without a text of its own is called by its kind."""

    def __missing__(self, key: str) -> str:
        family, _, name = key.partition("_")
        if family not in _FALLS_BACK or not name:
            raise KeyError(key)
        return name.replace("_", " ")


def words_of(language: str) -> Words:
    """The texts of one language, `en` or `zh`."""
    return Words(LANGUAGES[language])
