"""Every metric: additive, perfect on perfect answers, indifferent to the order of records."""

from __future__ import annotations

import numpy as np
import pytest

from vocation.component import kinds
from vocation.metrics import AnswerKind, Metric, metrics_for, score
from vocation.records import Answer
from vocation.text import Span

LABELS = ("a", "b", "c", "信用卡")
METRICS = [*metrics_for("label"), *metrics_for("spans")]


def answers_of(kind: AnswerKind, count: int, seed: int) -> list[Answer]:
    generator = np.random.default_rng(seed)
    if kind == "label":
        return [str(generator.choice(LABELS)) for _ in range(count)]
    return [
        tuple(
            Span(int(start), int(start) + 1 + int(generator.integers(2)), str(generator.choice(LABELS)))
            for start in sorted(generator.choice(12, size=generator.integers(4), replace=False))
        )
        for _ in range(count)
    ]


def test_the_family_has_three_metrics() -> None:
    assert sorted(kinds("vocation.metrics")) == ["accuracy", "entity_f1", "precision_recall_f1"]
    assert len(METRICS) == 3


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.kind)
def test_statistics_add_up_over_records(metric: Metric) -> None:
    gold, predicted = answers_of(metric.answers, 60, 1), answers_of(metric.answers, 60, 2)
    whole = metric.statistics(gold, predicted, LABELS)
    parts = [metric.statistics([gold[row]], [predicted[row]], LABELS) for row in range(60)]
    np.testing.assert_array_equal(whole, np.concatenate(parts))


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.kind)
def test_values_of_many_totals_equal_the_values_of_each(metric: Metric) -> None:
    gold, predicted = answers_of(metric.answers, 40, 3), answers_of(metric.answers, 40, 4)
    statistics = metric.statistics(gold, predicted, LABELS)
    totals = np.stack([statistics[:10].sum(0), statistics[10:].sum(0), np.zeros(statistics.shape[1])])
    together = metric.values(totals, LABELS)
    for row in range(3):
        alone = metric.values(totals[row], LABELS)
        assert {name: float(value) for name, value in alone.items()} == {
            name: float(value[row]) for name, value in together.items()
        }


@pytest.mark.parametrize("kind", ["label", "spans"])
def test_perfect_answers_score_one_and_wrong_ones_less(kind: AnswerKind) -> None:
    gold = answers_of(kind, 50, 5)
    assert set(score(gold, gold, LABELS, kind).values()) == {1.0}
    assert max(score(gold, gold[1:] + gold[:1], LABELS, kind).values()) < 1.0


@pytest.mark.parametrize("kind", ["label", "spans"])
def test_the_order_of_records_does_not_matter(kind: AnswerKind) -> None:
    gold, predicted = answers_of(kind, 50, 6), answers_of(kind, 50, 7)
    order = np.random.default_rng(8).permutation(50)
    shuffled = score([gold[row] for row in order], [predicted[row] for row in order], LABELS, kind)
    assert shuffled == pytest.approx(score(gold, predicted, LABELS, kind), abs=1e-12)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.kind)
def test_nothing_in_a_denominator_gives_zero(metric: Metric) -> None:
    size = metric.statistics(answers_of(metric.answers, 1, 9), answers_of(metric.answers, 1, 9), LABELS).shape[1]
    assert {float(value) for value in metric.values(np.zeros(size), LABELS).values()} == {0.0}
