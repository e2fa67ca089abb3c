"""Rows divided by chance."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from pydantic import ValidationError

from vocation.corpus.index import TEST, VALIDATION, Index
from vocation.corpus.splits.random import Random
from vocation.corpus.splitting import divide

IndexOf = Callable[..., Index]


def distance(index: Index, masks: Sequence[tuple[np.ndarray, float]]) -> float:
    """Mean distance of each label's share from the share that it should have."""
    totals = index.label_counts(np.ones(len(index), dtype=np.bool_))
    return float(np.mean([np.abs(index.label_counts(mask) / totals - share).mean() for mask, share in masks]))


@pytest.mark.parametrize("seed", range(3))
def test_rows_of_several_labels_are_stratified_far_better_than_by_chance(entity_index_of: IndexOf, seed: int) -> None:
    chance = random.Random(seed)
    weights = [2.0 ** -(place / 2) for place in range(12)]
    index = entity_index_of(
        [[f"L{label}" for label in chance.choices(range(12), weights, k=chance.randint(0, 4))] for _ in range(600)]
    )
    found = []
    for stratified in (True, False):
        settings = Random(seed=seed, stratified=stratified, rare_labels="train")
        split = divide(index, np.ones(len(index), dtype=np.bool_), settings).split
        found.append(distance(index, [(split == VALIDATION, 0.1), (split == TEST, 0.2)]))
    assert found[0] < 0.35 * found[1]


def test_shares_that_leave_nothing_for_train_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"validation 0\.5 and test 0\.5 leave nothing for train"):
        Random(validation=0.5, test=0.5)
