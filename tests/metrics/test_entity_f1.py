from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from vocation.metrics import score
from vocation.metrics.entity_f1 import EntityF1
from vocation.text import Span

TYPES = ["Disease", "Drug", "基因"]

span_sets = st.sets(
    st.builds(
        lambda start, size, label: Span(start, start + size, label),
        st.integers(0, 9),
        st.integers(1, 4),
        st.sampled_from(TYPES),
    ),
    max_size=6,
).map(lambda spans: tuple(sorted(spans)))


def random_tags(generator: np.random.Generator, size: int) -> list[str]:
    tags, position = [], 0
    while position < size:
        if generator.random() < 0.5:
            tags.append("O")
        else:
            label = str(generator.choice(TYPES))
            tags += [f"B-{label}"] + [f"I-{label}"] * int(generator.integers(3))
        position = len(tags)
    return tags[:size]


def spans_of(tags: list[str]) -> tuple[Span, ...]:
    """One character a token."""
    spans: list[Span] = []
    for position, tag in enumerate(tags):
        if tag[0] == "B":
            spans.append(Span(position, position + 1, tag[2:]))
        elif tag[0] == "I":
            spans[-1] = spans[-1]._replace(end=position + 1)
    return tuple(spans)


@pytest.mark.parametrize("seed", range(4))
def test_values_equal_those_of_seqeval(seed: int) -> None:
    generator = np.random.default_rng(seed)
    gold = [random_tags(generator, 20) for _ in range(40)]
    predicted = [true if generator.random() < 0.5 else random_tags(generator, 20) for true in gold]
    expected = classification_report(gold, predicted, mode="strict", scheme=IOB2, output_dict=True, zero_division=0)
    values = score([spans_of(tags) for tags in gold], [spans_of(tags) for tags in predicted], TYPES, "spans")
    assert 0.2 < values["f1"] < 0.9
    for name, reference in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
        assert values[name] == pytest.approx(expected["micro avg"][reference], abs=1e-9)
        for label in TYPES:
            assert values[f"{name}:{label}"] == pytest.approx(expected[label][reference], abs=1e-9)
    assert values["f1_macro"] == pytest.approx(expected["macro avg"]["f1-score"], abs=1e-9)


@given(st.lists(st.tuples(span_sets, span_sets), min_size=1, max_size=5))
def test_values_equal_those_of_a_slow_twin(pairs: list[tuple[tuple[Span, ...], tuple[Span, ...]]]) -> None:
    right = sum(span in predicted for gold, predicted in pairs for span in gold)
    golds = sum(len(gold) for gold, _ in pairs)
    found = sum(len(predicted) for _, predicted in pairs)
    values = score([gold for gold, _ in pairs], [predicted for _, predicted in pairs], TYPES, "spans")
    assert values["precision"] == pytest.approx(right / found if found else 0.0, abs=1e-12)
    assert values["recall"] == pytest.approx(right / golds if golds else 0.0, abs=1e-12)
    assert values["f1"] == pytest.approx(2 * right / (golds + found) if golds + found else 0.0, abs=1e-12)


def test_a_wrong_boundary_or_type_does_not_count() -> None:
    gold = [(Span(0, 4, "Drug"),)]
    assert score(gold, [(Span(0, 3, "Drug"),)], TYPES, "spans")["f1"] == 0.0
    assert score(gold, [(Span(0, 4, "Disease"),)], TYPES, "spans")["f1"] == 0.0


def test_a_repeated_span_counts_once_on_both_sides() -> None:
    span = Span(2, 5, "Drug")
    once = EntityF1().statistics([(span,)], [(span,)], TYPES)
    np.testing.assert_array_equal(EntityF1().statistics([(span, span)], [(span, span, span)], TYPES), once)


def test_overlapping_spans_count_each() -> None:
    gold = [(Span(0, 9, "Disease"), Span(0, 4, "Drug"))]
    values = score(gold, [gold[0][1:]], TYPES, "spans")
    assert (values["precision"], values["recall"]) == (1.0, 0.5)


def test_an_unknown_type_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'Symptom' is not among the 3 types"):
        EntityF1().statistics([(Span(0, 1, "Symptom"),)], [()], TYPES)


def test_a_label_in_place_of_spans_is_refused() -> None:
    with pytest.raises(TypeError, match="scores spans"):
        EntityF1().statistics(["Drug"], [()], TYPES)
