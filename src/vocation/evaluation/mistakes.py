"""The hardest mistakes: the wrong answers that the model was surest of, and what is confused with what.

A wrong answer with high confidence is either a mistake that no threshold will catch, or a wrong gold label; both are
worth a person's time before anything else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from vocation.evaluation.span_errors import CATEGORIES, Pairing, pair_spans
from vocation.records import Answer, Prediction, Record
from vocation.text import Span


@dataclass(frozen=True, slots=True)
class Scored:
    """A record with its gold answer, the model's prediction, and the baseline's."""

    record: Record
    gold: Answer
    prediction: Prediction
    baseline: Prediction

    @property
    def correct(self) -> bool:
        """Whether the whole answer is right; for spans, as sets."""
        return same_answer(self.gold, self.prediction.answer)


def same_answer(first: Answer, second: Answer) -> bool:
    """Whether two answers are the same label, or the same spans in any order, repetitions aside."""
    if isinstance(first, str) or isinstance(second, str):
        return first == second
    return set(first) == set(second)


def as_json(answer: Answer) -> Any:
    """A label as it is; spans as a list of [start, end, label]."""
    return answer if isinstance(answer, str) else [list(span) for span in answer]


def mistakes(scored: Sequence[Scored], shown: int) -> dict[str, Any]:
    """What `mistakes.json` holds.

    Args:
        scored: every record that was evaluated.
        shown: how many wrong records, and how many confused pairs, are listed.

    Returns:
        `records`, `wrong` (how many in all), `hardest` (records with text, answers and confidence, the surest first),
        `pairs` (gold, predicted, count; the most frequent first; None stands for no entity) and, for spans, `spans`
        (count of each category) and in each record `errors`.
    """
    wrong = [one for one in scored if not one.correct]
    hardest = sorted(wrong, key=lambda one: (-one.prediction.confidence, one.record.id))[:shown]
    result: dict[str, Any] = {
        "records": len(scored),
        "wrong": len(wrong),
        "hardest": [_entry(one) for one in hardest],
        "pairs": _frequent_pairs(scored, shown),
    }
    if any(not isinstance(one.gold, str) for one in scored):
        counts = Counter(pairing.category for one in scored for pairing in pairings(one))
        result["spans"] = {category: counts[category] for category in CATEGORIES}
    return result


def confusion(scored: Iterable[Scored]) -> Counter[tuple[str | None, str | None]]:
    """How often each gold label was answered with each label.

    For spans, labels are the types of gold and predicted spans that overlap (see `span_errors`); None stands for
    no entity.
    """
    counts: Counter[tuple[str | None, str | None]] = Counter()
    for one in scored:
        if isinstance(one.gold, str):
            counts[one.gold, str(one.prediction.answer)] += 1
        else:
            counts.update((_label(pairing.gold), _label(pairing.predicted)) for pairing in pairings(one))
    return counts


def pairings(one: Scored) -> list[Pairing]:
    """The gold spans of a record beside the predicted ones.

    Raises:
        TypeError: its answers are labels.
    """
    gold, predicted = one.gold, one.prediction.answer
    if isinstance(gold, str) or isinstance(predicted, str):
        raise TypeError(f"the answers of {one.record.id} are labels, not spans")
    return pair_spans(gold, predicted)


def _frequent_pairs(scored: Sequence[Scored], shown: int) -> list[dict[str, Any]]:
    wrong = [(pair, count) for pair, count in confusion(scored).items() if pair[0] != pair[1]]
    wrong.sort(key=lambda entry: (-entry[1], str(entry[0])))
    return [{"gold": gold, "predicted": predicted, "count": count} for (gold, predicted), count in wrong[:shown]]


def _entry(one: Scored) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": one.record.id,
        "file": one.record.file,
        "row": one.record.row,
        "text": "\n".join(text.content for text in one.record.texts.values()),
        "gold": as_json(one.gold),
        "predicted": as_json(one.prediction.answer),
        "confidence": one.prediction.confidence,
        "baseline": as_json(one.baseline.answer),
    }
    if not isinstance(one.gold, str):
        entry["errors"] = [
            {
                "category": pairing.category,
                "gold": list(pairing.gold) if pairing.gold else None,
                "predicted": list(pairing.predicted) if pairing.predicted else None,
            }
            for pairing in pairings(one)
            if pairing.category != "correct"
        ]
    return entry


def _label(span: Span | None) -> str | None:
    return span.label if span else None
