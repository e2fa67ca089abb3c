"""Errors say what was wrong, where, what was received and allowed, and what to do."""

from __future__ import annotations

import inspect

import pytest

from vocation import errors
from vocation.errors import DataError, MissingExtraError, VocationError, did_you_mean, nearest


def test_every_error_has_one_root_and_stands_in_the_tree_of_the_docstring() -> None:
    found = {
        name: value for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)
    }
    assert len(found) == 9
    assert all(issubclass(value, VocationError) and name in (errors.__doc__ or "") for name, value in found.items())


def test_a_data_error_tells_everything_it_knows() -> None:
    error = DataError(
        "the label is missing",
        file="data/train.csv",
        row=17,
        column="label",
        received="''",
        allowed="a string",
        remedy="correct the row",
    )
    assert str(error).splitlines() == [
        "data/train.csv, row 17, column 'label': the label is missing",
        "  received: ''",
        "  allowed: a string",
        "  what to do: correct the row",
    ]


def test_a_data_error_leaves_out_what_it_does_not_know() -> None:
    assert str(DataError("the file is empty")) == "the file is empty"
    assert str(DataError("the file is empty", file="a.csv")) == "a.csv: the file is empty"


def test_a_place_is_added_by_whoever_knows_it() -> None:
    error = DataError("wrong", column="text", received="5", allowed="a string", remedy="mend it")
    placed = error.at("a.csv", 3)
    assert str(placed).splitlines()[0] == "a.csv, row 3, column 'text': wrong"
    assert str(placed).splitlines()[1:] == str(error).splitlines()[1:]
    assert str(error).splitlines()[0] == "column 'text': wrong"


def test_a_missing_package_names_the_extra_that_brings_it() -> None:
    assert "pip install 'vocation[serving]'" in str(MissingExtraError("fastapi", "serving"))


@pytest.mark.parametrize(
    ("name", "match"),
    [("lable", "label"), ("LABEL", "label"), ("learnig_rate", "learning_rate"), ("zzz", None), ("", None)],
)
def test_the_nearest_name_is_offered_when_one_is_near(name: str, match: str | None) -> None:
    allowed = ["label", "learning_rate", "Text"]
    assert nearest(name, allowed) == match
    assert did_you_mean(name, allowed) == (f" Did you mean {match!r}?" if match else "")


def test_the_nearest_name_is_given_as_it_is_written() -> None:
    assert nearest("text", ["Text", "label"]) == "Text"
    assert nearest("text", []) is None
