"""The format `label_studio`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus.formats.label_studio import LabelStudio
from vocation.errors import DataError
from vocation.records import Row

TEXT = "胃😀痛 and gout"


def region(start: int, end: int, quoted: str | None, *labels: str, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": list(labels or ("S",))} | ({"text": quoted} if quoted else {})
    return {"id": "a", "from_name": "ner", "to_name": "text", "type": "labels", "value": value, **more}


def choice(*names: str, control: str = "topic") -> dict[str, Any]:
    return {"id": "c", "from_name": control, "to_name": "text", "type": "choices", "value": {"choices": list(names)}}


def task(*results: dict[str, Any], text: Any = TEXT, **more: Any) -> dict[str, Any]:
    return {"id": 1, "data": {"text": text}, "annotations": [{"result": list(results)}], "predictions": [], **more}


def read(tmp_path: Path, *tasks: Any, **settings: Any) -> list[Row]:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(list(tasks)), encoding="utf-8")
    return list(LabelStudio(path="a.json", **settings).rows(path))


def fault(tmp_path: Path, item: Any, **settings: Any) -> DataError:
    faulty, sound = read(tmp_path, item, task(), **settings)
    assert sound.fault is None
    assert faulty.fault is not None
    assert faulty.fault.row == 1
    assert faulty.fault.remedy
    return faulty.fault


def span(start: int, end: int, label: str = "S", **more: str) -> dict[str, Any]:
    return {"start": start, "end": end, "label": label, **more}


def test_regions_become_spans_and_choices_the_label(tmp_path: Path) -> None:
    (row,) = read(
        tmp_path, task(region(2, 3, "痛", "S", "T"), choice("pain")) | {"data": {"text": TEXT, "source": "x"}}
    )
    assert row.fault is None
    assert row.fields == {"text": TEXT, "source": "x", "spans": [span(2, 3), span(2, 3, "T")], "label": "pain"}
    (several,) = read(tmp_path, task(choice("pain", "gout")))
    assert several.fields == {"text": TEXT, "spans": [], "label": ["pain", "gout"]}


@pytest.mark.parametrize(("start", "end"), [(2, 3), (3, 4)])
def test_offsets_in_code_points_and_in_utf16_units_are_told_apart_by_the_quoted_text(
    tmp_path: Path, start: int, end: int
) -> None:
    (row,) = read(tmp_path, task(region(start, end, "痛")))
    assert row.fields["spans"] == [span(2, 3)]


def test_offsets_that_fit_in_both_units_are_refused_until_one_is_named(tmp_path: Path) -> None:
    item = task(region(2, 3, "a"), text="😀aaa")
    assert "not clear what the offsets count" in str(fault(tmp_path, item))
    assert read(tmp_path, item, offsets="utf16")[0].fields["spans"] == [span(1, 2)]
    assert read(tmp_path, item, offsets="code_points")[0].fields["spans"] == [span(2, 3)]


def test_offsets_without_quoted_text_are_clear_where_no_character_is_wide(tmp_path: Path) -> None:
    assert read(tmp_path, task(region(0, 1, None), text="胃痛"))[0].fields["spans"] == [span(0, 1)]
    assert "not clear what the offsets count" in str(fault(tmp_path, task(region(3, 4, None))))


def test_quoted_line_ends_may_be_written_as_label_studio_does(tmp_path: Path) -> None:
    assert read(tmp_path, task(region(0, 3, "a\\nb"), text="a\nb"))[0].fields["spans"] == [span(0, 3)]


@pytest.mark.parametrize(
    ("several", "label"), [("first", "one"), ("latest", "two"), ("ground_truth", "three"), ("refuse", None)]
)
def test_the_annotation_that_counts_is_a_setting(tmp_path: Path, several: str, label: str | None) -> None:
    annotations = [
        {"result": [choice("skipped")], "was_cancelled": True, "updated_at": "2024-01-01T00:00:00Z"},
        {"result": [choice("one")], "updated_at": "2022-01-01T00:00:00.5Z"},
        {"result": [choice("two")], "created_at": "2022-01-02T00:00:00Z"},
        {"result": [choice("three")], "updated_at": "2021-01-01T00:00:00Z", "ground_truth": True},
    ]
    item = task(annotations=annotations)
    if label is None:
        assert "not clear which annotation" in str(fault(tmp_path, item, several=several))
    else:
        assert read(tmp_path, item, several=several)[0].fields["label"] == label


def test_several_without_ground_truth_or_times_are_refused(tmp_path: Path) -> None:
    item = task(annotations=[{"result": []}, {"result": []}])
    assert "0 of 2 marked as ground truth" in str(fault(tmp_path, item, several="ground_truth"))
    assert "does not say when it was changed" in str(fault(tmp_path, item, several="latest"))


@pytest.mark.parametrize("annotations", [[], [{"result": [], "was_cancelled": True}]])
def test_a_task_that_nobody_annotated_is_not_one_without_spans(tmp_path: Path, annotations: list[Any]) -> None:
    item = task(annotations=annotations)
    assert fault(tmp_path, item)
    assert read(tmp_path, item, split="unlabelled")[0].fields == {"text": TEXT}
    assert read(tmp_path, task())[0].fields == {"text": TEXT, "spans": []}


def test_the_text_may_stand_under_another_key_and_old_exports_are_read(tmp_path: Path) -> None:
    item = {"data": {"review": "gout", "label": "old"}, "completions": [{"result": [region(0, 4, "gout")]}]}
    (row,) = read(tmp_path, item, columns={"text": "review"})
    assert row.fields == {"review": "gout", "data_label": "old", "spans": [span(0, 4)]}


def test_controls_can_be_chosen_and_the_rest_is_kept(tmp_path: Path) -> None:
    other = region(0, 1, "胃") | {"from_name": "other"}
    note = {"from_name": "note", "to_name": "text", "type": "textarea", "value": {"text": ["check"]}}
    on_region = choice("mild")
    on_region["value"]["start"] = 0
    item = task(region(2, 3, "痛"), other, note, choice("a"), choice("b", control="tone"), on_region)
    (row,) = read(tmp_path, item, labels="ner", choices="tone")
    assert row.fields["spans"] == [span(2, 3)]
    assert row.fields["label"] == "b"
    assert row.fields["results"] == [other, note, choice("a"), on_region]
    assert "several choices" in str(fault(tmp_path, item))


def test_relations_are_kept_with_the_ids_of_their_regions(tmp_path: Path) -> None:
    relation = {"from_id": "x", "to_id": "y", "type": "relation", "direction": "left", "labels": ["of"]}
    (row,) = read(tmp_path, task(region(0, 1, "胃", id="x"), region(2, 3, "痛", id="y"), relation))
    assert row.fields["spans"] == [span(0, 1, id="x"), span(2, 3, id="y")]
    assert row.fields["relations"] == [{"from_id": "y", "to_id": "x", "type": "of"}]


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        (task(region(0, 99, None), text="ascii"), "does not lie in its text"),
        (task(region(0, 1, "gout")), "do not fit the text"),
        (task(region(1, 1, None)), "span is empty"),
        (task(region(0, 1, "胃") | {"value": {"start": 0, "end": 1}}), "region is not one of Label Studio"),
        (task(region("0", 1, None)), "no whole offsets"),  # type: ignore[arg-type] # What the test is about.
        (task(region(0, 1, "胃") | {"type": "hypertextlabels"}), "not one of plain text"),
        (task(choice()), "choice is not one of Label Studio"),
        (task({"type": "relation", "from_id": 1}), "relation is not one of Label Studio"),
        (task(annotations="x"), "task is not one of Label Studio"),
        (task(annotations=[3]), "task is not one of Label Studio"),
        (task(annotations=[{}]), "annotation is not one of Label Studio"),
        (task(text=None), "no text under `data.text`"),
        ({"text": "JSON-MIN", "label": [{"start": 0, "end": 1}]}, "no text under `data.text`"),
        ([], "not a JSON object"),
    ],
)
def test_a_wrong_task_is_faulty_and_the_tasks_behind_it_are_read(tmp_path: Path, item: Any, problem: str) -> None:
    assert problem in str(fault(tmp_path, item))


def test_a_cut_off_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([task(), task()])[:-10], encoding="utf-8")
    with pytest.raises(DataError, match="not valid JSON"):
        list(LabelStudio(path="x").rows(path))


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=15)


def written(path: Path, rows: list[dict[str, Any]], **settings: Any) -> list[dict[str, Any]]:
    component = LabelStudio(path="x", **settings)
    assert component.write(path, rows) == len(rows)
    return [dict(row.fields) for row in component.rows(path) if row.fault is None]


@given(data=st.data())
def test_rows_that_are_written_read_back(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    rows: list[dict[str, Any]] = []
    for text in data.draw(st.lists(TEXTS, min_size=1, max_size=4)):
        bounds = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=4)))
        spans = [span(*pair) for pair in zip(bounds[::2], bounds[1::2], strict=False)]
        row: dict[str, Any] = {"text": text, "number": len(rows), "spans": spans}
        if data.draw(st.booleans()):
            row["label"] = data.draw(TEXTS | st.lists(TEXTS, min_size=2, max_size=3))
        if data.draw(st.booleans()):
            row["spans"] = [part | {"id": str(place)} for place, part in enumerate(spans)]
            row["relations"] = [{"from_id": part["id"], "to_id": "0", "type": "of"} for part in row["spans"]]
            if data.draw(st.booleans()):
                row["relations"] = [relation | {"id": "R"} for relation in row["relations"]]
            if not spans:
                del row["relations"]
        rows.append(row)
    path = tmp_path_factory.getbasetemp() / "any.json"
    for offsets in ("code_points", "utf16"):
        assert written(path, rows, offsets=offsets) == rows


def test_rows_without_answers_are_tasks_to_annotate(tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    assert written(path, [{"text": "a"}], split="unlabelled") == [{"text": "a"}]
    assert json.loads(path.read_text()) == [{"data": {"text": "a"}}]


@pytest.mark.parametrize(
    "row",
    [{"text": "a", "spans": [span(0, 2)]}, {"text": "a", "label": 1}, {"text": 1}, {"text": "a", "relations": [1]}],
)
def test_what_cannot_be_written_is_refused_with_the_row(tmp_path: Path, row: dict[str, Any]) -> None:
    with pytest.raises(DataError) as caught:
        written(tmp_path / "out.json", [{"text": "good"}, row])
    assert caught.value.row == 2
    assert list(tmp_path.iterdir()) == []
