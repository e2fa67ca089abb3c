"""Compiled joining and comparing give what the plain ways give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocation.corpus.near_duplicates.clustering import _jaccard, _join, _similarities

PAIR = st.tuples(st.integers(0, 11), st.integers(1, 12), st.sampled_from([0.5, 0.7, 0.9, 1.0]))


@settings(deadline=None)  # The first example compiles.
@given(st.lists(PAIR, max_size=30, unique_by=lambda pair: pair[:2]))
def test_compiled_clusters_are_the_plain_clusters(given_pairs: list[tuple[int, int, float]]) -> None:
    chosen = sorted(pair for pair in given_pairs if pair[0] < pair[1])
    pairs = np.array([pair[:2] for pair in chosen], dtype=np.int64).reshape(-1, 2)
    similarity = np.array([pair[2] for pair in chosen], dtype=np.float64)
    plain, compiled = (_join(pairs, similarity, 13, compiled=way) for way in (False, True))
    assert plain.cluster.tolist() == compiled.cluster.tolist()
    assert plain.nearest.tolist() == compiled.nearest.tolist()
    assert plain.similarity.tolist() == compiled.similarity.tolist()


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("threads", [1, 3])
def test_compiled_similarities_are_the_plain_ones_at_the_threshold_or_above(threshold: float, threads: int) -> None:
    generator = np.random.default_rng(5)
    sets = [np.unique(generator.integers(0, 40, size)).astype(np.uint32) for size in generator.integers(0, 60, 200)]
    sets += [shingles.copy() for shingles in sets[:20]]
    bounds = np.cumsum([0, *map(len, sets)])
    left, right = generator.integers(0, len(sets), (2, 2000))
    left, right = np.append(left, np.arange(20)), np.append(right, np.arange(200, 220))
    filled = (np.diff(bounds)[left] > 0) & (np.diff(bounds)[right] > 0)
    left, right = left[filled], right[filled]
    shingles = np.concatenate(sets)
    plain = np.array([_jaccard(shingles, bounds, one, two) for one, two in zip(left, right, strict=True)])
    compiled = _similarities(shingles, bounds, (left, right), threshold, threads)
    near = plain >= threshold
    assert near.any()
    assert np.array_equal(compiled[near], plain[near])
    assert (compiled[~near] < threshold).all()
