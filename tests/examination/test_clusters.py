from __future__ import annotations

from pathlib import Path

from vocation.examination.clusters import cluster_examples
from vocation.ledger import Ledger
from vocation.records import Record, write_records
from vocation.tasks.classification import Classification
from vocation.text import Text


def test_clusters_have_their_texts_from_the_splits_and_from_the_ledger(tmp_path: Path) -> None:
    def record(row: int, text: str) -> Record:
        return Record(f"a.csv:{row}", {"text": Text(text)}, {"label": "x"}, "a.csv", row)

    schema = Classification().record_schema
    write_records(tmp_path / "train.parquet", [record(1, "one"), record(2, "two" * 200)], schema)
    write_records(tmp_path / "test.parquet", [record(4, "four")], schema)
    with Ledger(tmp_path) as ledger:
        ledger.add("dropped", "near_duplicates", "near-duplicate", record(3, "three"))
    examples = [{"rows": 9, "places": ["a.csv:2", "a.csv:3", "a.csv:4", "a.csv:5"]}]
    (cluster,) = cluster_examples(tmp_path, examples, schema.texts)
    assert cluster["rows"] == 9
    assert [(text["place"], text["split"]) for text in cluster["texts"]] == [
        ("a.csv:2", "train"),
        ("a.csv:3", ""),
        ("a.csv:4", "test"),
        ("a.csv:5", ""),
    ]
    assert cluster["texts"][1]["text"] == "three"
    assert cluster["texts"][3]["text"] == "", "a row of which nothing was kept"
    assert len(cluster["texts"][0]["text"]) == 300


def test_without_clusters_nothing_is_read(tmp_path: Path) -> None:
    assert cluster_examples(tmp_path, [], ("text",)) == []
