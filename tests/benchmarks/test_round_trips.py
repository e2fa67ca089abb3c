"""The measurement of round trips: it sees what comes back otherwise, what is refused, and what has no place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks.corpus import round_trips
from benchmarks.corpus.real_sets import SETS
from benchmarks.corpus.round_trips import FORMATS, RESULTS, page, round_trip
from vocation.component import kinds
from vocation.corpus import json_rows
from vocation.corpus.formats import WritableFormat
from vocation.corpus.formats.jsonl import Jsonl

SPAN = {"start": 2, "end": 4, "label": "X"}
ROWS: list[dict[str, Any]] = [
    {"text": "患者头痛 a", "spans": [{**SPAN, "start": 0}, SPAN], "label": "x"},
    {"text": "two\nlines", "spans": [], "label": "y"},
]


def test_every_format_that_can_be_written_is_measured() -> None:
    found = kinds("vocation.corpus.formats").items()
    assert sorted(FORMATS) == [kind for kind, component in found if issubclass(component, WritableFormat)]


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl", "parquet", "label_studio", "doccano", "brat"])
def test_rows_come_back_equal(tmp_path: Path, kind: str) -> None:
    found = round_trip(kind, ROWS, tmp_path)
    assert (found["rows"], found["written"], found["equal"], found["refused"]) == (2, 2, 2, {})
    assert found["left_out"] == (["label"] if kind == "brat" else [])


def test_rows_that_a_format_cannot_keep_are_counted_and_the_others_written(tmp_path: Path) -> None:
    more = [ROWS[1], {"text": "a b", "spans": [], "label": "x"}, ROWS[1], ROWS[1]]
    found = round_trip("conll", more, tmp_path)
    assert (found["written"], found["equal"], found["left_out"]) == (1, 1, ["label"])
    assert list(found["refused"].values()) == [3]


def test_a_row_that_comes_back_otherwise_is_not_equal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(self: Jsonl, path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
        changed = (row if number else {**row, "label": "z"} for number, row in enumerate(rows))
        return json_rows.write_lines(path, changed)

    monkeypatch.setattr(Jsonl, "write", forgetful)
    found = round_trip("jsonl", ROWS, tmp_path)
    assert (found["written"], found["equal"]) == (2, 1)
    assert "z" in found["example"][0]


def test_the_committed_table_is_of_every_set_and_has_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert list(results["sets"]) == list(SETS)
    for measured in results["sets"].values():
        assert list(measured) == list(FORMATS)
        assert all(trip["written"] == trip["equal"] for trip in measured.values())
    lines = page(results)
    assert sum(line.count("✓") for line in lines) > 80
    results["sets"]["banking77"]["csv"]["equal"] -= 1
    assert any("**13,082 of 13,083**" in line for line in page(results))
    assert round_trips.NEEDED["alpaca"] == "messages"
