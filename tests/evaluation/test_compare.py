from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vocation.errors import ArtifactError
from vocation.evaluation.compare import compare


@pytest.fixture
def copied(label_run: Any, tmp_path: Path) -> Path:
    target = tmp_path / "other"
    shutil.copytree(label_run.evaluation.folder, target)
    return target


def change(folder: Path, column: str, values: list[str]) -> None:
    path = folder / "predictions.parquet"
    table = pq.read_table(path)
    pq.write_table(table.set_column(table.schema.get_field_index(column), column, pa.array(values)), path)


def test_equal_runs_do_not_differ(label_run: Any, copied: Path) -> None:
    first, second = compare([label_run.evaluation.folder, copied])
    assert first.metrics == second.metrics
    assert (first.differences, first.note, second.note) == ({}, "", "")
    difference = second.differences["accuracy"]
    assert (difference.value, difference.low, difference.high, difference.p_value) == (0.0, 0.0, 0.0, 1.0)


def test_a_better_run_is_found_better_than_the_first(label_run: Any, copied: Path) -> None:
    gold = pq.read_table(copied / "predictions.parquet").to_pydict()["gold"]
    change(copied, "predicted", gold)
    _, second = compare([label_run.evaluation.folder, copied])
    assert second.differences["accuracy"].value == pytest.approx(0.2)
    assert second.differences["accuracy"].low > 0
    assert not [name for name in second.differences if ":" in name]


def test_other_rows_are_not_comparable(label_run: Any, copied: Path) -> None:
    change(copied, "id", [f"row {number}" for number in range(60)])
    _, second = compare([label_run.evaluation.folder, copied])
    assert second.differences == {}
    assert second.note == "not comparable: other rows were scored"
    assert second.metrics["accuracy"].value == pytest.approx(0.8)


def test_other_gold_answers_are_not_comparable(label_run: Any, copied: Path) -> None:
    gold = pq.read_table(copied / "predictions.parquet").to_pydict()["gold"]
    change(copied, "gold", [gold[1], *gold[1:]])
    assert compare([label_run.evaluation.folder, copied])[1].note == (
        "not comparable: the same rows have other gold answers"
    )


def test_another_kind_of_task_is_not_comparable(label_run: Any, span_run: Any) -> None:
    _, second = compare([label_run.evaluation.folder, span_run.evaluation.folder])
    assert second.note == "not comparable: another kind of task"


def test_spans_are_compared_after_a_trip_through_the_file(span_run: Any) -> None:
    _, second = compare([span_run.evaluation.folder, span_run.evaluation.folder])
    assert second.differences["f1"].value == 0.0


def test_a_folder_without_an_evaluation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="holds no evaluation"):
        compare([tmp_path])


def test_missing_predictions_are_refused(label_run: Any, copied: Path) -> None:
    (copied / "predictions.parquet").unlink()
    with pytest.raises(ArtifactError, match=r"no readable predictions\.parquet"):
        compare([label_run.evaluation.folder, copied])
    assert json.loads((copied / "metrics.json").read_text(encoding="utf-8"))["records"] == 60
