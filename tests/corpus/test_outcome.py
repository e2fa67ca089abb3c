"""Whether a corpus can be trained on, and its summary."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vocation.corpus.formats.csv import Csv
from vocation.corpus.index import DROPPED, Index
from vocation.corpus.outcome import describe_file, describe_splits, require_splits
from vocation.corpus.reading import BrokenCells, SourceFile
from vocation.errors import DataError
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities

IndexOf = Callable[..., Index]
MADE = {"validation": False, "test": False}
GOOD = [("one", "a", "train"), ("two2", "b", "train"), ("three", "a", "test")]


def test_a_corpus_with_two_labels_in_train_passes(index_of: IndexOf) -> None:
    index = index_of(GOOD)
    require_splits(Classification(), index, index.given, MADE, "nothing")


def test_no_training_rows_are_refused_with_what_was_dropped(index_of: IndexOf) -> None:
    index = index_of(GOOD)
    split = np.full(3, DROPPED, dtype=np.int8)
    with pytest.raises(DataError, match="No training rows are left") as caught:
        require_splits(Classification(), index, split, MADE, "3 × empty text")
    assert caught.value.received == "3 rows after cleaning; dropped: 3 × empty text"


def test_an_empty_split_that_was_to_be_made_is_refused(index_of: IndexOf) -> None:
    index = index_of(GOOD)
    with pytest.raises(DataError, match="The validation split is empty") as caught:
        require_splits(Classification(), index, index.given, MADE | {"validation": True}, "nothing")
    assert "corpus.splitting.validation" in str(caught.value)
    assert "raise `corpus.deduplication.near.threshold`" in str(caught.value.remedy)
    assert "`corpus.deduplication.near: null`" in str(caught.value.remedy)


def test_a_given_split_whose_rows_are_all_gone_is_refused(index_of: IndexOf) -> None:
    index = index_of(GOOD)
    split = index.given.copy()
    split[2] = DROPPED
    with pytest.raises(DataError, match="The test split is empty") as caught:
        require_splits(Classification(), index, split, MADE, "1 × label is not in train")
    assert "give a test file whose rows can be used" in str(caught.value)
    assert "corpus.deduplication" not in str(caught.value)


def test_one_label_alone_is_refused(index_of: IndexOf) -> None:
    index = index_of([("one", "only", "train"), ("two", "only", "train")])
    with pytest.raises(DataError, match="All training rows have the same label") as caught:
        require_splits(Classification(), index, index.given, MADE, "nothing")
    assert caught.value.received == "only in 2 rows"


def test_training_rows_without_any_span_are_refused(entity_index_of: IndexOf) -> None:
    index = entity_index_of([[], []], split="train")
    with pytest.raises(DataError, match="No training row has a labelled span"):
        require_splits(Entities(), index, index.given, MADE, "nothing")
    one_type = entity_index_of([["Disease"], []], split="train")
    require_splits(Entities(), one_type, one_type.given, MADE, "nothing")


def test_splits_are_described_by_rows_lengths_and_labels(index_of: IndexOf) -> None:
    index = index_of([*GOOD, ("free", None, "unlabelled")])
    assert describe_splits(index, index.given) == {
        "train": {
            "records": 2,
            "characters": {"mean": 3.5, "median": 3.5, "p95": 4.0, "max": 4},
            "labels": {"a": 1, "b": 1},
        },
        "test": {"records": 1, "characters": {"mean": 5.0, "median": 5.0, "p95": 5.0, "max": 5}, "labels": {"a": 1}},
        "unlabelled": {"records": 1, "characters": {"mean": 4.0, "median": 4.0, "p95": 4.0, "max": 4}, "labels": {}},
    }


def test_a_file_is_described_by_its_encoding_size_and_hash(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("text,label\n你好你好你好,是\n".encode("gb18030"))
    described = describe_file(SourceFile(0, Csv(path="a.csv", split="test"), path, "a.csv"), 1, BrokenCells(2, 7))
    digest = described.pop("sha256")
    assert len(digest) == 64
    assert described == {
        "path": "a.csv",
        "format": "csv",
        "encoding": "gb18030",
        "rows": 1,
        "bytes": 27,
        "split": "test",
        "line_ends": {"crlf": 0, "lf": 2, "cr": 0},
        "broken_cells": {"rows": 2, "first": 7},
    }
