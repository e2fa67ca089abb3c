from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.evaluation.span_errors import CATEGORIES, Category, pair_spans
from vocation.metrics.entity_f1 import EntityF1
from vocation.text import Span

GOLD = Span(4, 9, "Drug")
spans = st.lists(
    st.builds(
        lambda start, size, label: Span(start, start + size, label),
        st.integers(0, 12),
        st.integers(1, 5),
        st.sampled_from("AB"),
    ),
    max_size=7,
).map(tuple)


@pytest.mark.parametrize(
    ("predicted", "expected"),
    [
        (Span(4, 9, "Drug"), "correct"),
        (Span(4, 9, "Gene"), "wrong type"),
        (Span(4, 8, "Drug"), "wrong boundary"),
        (Span(8, 12, "Gene"), "wrong boundary and type"),
    ],
)
def test_a_pair_is_named_by_what_differs(predicted: Span, expected: Category) -> None:
    (pairing,) = pair_spans([GOLD], [predicted])
    assert (pairing.gold, pairing.predicted, pairing.category) == (GOLD, predicted, expected)


def test_spans_that_do_not_overlap_are_missed_and_spurious() -> None:
    pairings = pair_spans([GOLD], [Span(9, 12, "Drug")])
    assert [pairing.category for pairing in pairings] == ["missed", "spurious"]


def test_equal_boundaries_come_before_a_longer_overlap() -> None:
    pairings = pair_spans([Span(0, 4, "A"), Span(2, 4, "A")], [Span(2, 4, "A")])
    assert {(pairing.gold, pairing.category) for pairing in pairings} == {
        (Span(0, 4, "A"), "missed"),
        (Span(2, 4, "A"), "correct"),
    }


@given(spans, spans)
def test_every_span_stands_in_one_pairing_and_right_ones_are_those_that_the_metric_counts(
    gold: tuple[Span, ...], predicted: tuple[Span, ...]
) -> None:
    pairings = pair_spans(gold, predicted)
    assert sorted(pairing.gold for pairing in pairings if pairing.gold) == sorted(set(gold))
    assert sorted(pairing.predicted for pairing in pairings if pairing.predicted) == sorted(set(predicted))
    right = EntityF1().statistics([gold], [predicted], ["A", "B"])[0, :2].sum()
    assert sum(pairing.category == "correct" for pairing in pairings) == right
    assert {pairing.category for pairing in pairings} <= set(CATEGORIES)
