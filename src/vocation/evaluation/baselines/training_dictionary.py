"""A dictionary of the training entities, looked up in each text."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import Field

from vocation.evaluation.baselines import Baseline
from vocation.evaluation.scripts import UNSPACED
from vocation.records import Prediction, Record
from vocation.tasks import Task
from vocation.text import Span

_TOKEN = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+|[^\w\s]")
"""A word of a spaced script, one character of an unspaced one, or one mark."""


class TrainingDictionary(Baseline):
    """Finds the entities that were seen in training: longest match, from left to right.

    A match begins and ends at a word's boundary where words are spaced, and anywhere in Chinese or Japanese. A phrase
    gets the type that it had most often. A phrase that the training texts leave unlabelled more often than the recipe
    allows is left out; inside a longer entity it does not count as unlabelled.
    """

    labelled_share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="A phrase enters the dictionary when it is an entity in at least this share of its occurrences.",
    )

    def fit_predict(self, train: Sequence[Record], test: Sequence[Record], task: Task) -> list[Prediction]:
        phrases = _Phrase()
        texts = [(_tokens(record.text.content), _spans(task, record)) for record in train]
        for tokens, spans in texts:
            _add(phrases, tokens, spans)
        for tokens, spans in texts:
            _count_unlabelled(phrases, tokens, spans)
        return [self._predict(phrases, record.text.content) for record in test]

    def _predict(self, phrases: _Phrase, content: str) -> Prediction:
        tokens = _tokens(content)
        spans, scores, position, confidence = [], {}, 0, 1.0
        while position < len(tokens):
            accepted = [
                match for match in _matches(phrases, tokens, position) if match.phrase.share >= self.labelled_share
            ]
            if accepted:
                match = accepted[-1]
                span = Span(tokens[position].start, tokens[match.end - 1].end, match.phrase.label)
                spans.append(span)
                scores[f"{span.start}:{span.end}:{span.label}"] = match.phrase.share
                confidence *= match.phrase.share
            position = accepted[-1].end if accepted else position + 1
        return Prediction(tuple(spans), confidence, scores)


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    start: int
    end: int


@dataclass(slots=True)
class _Phrase:
    """A node of the tree of phrases: how often the tokens on the way to it were an entity of which type, or none."""

    following: dict[str, _Phrase] = field(default_factory=dict)
    types: Counter[str] = field(default_factory=Counter)
    unlabelled: int = 0

    @property
    def label(self) -> str:
        return min(self.types, key=lambda label: (-self.types[label], label))

    @property
    def share(self) -> float:
        """Share of the occurrences that are entities of the most frequent type."""
        return self.types[self.label] / (self.types.total() + self.unlabelled)


@dataclass(frozen=True, slots=True)
class _Match:
    phrase: _Phrase
    end: int


def _spans(task: Task, record: Record) -> tuple[Span, ...]:
    answer = task.answer(record)
    if isinstance(answer, str):
        raise TypeError(f"the baseline training_dictionary finds spans; the task {task.kind!r} gives labels")
    return answer


def _tokens(content: str) -> list[_Token]:
    return [_Token(found.group(), found.start(), found.end()) for found in _TOKEN.finditer(content)]


def _add(phrases: _Phrase, tokens: Sequence[_Token], spans: Sequence[Span]) -> None:
    """Enters every entity whose boundaries are boundaries of tokens; no other could be found again."""
    begins = {token.start: index for index, token in enumerate(tokens)}
    ends = {token.end: index + 1 for index, token in enumerate(tokens)}
    for start, end, label in spans:
        if start in begins and end in ends:
            phrase = phrases
            for token in tokens[begins[start] : ends[end]]:
                phrase = phrase.following.setdefault(token.word, _Phrase())
            phrase.types[label] += 1


def _count_unlabelled(phrases: _Phrase, tokens: Sequence[_Token], spans: Sequence[Span]) -> None:
    """Counts where a known phrase stands without a label, and not inside an entity."""
    reach = 0  # Where the entities that began so far end.
    waiting = deque(spans)
    for position, token in enumerate(tokens):
        while waiting and waiting[0].start <= token.start:
            reach = max(reach, waiting.popleft().end)
        for match in _matches(phrases, tokens, position):
            if tokens[match.end - 1].end > reach:
                match.phrase.unlabelled += 1


def _matches(phrases: _Phrase, tokens: Sequence[_Token], position: int) -> Iterator[_Match]:
    """The phrases that begin at a token and were an entity in training, shortest first."""
    phrase = phrases
    for end in range(position, len(tokens)):
        found = phrase.following.get(tokens[end].word)
        if found is None:
            return
        phrase = found
        if phrase.types:
            yield _Match(phrase, end + 1)
