"""Stop words: words that carry grammar and hardly any topic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from pydantic import Field

from vocation.cleaning import CleaningStep
from vocation.language.stop_words import NEGATIONS, STOP_WORDS, Language, occurrences
from vocation.ranges import Ranges
from vocation.text import Edit, Text


class StopWords(CleaningStep):
    """Remove stop words, for bag-of-words baselines and for mining terms.

    Never for a transformer: it reads the words that this step removes (`fever after surgery`, `fever before surgery`),
    and it was pretrained on whole sentences. Where the step stands in a recipe it also runs at prediction, so that the
    model sees what it was trained on. A word that a labelled span touches stays.

    The English list is Snowball's, the Chinese one a short list of function words; Chinese is divided into words by
    jieba's dictionary (`pip install 'vocation[chinese]'`).
    """

    languages: tuple[Language, ...] = Field(default=("en", "zh"), min_length=1, description="Which lists are used.")
    keep_negations: bool = Field(
        default=True, description="Whether no, not, without, 不, 没, 无 and the like stay. They turn a finding around."
    )
    more: tuple[str, ...] = Field(default=(), description="Words that are removed too, in small letters.")
    fewer: tuple[str, ...] = Field(default=(), description="Words of the lists that stay.")

    def __call__(self, text: Text) -> Text:
        edits = self._edits(text)
        return text.edit(sorted(edits)) if edits else text

    @cached_property
    def _words(self) -> frozenset[str]:
        words = frozenset(self.more).union(*(STOP_WORDS[language] for language in self.languages))
        negations = frozenset().union(*(NEGATIONS[language] for language in self.languages))
        return (words - negations if self.keep_negations else words | negations) - frozenset(self.fewer)

    def _edits(self, text: Text) -> list[Edit]:
        content = text.content
        found = occurrences(content, self._words, chinese="zh" in self.languages)
        if text.spans:
            return list(_outside(Ranges(text.spans), content, found))
        return [Edit(start, _behind(content, end), "") for start, end in found]


def _outside(spans: Ranges, content: str, found: Iterable[tuple[int, int]]) -> Iterator[Edit]:
    """The removal of the words that no span touches, with the spaces behind each unless a span holds some of these."""
    for start, end in found:
        if not spans.touch(start, end):
            behind = _behind(content, end)
            yield Edit(start, end if spans.touch(end, behind) else behind, "")


def _behind(content: str, end: int) -> int:
    """The end of a word and of the spaces behind it."""
    while content[end : end + 1].isspace() and content[end] != "\n":
        end += 1
    return end
