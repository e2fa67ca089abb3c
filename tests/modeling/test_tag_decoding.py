"""Viterbi over BIO tags against trying every sequence."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from vocation.modeling.tag_decoding import decode_tags, tag_names

NAMES = tag_names(["x", "y-z"])


def test_tag_names_are_outside_then_both_tags_of_each_type() -> None:
    assert NAMES == ["O", "B-x", "I-x", "B-y-z", "I-y-z"]


def legal(tags: tuple[str, ...]) -> bool:
    return all(tag[0] != "I" or before in (f"B{tag[1:]}", tag) for before, tag in pairwise(("O", *tags)))


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    exact = logits.astype(np.float64)
    return np.asarray(exact - np.log(np.exp(exact).sum(axis=1, keepdims=True)))


def best_by_trying(logits: NDArray[np.float32]) -> tuple[float, list[int]]:
    """The slow twin: the best score among all legal sequences, and its tags."""
    scores = log_softmax(logits)
    sequences = [s for s in product(range(len(NAMES)), repeat=len(logits)) if legal(tuple(NAMES[tag] for tag in s))]
    totals = [sum(scores[token, tag] for token, tag in enumerate(sequence)) for sequence in sequences]
    best = int(np.argmax(totals))
    return float(totals[best]), list(sequences[best])


def tags_of(found: list[tuple[int, int, str, float]], length: int) -> list[int]:
    tags = [0] * length
    for first, last, label, _ in found:
        tags[first:last] = [NAMES.index(f"I-{label}")] * (last - first)
        tags[first] = NAMES.index(f"B-{label}")
    return tags


@given(
    logits=st.integers(1, 4).flatmap(
        lambda tokens: arrays(np.float32, (tokens, len(NAMES)), elements=st.floats(-8, 8, width=32))
    )
)
def test_the_best_legal_sequence_is_found(logits: NDArray[np.float32]) -> None:
    found, confidence = decode_tags(logits, NAMES)
    tags = tags_of(found, len(logits))
    assert legal(tuple(NAMES[tag] for tag in tags))
    scores = log_softmax(logits)
    chosen = np.array([scores[token, tag] for token, tag in enumerate(tags)])
    best, _ = best_by_trying(logits)
    assert chosen.sum() == pytest.approx(best, abs=1e-9)
    assert confidence == pytest.approx(np.exp(chosen.min()), abs=1e-12)
    for first, last, _, probability in found:
        assert probability == pytest.approx(np.exp(chosen[first:last].mean()), abs=1e-12)


def test_an_illegal_favourite_gives_way_to_the_best_legal_sequence() -> None:
    logits = np.zeros((2, len(NAMES)), dtype=np.float32)
    logits[0, NAMES.index("O")], logits[0, NAMES.index("B-x")] = 2.0, 1.5
    logits[1, NAMES.index("I-x")] = 9.0
    greedy = tuple(NAMES[tag] for tag in logits.argmax(axis=1))
    assert not legal(greedy)
    found, _ = decode_tags(logits, NAMES)
    assert [entity[:3] for entity in found] == [(0, 2, "x")]


def test_a_sequence_never_begins_inside() -> None:
    logits = np.full((1, len(NAMES)), -5.0, dtype=np.float32)
    logits[0, NAMES.index("I-x")], logits[0, NAMES.index("B-y-z")] = 9.0, 1.0
    found, _ = decode_tags(logits, NAMES)
    assert [entity[:3] for entity in found] == [(0, 1, "y-z")]


def test_neighbouring_entities_of_one_type_stay_two() -> None:
    tags = [NAMES.index(name) for name in ("B-x", "B-x", "I-x", "O", "B-y-z")]
    found, _ = decode_tags(np.eye(len(NAMES), dtype=np.float32)[tags] * 30, NAMES)
    assert [entity[:3] for entity in found] == [(0, 1, "x"), (1, 3, "x"), (4, 5, "y-z")]


def test_extreme_logits_stay_finite() -> None:
    logits = np.full((40, len(NAMES)), -1e30, dtype=np.float32)
    logits[:, NAMES.index("I-x")] = 1e30
    found, confidence = decode_tags(logits, NAMES)
    assert [entity[:3] for entity in found] == [(0, 40, "x")]
    assert 0 <= confidence <= 1
