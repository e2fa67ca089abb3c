"""The limit on training rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus import sampling
from vocation.corpus.index import DROPPED, TRAIN, Index
from vocation.corpus.sampling import beyond_limit
from vocation.errors import RecipeError

IndexOf = Callable[..., Index]


def kept(index: Index, limit: int, seed: int = 0) -> set[int]:
    verdict = beyond_limit(index, index.given, limit, seed)
    assert verdict is not None
    return set(np.flatnonzero(index.given == TRAIN).tolist()) - set(verdict.rows.tolist())


def test_labels_keep_their_shares(index_of: IndexOf) -> None:
    index = index_of([(f"t{n}", "aaaaaabbbc"[n % 10], "train") for n in range(200)] + [("test", "a", "test")])
    mask = np.zeros(len(index), dtype=np.bool_)
    mask[list(kept(index, 40))] = True
    assert np.abs(index.label_counts(mask) - [24, 12, 4]).max() <= 1
    assert not mask[-1]


@given(small=st.integers(4, 20), more=st.integers(0, 20), seed=st.integers(0, 3))
def test_a_larger_limit_keeps_all_of_a_smaller_one(index_of: IndexOf, small: int, more: int, seed: int) -> None:
    index = index_of([(f"t{n}", "aabc"[n % 4], "train") for n in range(60)])
    assert len(kept(index, small, seed)) == small
    assert kept(index, small, seed) <= kept(index, small + more, seed)


def test_every_label_stays(entity_index_of: IndexOf) -> None:
    index = entity_index_of([["A"]] * 30 + [["A", "B"], ["B", "C"], ["C"], [], []], split="train")
    mask = np.zeros(len(index), dtype=np.bool_)
    mask[list(kept(index, 3))] = True
    assert (index.label_counts(mask) > 0).all()


@given(st.lists(st.lists(st.integers(0, 6), max_size=4), min_size=1, max_size=25))
def test_the_rarest_label_of_a_row_is_the_one_that_a_plain_search_finds(
    entity_index_of: IndexOf, drawn: list[list[int]]
) -> None:
    index = entity_index_of([[f"L{label}" for label in labels] for labels in drawn], split="train")
    rows = np.arange(len(drawn))[::-1]
    totals = index.label_counts(np.ones(len(drawn), dtype=np.bool_))
    slow = [min(index.labels_of(row).tolist(), key=lambda label: (totals[label], label), default=-1) for row in rows]
    assert sampling._rarest(index, rows, totals).tolist() == slow
    first = sampling._one_of_each_label(index, rows, totals)
    assert {label for row in rows[first] for label in index.labels_of(row)} == set(index.label.tolist())
    assert first.sum() <= len(index.labels)


def test_a_limit_that_cannot_hold_every_label_is_refused(index_of: IndexOf) -> None:
    index = index_of([(f"t{n}", "abc"[n % 3], "train") for n in range(30)])
    with pytest.raises(RecipeError, match=r"corpus\.limit: 2 training rows cannot hold all 3 labels\.\n.*set it to 3"):
        beyond_limit(index, index.given, 2, 0)


@pytest.mark.parametrize("limit", [None, 30, 99])
def test_no_limit_and_a_large_one_leave_everything(index_of: IndexOf, limit: int | None) -> None:
    index = index_of([(f"t{n}", "a", "train") for n in range(30)])
    assert beyond_limit(index, index.given, limit, 0) is None


def test_rows_that_are_dropped_already_do_not_count(index_of: IndexOf) -> None:
    index = index_of([(f"t{n}", "a", "train") for n in range(30)])
    split = index.given.copy()
    split[:20] = DROPPED
    assert beyond_limit(index, split, 10, 0) is None
