"""The residual risk: how much of what people marked as identifying is still there afterwards."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vocation.deidentification import Finding
from vocation.text import Span, Text

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval (Wilson's score interval, which holds for small counts and for 0).

    Args:
        count: how many of the total.
        total: of how many.
        value: the share; 0 of nothing.
        low: lower end of the interval.
        high: upper end.
    """

    count: int
    total: int
    value: float
    low: float
    high: float

    @classmethod
    def of(cls, count: int, total: int) -> Share:
        """The share `count` / `total`."""
        if not total:
            return cls(0, 0, 0.0, 0.0, 1.0)
        from scipy.stats import binomtest

        interval = binomtest(count, total).proportion_ci(CONFIDENCE, "wilson")
        return cls(count, total, count / total, float(interval.low), float(interval.high))


@dataclass(frozen=True, slots=True)
class Risk:
    """What was found of one label, or of all.

    Args:
        label: of the labelled set; "" for all.
        leaked: labelled spans of which a letter or digit stays, whatever was found there.
        recall: labelled spans found with exactly their bounds and their label as category.
        precision: findings of the category that are exactly a labelled span; None where no category has this name.
        f2: of the two, recall weighing four times as much (van Rijsbergen 1979).
    """

    label: str
    leaked: Share
    recall: Share
    precision: Share | None
    f2: float


@dataclass(frozen=True, slots=True)
class Residual:
    """The residual risk on a labelled set.

    Args:
        texts: how many texts there were.
        leaking: texts in which at least one labelled span leaks.
        labels: for each label.
    """

    texts: int
    leaking: Share
    labels: tuple[Risk, ...]


def residual_risk(labelled: Iterable[tuple[Text, Sequence[Finding]]]) -> Residual:
    """Compares what was found with what people marked.

    Args:
        labelled: texts with spans whose labels are categories, and what was found in each (and replaced).
    """
    spans, leaks, exact, found = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    texts, leaking = 0, 0
    for text, findings in labelled:
        texts += 1
        places = {(finding.start, finding.end, finding.category) for finding in findings}
        leaked = [span for span in text.spans if _leaks(text.content, span, findings)]
        leaking += bool(leaked)
        leaks.update(span.label for span in leaked)
        spans.update(span.label for span in text.spans)
        exact.update(span.label for span in text.spans if tuple(span) in places)
        found.update(finding.category for finding in findings)
    labels = tuple(_risk(label, spans, leaks, exact, found) for label in sorted(spans))
    return Residual(texts, Share.of(leaking, texts), labels)


def _risk(label: str, spans: Counter[str], leaks: Counter[str], exact: Counter[str], found: Counter[str]) -> Risk:
    recall = Share.of(exact[label], spans[label])
    precision = Share.of(min(exact[label], found[label]), found[label]) if found[label] else None
    weighed = 4 * precision.value + recall.value if precision else 0.0
    f2 = 5 * precision.value * recall.value / weighed if precision and weighed else 0.0
    return Risk(label, Share.of(leaks[label], spans[label]), recall, precision, f2)


def _leaks(content: str, span: Span, findings: Sequence[Finding]) -> bool:
    """Whether a letter or digit of the span lies outside of all findings, which are ordered and do not overlap."""
    position = span.start
    place = max(bisect_left(findings, (span.start,)) - 1, 0)
    for finding in findings[place:]:
        if finding.start >= span.end:
            break
        if any(character.isalnum() for character in content[position : finding.start]):
            return True
        position = max(position, finding.end)
    return any(character.isalnum() for character in content[position : span.end])
