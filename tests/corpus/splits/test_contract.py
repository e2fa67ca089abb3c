"""What holds for every kind of splitting: nothing straddles, every row is placed, the order of reading is nothing."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vocation.component import kinds
from vocation.corpus.index import TEST, TRAIN, VALIDATION, Index, connected, with_clusters
from vocation.corpus.splits import Splitting
from vocation.corpus.splitting import divide
from vocation.errors import DataError

IndexOf = Callable[..., Index]
KINDS = ("folds", "random", "time")
rows = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from("ab"), st.none() | st.integers(0, 60), st.integers(1, 28)),
    min_size=30,
)


def splitting(kind: str, **settings: Any) -> Splitting:
    if "rare_labels" not in kinds("vocation.corpus.splits")[kind].model_fields:
        settings.pop("rare_labels", None)
    made = kinds("vocation.corpus.splits")[kind](**settings)
    assert isinstance(made, Splitting)
    return made


def split_of(index: Index, settings: Splitting) -> NDArray[np.int8]:
    return divide(index, np.ones(len(index), dtype=np.bool_), settings).split


def test_the_kinds_tried_here_are_all_there_are() -> None:
    assert tuple(kinds("vocation.corpus.splits")) == KINDS


@pytest.mark.parametrize("kind", KINDS)
@given(drawn=rows, near=st.lists(st.integers(0, 200), min_size=61, max_size=61), seed=st.integers(0, 5))
def test_clusters_texts_and_groups_never_straddle_and_every_row_is_placed(
    index_of: IndexOf, kind: str, drawn: list[tuple[int, str, int | None, int]], near: list[int], seed: int
) -> None:
    index = index_of(
        [(f"t{text}", label, None, group and f"g{group}", f"2023-05-{day:02}") for text, label, group, day in drawn]
    )
    index = with_clusters(index, np.array([near[text] for text, *_ in drawn]))
    settings = splitting(kind, validation=0.15, seed=seed, rare_labels="train")
    try:
        split = split_of(index, settings)
    except DataError:
        units = connected(index.cluster, index.group)
        assert len(np.unique(units)) < 10, "there was enough to divide"
        return
    assert set(split.tolist()) <= {TRAIN, VALIDATION, TEST}
    for numbers in (index.text, index.cluster, index.group):
        sides = defaultdict(set)
        for number, side in zip(numbers.tolist(), split.tolist(), strict=True):
            if number >= 0:
                sides[number].add(side)
        assert all(len(found) == 1 for found in sides.values())


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 3), shuffle=st.randoms(use_true_random=False))
def test_the_division_does_not_depend_on_the_order_of_reading(
    index_of: IndexOf, kind: str, seed: int, shuffle: random.Random
) -> None:
    given_rows = [
        (f"t{place // 2}", "abc"[place % 3], None, f"g{place // 3}", f"2023-05-{1 + place // 5}") for place in range(90)
    ]
    found = []
    for order in (given_rows, shuffle.sample(given_rows, len(given_rows))):
        index = index_of(order)
        index.order[:] = [crc32(f"{row[0]} {row[1]}".encode()) for row in order]
        split = split_of(index, splitting(kind, seed=seed))
        found.append(dict(zip(order, split.tolist(), strict=True)))
    assert found[0] == found[1]


@pytest.mark.parametrize("kind", KINDS)
@given(count=st.integers(60, 300), validation=st.sampled_from([0.1, 0.2]))
def test_shares_are_kept(index_of: IndexOf, kind: str, count: int, validation: float) -> None:
    index = index_of(
        [(f"t{place}", "aab"[place % 3], None, None, f"{1000 + place * 7 % 997}") for place in range(count)]
    )
    settings = splitting(kind, validation=validation)
    split = split_of(index, settings)
    for code, share in ((VALIDATION, validation), (TEST, settings.test_share)):
        assert abs(np.count_nonzero(split == code) - share * count) <= 4


@pytest.mark.parametrize("kind", KINDS)
def test_a_division_without_validation_has_none(index_of: IndexOf, kind: str) -> None:
    index = index_of([(f"t{place}", "ab"[place % 2], None, None, f"{1000 + place}") for place in range(50)])
    assert set(split_of(index, splitting(kind, validation=0)).tolist()) == {TRAIN, TEST}
