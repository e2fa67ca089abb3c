"""Rows divided by time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from vocation.corpus.index import TEST, TRAIN, VALIDATION, Index, with_clusters
from vocation.corpus.splits.time import Time
from vocation.corpus.splitting import Splits, divide
from vocation.errors import DataError

IndexOf = Callable[..., Index]
Row = tuple[str | None, ...]


def run(index: Index, **settings: Any) -> Splits:
    return divide(index, np.ones(len(index), dtype=np.bool_), Time(**settings))


def days(count: int, split: str | None = None) -> list[Row]:
    """One row a day, the newest first."""
    return [(f"t{place}", "a", split, None, f"{3000 - place}") for place in range(count)]


@given(st.lists(st.integers(0, 30), min_size=20, max_size=100))
def test_every_test_row_is_newer_than_every_validation_row_and_these_than_train(
    index_of: IndexOf, times: list[int]
) -> None:
    index = index_of([(f"t{place}", "a", None, None, f"{1900 + time}") for place, time in enumerate(times)])
    if len(set(times)) < 3:
        with pytest.raises(DataError, match="cannot be split by time"):
            run(index)
        return
    split = run(index).split
    train, validation, test = (index.time[split == code] for code in (TRAIN, VALIDATION, TEST))
    assert train.max() < validation.min() <= validation.max() < test.min()


def test_the_newest_share_is_tested_and_the_manifest_says_from_when(index_of: IndexOf) -> None:
    splits = run(index_of(days(50)))
    assert splits.split.tolist() == [TEST] * 10 + [VALIDATION] * 5 + [TRAIN] * 35
    assert splits.details == {
        "validation_from": "2986-01-01T00:00:00",
        "test_from": "2991-01-01T00:00:00",
        "newer_than_border": 0,
    }
    assert splits.verdicts == []


def test_rows_of_one_time_stay_together_at_the_border_nearest_to_the_share(index_of: IndexOf) -> None:
    times = ["2020"] * 60 + ["2021"] * 15 + ["2022"] * 22 + ["2023"] * 3
    split = run(index_of([(f"t{place}", "a", None, None, time) for place, time in enumerate(times)])).split
    assert split.tolist() == [TRAIN] * 60 + [VALIDATION] * 15 + [TEST] * 25


@pytest.mark.parametrize("tie", ["group", "cluster"])
def test_what_spans_a_border_stays_on_the_older_side_and_is_counted(index_of: IndexOf, tie: str) -> None:
    rows = days(50)
    for place in (2, 12, 40):  # Test, validation and train by their times.
        rows[place] = (*rows[place][:3], "g" if tie == "group" else None, rows[place][4])
    index = index_of(rows)
    if tie == "cluster":
        near = np.arange(50)
        near[[12, 40]] = 2
        index = with_clusters(index, near)
    splits = run(index)
    assert [int(splits.split[place]) for place in (2, 12, 40)] == [TRAIN] * 3
    (verdict,) = splits.verdicts
    assert (verdict.action, verdict.reason) == ("reported", "newer than the border of its split")
    assert verdict.rows.tolist() == [2, 12]
    assert verdict.detail(2).startswith("from 2998-01-01T00:00:00; ")
    assert splits.details["newer_than_border"] == 2


def test_a_validation_group_with_test_times_stays_in_validation(index_of: IndexOf) -> None:
    rows = days(50)
    for place in (2, 12):
        rows[place] = (*rows[place][:3], "g", rows[place][4])
    splits = run(index_of(rows))
    assert [int(splits.split[place]) for place in (2, 12)] == [VALIDATION] * 2
    assert splits.verdicts[0].rows.tolist() == [2]


def test_a_row_without_a_time_is_refused_with_its_place_or_trained_on(index_of: IndexOf) -> None:
    index = index_of([*days(30), ("undated", "a")])
    with pytest.raises(DataError, match=r"data\.csv, row 32, column 'time': The row has no time") as caught:
        run(index)
    assert "1 rows without a time, of 31" in str(caught.value)
    assert "columns: {time: …}" in str(caught.value)
    splits = run(index, undated="train")
    assert splits.split[30] == TRAIN
    assert set(splits.split[:30].tolist()) == {TRAIN, VALIDATION, TEST}


def test_given_rows_need_no_time(index_of: IndexOf) -> None:
    splits = run(index_of([*days(30), ("given", "a", "train"), ("tested", "a", "test")]))
    assert splits.split[30:].tolist() == [TRAIN, TEST]
    assert splits.made == {"validation": True, "test": False}
    assert np.flatnonzero(splits.split[:30] == VALIDATION).tolist() == [0, 1, 2]


def test_validation_is_the_newest_of_given_train_rows(index_of: IndexOf) -> None:
    assert np.flatnonzero(run(index_of(days(30, "train"))).split == VALIDATION).tolist() == [0, 1, 2]


def test_rows_of_too_few_times_are_refused(index_of: IndexOf) -> None:
    index = index_of([(f"t{place}", "a", None, None, f"{2020 + place % 2}") for place in range(30)])
    with pytest.raises(DataError, match="cannot be split by time") as caught:
        run(index)
    assert "2 different times" in str(caught.value)
    assert set(run(index, validation=0, test=0.5).split.tolist()) == {TRAIN, TEST}


def test_shares_that_leave_nothing_for_train_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"leave nothing for train"):
        Time(validation=0.5, test=0.5)
