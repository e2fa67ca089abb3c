"""The format `jsonl`."""

from __future__ import annotations

from pathlib import Path

import pytest

from vocation.corpus.formats.jsonl import Jsonl
from vocation.records import Row


def read(tmp_path: Path, content: str) -> list[Row]:
    path = tmp_path / "a.jsonl"
    path.write_text(content, encoding="utf-8")
    return list(Jsonl(path="a.jsonl").rows(path))


def test_values_keep_their_types(tmp_path: Path) -> None:
    rows = read(tmp_path, '{"text": "中\\u2028文", "spans": [[0, 1, "X"]], "n": 3}\n\n{"text": null}\n')
    assert [(row.number, row.fields) for row in rows] == [
        (1, {"text": "中\u2028文", "spans": [[0, 1, "X"]], "n": 3}),
        (3, {"text": None}),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"text": "a" "b"}', "not valid JSON: Expecting ',' delimiter at character 14"),
        ('{"text": "open', "not valid JSON: Unterminated string starting at character 10"),
        ('[{"text": "a"}]', "not a JSON object, it is an array"),
        ('"text"', "not a JSON object, it is a string"),
        ("null", "not a JSON object, it is null"),
        ("true", "not a JSON object, it is a truth value"),
        ('{"text": "\\ud83d"}', "half of a surrogate pair"),
        ("[" * 100_000, "nests too deeply"),
    ],
)
def test_a_line_that_is_no_object_is_faulty_and_the_rest_is_read(tmp_path: Path, line: str, problem: str) -> None:
    rows = read(tmp_path, f'{{"text": "good"}}\n{line}\n{{"text": "also"}}\n')
    assert [row.fault is None for row in rows] == [True, False, True]
    fault = rows[1].fault
    assert fault is not None
    assert problem in fault.problem
    assert fault.row == 2
    assert fault.remedy


def test_a_whole_surrogate_pair_is_a_character(tmp_path: Path) -> None:
    assert read(tmp_path, '{"text": "\\ud83d\\ude00"}\n')[0].fields == {"text": "😀"}


def test_an_excerpt_of_the_line_is_short(tmp_path: Path) -> None:
    fault = read(tmp_path, '{"text": "' + "x" * 500 + '" oops}\n')[0].fault
    assert fault is not None
    assert fault.received is not None
    assert len(fault.received) < 60
