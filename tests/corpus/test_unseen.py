"""Labels that are tested and were never learned."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from vocation.corpus.index import Index
from vocation.corpus.unseen import unseen_labels
from vocation.errors import DataError

IndexOf = Callable[..., Index]
ROWS = [
    ("a", "card", "train"),
    ("b", "cash", "train"),
    ("c", "card", "validation"),
    ("d", "crad", "test"),
    ("e", "new", "test"),
]


def test_a_label_that_train_does_not_have_is_refused_with_the_nearest(index_of: IndexOf) -> None:
    index = index_of(ROWS)
    with pytest.raises(
        DataError, match=r"row 5: The label 'crad' in test never occurs in train\. Did you mean 'card'"
    ) as caught:
        unseen_labels(index, index.given, "refuse")
    assert caught.value.received == "'crad'; 2 rows have such labels"
    assert caught.value.allowed == "the 2 labels of train: card, cash"


def test_long_labels_are_cut_in_the_message(index_of: IndexOf) -> None:
    index = index_of([("a", "x" * 90, "train"), ("b", "y", "train"), ("c", "x" * 80, "test")])
    with pytest.raises(DataError, match=f"Did you mean '{'x' * 60}'") as caught:
        unseen_labels(index, index.given, "refuse")
    assert "x" * 61 not in str(caught.value)


def test_rows_with_such_labels_are_dropped_on_demand(index_of: IndexOf) -> None:
    index = index_of(ROWS)
    verdict = unseen_labels(index, index.given, "drop")
    assert verdict is not None
    assert (verdict.action, verdict.rows.tolist()) == ("dropped", [3, 4])
    assert verdict.detail(4) == "new"


def test_labels_that_train_has_are_fine(index_of: IndexOf) -> None:
    index = index_of(ROWS[:3])
    assert unseen_labels(index, index.given, "refuse") is None
