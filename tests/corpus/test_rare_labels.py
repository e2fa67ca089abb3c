"""Labels that one unit alone holds, and labels that would be tested without being learned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from vocation.corpus.index import TEST, TRAIN, VALIDATION, Index, with_clusters
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
    assert caught.value.received == "2 occurrences of 'B'"
    assert "corpus.deduplication" not in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "received"),
    [
        ("rrr", "3 occurrences of 'r' in 3 rows that stay together"),
        ("rab", "1 occurrence of 'r' in 3 rows that stay together"),
    ],
    ids=["all of the group", "one row of it"],
)
def test_a_label_in_one_group_is_refused_as_such_with_how_to_part_it(
    index_of: IndexOf, labels: str, received: str
) -> None:
    rows = [(f"text {place}", "ab"[place % 2]) for place in range(20)]
    rows += [(f"form {place}", label) for place, label in enumerate(labels)]
    index = index_of(rows)
    cluster = np.arange(len(index))
    cluster[20:] = 20
    with pytest.raises(DataError, match="'r' stands in one group of rows that stay together and cannot") as caught:
        rare_units(pool_of(with_clusters(index, cluster)), "refuse")
    assert caught.value.received == received
    assert "raise `corpus.deduplication.near.threshold`" in str(caught.value.remedy)
    assert "`corpus.deduplication.near: null`" in str(caught.value.remedy)


def test_a_column_of_numbers_is_asked_about(index_of: IndexOf) -> None:
    numbers = index_of([(f"text {place}", f"{place / 7:.3f}") for place in range(300)])
    with pytest.raises(DataError, match=r"'0.000' stands in one row alone .* \(300 labels are so\)") as caught:
        rare_units(pool_of(numbers), "refuse")
    assert str(caught.value.remedy).startswith(
        "are these labels? the column holds 300 values in 300 rows: check which column is read"
    )


@pytest.mark.parametrize(("alone", "asked"), [(10, False), (11, True)])
def test_labels_are_asked_about_where_more_than_half_of_the_rows_have_their_own(
    index_of: IndexOf, alone: int, asked: bool
) -> None:
    index = index_of([(f"text {place}", f"own {place}" if place < alone else "shared") for place in range(20)])
    with pytest.raises(DataError) as caught:
        rare_units(pool_of(index), "refuse")
    assert ("are these labels?" in str(caught.value.remedy)) is asked
    assert "label more rows" in str(caught.value.remedy)


def test_only_givers_give_to_train_and_only_as_many_as_are_needed(entity_index_of: IndexOf) -> None:
    pool = pool_of(entity_index_of([["A"], ["A"], ["A"], ["B"], ["B"]]))
    row_of_unit = np.argsort(pool.units.of)
    split = np.array([VALIDATION, TEST, VALIDATION, TEST, VALIDATION], dtype=np.int8)[row_of_unit]
    teach_every_label(pool, split, split == VALIDATION)
    by_row = split[pool.units.of].tolist()
    assert by_row[3:] == [TEST, TRAIN]
    assert by_row[1] == TEST
    assert sorted([by_row[0], by_row[2]]) == [TRAIN, VALIDATION]
