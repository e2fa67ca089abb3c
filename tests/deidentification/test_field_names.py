"""Identifiers in names of columns and keys of objects: refused, and ordinary names left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vocation.deidentification.field_names import FieldNames
from vocation.deidentification.settings import Deidentification
from vocation.errors import DataError
from vocation.records import Row


def look(fields: dict[str, Any], *, table: bool = False, **settings: Any) -> None:
    FieldNames(Deidentification(**settings), Path("notes"), table=table).look(Row(7, fields))


@pytest.mark.parametrize(
    "names",
    [
        ("张伟", "13812345678"),
        ("Ann", "ann@bank.com"),
        ("张伟", "28", "男"),
        ("a", "患者张三"),
        ("x", "110101199003070652"),
    ],
)
def test_a_first_line_that_is_data_is_refused_without_telling_it(names: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match=r"(?s)row 1: The first line looks like data.*name the columns") as told:
        look(dict.fromkeys(names, "x"), table=True)
    assert not [name for name in names if len(name) > 3 and name in str(told.value)]


@pytest.mark.parametrize(
    "fields",
    [
        {"13812345678": "x"},
        {"people": {"ann@bank.com": 1}},
        {"people": [{"x": [{"13812345678": None}]}]},
    ],
)
def test_a_key_that_is_an_identifier_is_refused_at_any_depth(fields: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=r"(?s)row 7: A key holds an identifier.*as values") as told:
        look(fields)
    assert "13812345678" not in str(told.value)


@pytest.mark.parametrize(
    "names",
    [
        ("姓名", "电话", "身份证号", "住址", "出生日期", "白蛋白", "高血压", "单位"),
        ("name", "Mobile Phone", "Billing Street", "account number", "Grace Period", "Grade", "Rose"),
        ("China", "United Kingdom", "Grace Period", "2019", "2020", "http://schema.org/name", "1", "2"),
    ],
)
def test_ordinary_names_are_left_alone(names: tuple[str, ...]) -> None:
    look(dict.fromkeys(names, "13812345678"), table=True)


def test_a_kept_category_may_stand_in_a_key() -> None:
    look({"13812345678": "x"}, keep=("PHONE_NUMBER",))


def test_names_of_later_rows_are_looked_at_too() -> None:
    names = FieldNames(Deidentification(), Path("notes"), table=False)
    names.look(Row(1, {"a": "x"}))
    with pytest.raises(DataError, match="row 2"):
        names.look(Row(2, {"a": "x", "13812345678": "x"}))
