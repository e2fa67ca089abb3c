"""Labels that one unit alone holds, and labels that would be tested without being learned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from vocation.corpus.index import TEST, TRAIN, VALIDATION, Index
from vocation.corpus.rare_labels import rare_units, teach_every_label
from vocation.corpus.splits import Pool
from vocation.corpus.units import gather
from vocation.errors import DataError

IndexOf = Callable[..., Index]


def pool_of(index: Index, known: tuple[str, ...] = ()) -> Pool:
    rows = np.arange(len(index))
    units = gather(index, rows, 0)
    is_known = np.array([label in known for label in index.labels])
    return Pool(index, rows, units, {TRAIN: 1.0}, np.zeros(len(units), dtype=np.bool_), is_known)


def test_units_of_rare_labels_are_named_unless_other_training_rows_have_the_label(entity_index_of: IndexOf) -> None:
    index = entity_index_of([["A"], ["A", "B"], ["C", "C"], ["A"]])
    pool = pool_of(index)
    found = rare_units(pool, "train")
    assert sorted(np.flatnonzero(found[pool.units.of]).tolist()) == [1, 2]
    assert np.flatnonzero(rare_units(pool_of(index, ("B", "C")), "train")).tolist() == []


def test_rare_labels_are_refused_with_how_many_there_are(entity_index_of: IndexOf) -> None:
    with pytest.raises(
        DataError, match=r"row 2: The label 'B' stands in one row alone .* \(2 labels are so\)"
    ) as caught:
        rare_units(pool_of(entity_index_of([["A"], ["B", "B", "C"], ["A"]])), "refuse")
    assert "2 occurrence of 'B'" in str(caught.value)


def test_only_givers_give_to_train_and_only_as_many_as_are_needed(entity_index_of: IndexOf) -> None:
    pool = pool_of(entity_index_of([["A"], ["A"], ["A"], ["B"], ["B"]]))
    row_of_unit = np.argsort(pool.units.of)
    split = np.array([VALIDATION, TEST, VALIDATION, TEST, VALIDATION], dtype=np.int8)[row_of_unit]
    teach_every_label(pool, split, split == VALIDATION)
    by_row = split[pool.units.of].tolist()
    assert by_row[3:] == [TEST, TRAIN]
    assert by_row[1] == TEST
    assert sorted([by_row[0], by_row[2]]) == [TRAIN, VALIDATION]
