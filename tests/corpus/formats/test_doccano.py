"""The format `doccano`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus.formats.doccano import Doccano
from vocation.errors import DataError
from vocation.records import Row

TEXT = "胃😀痛 and gout"


def read(tmp_path: Path, *objects: Any, **settings: Any) -> list[Row]:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(item) + "\n" for item in objects), encoding="utf-8")
    return list(Doccano(path="a.jsonl", **settings).rows(path))


def written(path: Path, rows: list[dict[str, Any]], **settings: Any) -> list[dict[str, Any]]:
    component = Doccano(path="x", **settings)
    assert component.write(path, rows) == len(rows)
    return [dict(row.fields) for row in component.rows(path) if row.fault is None]


def span(start: int, end: int, label: str = "X", **more: str) -> dict[str, Any]:
    return {"start": start, "end": end, "label": label, **more}


@pytest.mark.parametrize(
    "labels",
    [
        {"label": [[2, 3, "S"]]},
        {"labels": [[2, 3, "S"]]},
        {"entities": [[2, 3, "S"]]},
        {"entities": [{"id": 4, "label": "S", "start_offset": 2, "end_offset": 3}], "relations": []},
        {"annotations": [{"label": "S", "start_offset": 2, "end_offset": 3, "user": 1}]},
    ],
)
def test_spans_of_every_version_are_read(tmp_path: Path, labels: dict[str, Any]) -> None:
    (row,) = read(tmp_path, {"id": 7, "text": TEXT, "Comments": [], **labels})
    assert row.fault is None
    assert row.fields == {"id": 7, "text": TEXT, "Comments": [], "spans": [span(2, 3, "S")]}


@pytest.mark.parametrize(
    ("labels", "fields"),
    [
        ({"label": ["sport"]}, {"label": "sport"}),
        ({"label": ["sport", "war"]}, {"label": ["sport", "war"]}),
        ({"labels": "sport"}, {"label": "sport"}),
        ({"cats": ["order"], "entities": [[0, 1, "S"]]}, {"label": "order", "spans": [span(0, 1, "S")]}),
        ({"cats": [], "entities": []}, {"spans": []}),
        ({"label": []}, {"spans": []}),
        ({}, {}),
    ],
)
def test_categories_become_the_label(tmp_path: Path, labels: dict[str, Any], fields: dict[str, Any]) -> None:
    (row,) = read(tmp_path, {"data": TEXT, **labels})
    assert row.fault is None
    assert row.fields == {"text": TEXT, **fields}


def test_relations_are_kept_with_the_ids_of_their_spans(tmp_path: Path) -> None:
    entities = [
        {"id": 1662, "label": "S", "start_offset": 0, "end_offset": 1},
        {"id": 1663, "label": "S", "start_offset": 2, "end_offset": 3},
    ]
    relations = [{"id": 273, "from_id": 1662, "to_id": 1663, "type": "of"}]
    (row,) = read(tmp_path, {"text": TEXT, "entities": entities, "relations": relations})
    assert row.fields["spans"] == [span(0, 1, "S", id="1662"), span(2, 3, "S", id="1663")]
    assert row.fields["relations"] == [{"id": "273", "from_id": "1662", "to_id": "1663", "type": "of"}]
    path = tmp_path / "out.jsonl"
    assert written(path, [dict(row.fields)]) == [row.fields]
    assert json.loads(path.read_text(encoding="utf-8"))["relations"] == relations


def test_offsets_may_count_utf16_units(tmp_path: Path) -> None:
    (row,) = read(tmp_path, {"text": TEXT, "label": [[3, 4, "S"]]}, offsets="utf16")
    assert row.fields["spans"] == [span(2, 3, "S")]
    assert written(tmp_path / "b.jsonl", [dict(row.fields)], offsets="utf16") == [row.fields]
    assert '"label": [[3, 4, "S"]]' in (tmp_path / "b.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ({"text": TEXT, "label": [[0, 99, "S"]]}, "does not lie in its text"),
        ({"text": TEXT, "label": [[3, 3, "S"]]}, "span is empty"),
        ({"text": TEXT, "label": [[0, 1]]}, "not [start, end, label]"),
        ({"text": TEXT, "label": [[0, 1, 5]]}, "no whole offsets or no label"),
        ({"text": TEXT, "label": [["0", 1, "S"]]}, "no whole offsets or no label"),
        ({"text": TEXT, "label": [[0, 1, "S"], "sport"]}, "not those of doccano"),
        ({"text": TEXT, "label": [3]}, "not those of doccano"),
        ({"text": TEXT, "label": {"a": 1}}, "not those of doccano"),
        ({"text": TEXT, "label": [[0, 1, "S"]], "entities": [[2, 3, "S"]]}, "not those of doccano"),
        ({"text": TEXT, "entities": [], "relations": [{"id": 1}]}, "relation is not one of doccano"),
        ({"text": None, "label": []}, "no text"),
        ({"body": TEXT}, "no text"),
        ([1], "not a JSON object"),
    ],
)
def test_a_wrong_row_is_faulty_and_the_rows_behind_it_are_read(tmp_path: Path, item: Any, problem: str) -> None:
    faulty, sound = read(tmp_path, item, {"text": "good", "label": ["a"]})
    assert faulty.fault is not None
    assert problem in str(faulty.fault)
    assert faulty.fault.row == 1
    assert faulty.fault.remedy
    assert sound.fault is None


def test_a_cut_off_line_is_faulty(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n{"text": "b", "lab', encoding="utf-8")
    assert [row.fault is None for row in Doccano(path="x").rows(path)] == [True, False]


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=15)


@given(data=st.data())
def test_rows_that_are_written_read_back(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    rows: list[dict[str, Any]] = []
    for text in data.draw(st.lists(TEXTS, min_size=1, max_size=4)):
        row: dict[str, Any] = {"text": text, "id": len(rows)}
        if data.draw(st.booleans()):
            row["label"] = data.draw(TEXTS | st.lists(TEXTS, min_size=2, max_size=3))
        if data.draw(st.booleans()):
            bounds = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=4)))
            row["spans"] = [span(*pair) for pair in zip(bounds[::2], bounds[1::2], strict=False)]
        rows.append(row)
    for offsets in ("code_points", "bytes"):
        assert written(tmp_path_factory.getbasetemp() / "any.jsonl", rows, offsets=offsets) == rows


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"text": "a", "cats": 1}, "name that doccano uses itself"),
        ({"text": "a", "label": 3}, "label is not a name"),
        ({"text": "a", "label": ""}, "label is not a name"),
        ({"text": "a", "spans": [span(0, 2)]}, "does not lie in its text"),
        ({"text": "a", "relations": [{"from_id": "1", "to_id": "2", "type": "x"}]}, "relation is malformed"),
        ({"label": "a"}, "no text"),
        ({"text": "a\ud800"}, "half of a surrogate pair"),
        ({"text": "a", "score": float("nan")}, "JSON cannot keep"),
    ],
)
def test_what_cannot_be_written_is_refused_with_the_row(tmp_path: Path, row: dict[str, Any], problem: str) -> None:
    with pytest.raises(DataError, match=problem) as caught:
        written(tmp_path / "out.jsonl", [{"text": "good"}, row])
    assert caught.value.row == 2
    assert list(tmp_path.iterdir()) == []
