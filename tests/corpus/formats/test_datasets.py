"""The format `datasets`: what the library's `save_to_disk` leaves, here written as it writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from vocation.corpus.finding import find_files
from vocation.corpus.formats.datasets import Datasets
from vocation.errors import DataError

FEATURES = {
    "text": {"dtype": "string", "_type": "Value"},
    "label": {"names": ["合同", "tort"], "_type": "ClassLabel"},
    "tags": {"feature": {"names": ["O", "B-X"], "_type": "ClassLabel"}, "_type": "List"},
    "old": [{"names": ["O", "B-X"], "_type": "ClassLabel"}],
}
ROWS = [
    {"text": "一", "label": 0, "tags": [0, 1], "old": [1]},
    {"text": "two", "label": 1, "tags": [], "old": None},
    {"text": "three", "label": -1, "tags": [1], "old": []},
]
READ = [
    {"text": "一", "label": "合同", "tags": ["O", "B-X"], "old": ["B-X"]},
    {"text": "two", "label": "tort", "tags": [], "old": None},
    {"text": "three", "label": None, "tags": ["B-X"], "old": []},
]


def arrow(path: Path, rows: list[dict[str, Any]]) -> None:
    metadata = {"huggingface": json.dumps({"info": {"features": FEATURES}})}
    table = pa.Table.from_pylist(rows).replace_schema_metadata(metadata)
    with pa.ipc.new_stream(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=2)


def saved(folder: Path, rows: list[dict[str, Any]], files: int = 1) -> Path:
    folder.mkdir(parents=True)
    names = [f"data-{number:05}-of-{files:05}.arrow" for number in range(files)]
    for number, name in enumerate(names):
        arrow(folder / name, rows[number::files])
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": name} for name in names]}))
    (folder / "dataset_info.json").write_text(json.dumps({"features": FEATURES}))
    return folder


def read(folder: Path, **settings: Any) -> list[dict[str, Any]]:
    source = Datasets(path=str(folder), **settings)
    return [dict(row.fields) for path in find_files(source, folder.parent, "path") for row in source.rows(path)]


def test_a_saved_dataset_is_read_with_the_names_of_its_labels(tmp_path: Path) -> None:
    assert read(saved(tmp_path / "data", ROWS)) == READ


def test_files_are_read_in_their_order_and_what_later_steps_left_is_not(tmp_path: Path) -> None:
    folder = saved(tmp_path / "data", ROWS, files=2)
    arrow(folder / "cache-0123.arrow", ROWS)
    assert read(folder) == [READ[0], READ[2], READ[1]]


def test_of_several_splits_one_is_chosen(tmp_path: Path) -> None:
    for number, name in enumerate(("train", "test")):
        saved(tmp_path / "data" / name, ROWS[number : number + 1])
    (tmp_path / "data" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    assert read(tmp_path / "data", split="test") == [READ[1]]
    assert read(tmp_path / "data" / "train") == [READ[0]]
    with pytest.raises(DataError, match="several splits") as caught:
        read(tmp_path / "data")
    assert caught.value.received == "train, test"
    with pytest.raises(DataError, match="several splits"):
        read(tmp_path / "data", split="validation")
    (tmp_path / "data" / "dataset_dict.json").write_text('{"splits": ["train"]}')
    assert read(tmp_path / "data") == [READ[0]]


def test_one_file_and_files_of_random_access_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    table = pa.Table.from_pylist([{"text": "x"}, {"text": None}])
    with pa.ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table)
    assert [row.fields for row in Datasets(path="x").rows(path)] == [{"text": "x"}, {"text": None}]


@pytest.mark.parametrize("name", ["../secret.arrow", "/etc/passwd", "link.arrow"])
def test_a_path_that_leads_out_of_the_dataset_is_refused(tmp_path: Path, name: str) -> None:
    folder = saved(tmp_path / "data", ROWS)
    arrow(tmp_path / "secret.arrow", ROWS)
    (folder / "link.arrow").symlink_to(tmp_path / "secret.arrow")
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": name}]}))
    with pytest.raises(DataError, match="leads out of its folder"):
        read(folder)


def test_a_split_that_leads_out_of_the_dataset_is_refused(tmp_path: Path) -> None:
    saved(tmp_path / "secret", ROWS)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "dataset_dict.json").write_text('{"splits": ["../secret"]}')
    with pytest.raises(DataError, match="leads out of its folder"):
        read(tmp_path / "data")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"_data_files": [1]}', '{"_data_files": null}'])
def test_a_damaged_state_is_refused(tmp_path: Path, content: str) -> None:
    folder = saved(tmp_path / "data", ROWS)
    (folder / "state.json").write_text(content)
    with pytest.raises(DataError, match="not as `datasets` writes it"):
        read(folder)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    folder = saved(tmp_path / "data", ROWS, files=2)
    (folder / "data-00001-of-00002.arrow").unlink()
    with pytest.raises(DataError, match="A file of the dataset is missing"):
        read(folder)


@pytest.mark.parametrize("keep", [3, 0.5, -20])
def test_a_truncated_file_is_refused(tmp_path: Path, keep: float) -> None:
    folder = saved(tmp_path / "data", ROWS)
    (path,) = folder.glob("data-*.arrow")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2 if keep == 0.5 else int(keep)])
    with pytest.raises(DataError, match="damaged or cut off"):
        read(folder)


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    path.write_bytes(b"")
    with pytest.raises(DataError, match="The file is empty"):
        list(Datasets(path="x").rows(path))
    with pa.ipc.new_stream(str(path), pa.schema([("text", pa.string())])):
        pass
    with pytest.raises(DataError, match="The file has no rows"):
        list(Datasets(path="x").rows(path))
