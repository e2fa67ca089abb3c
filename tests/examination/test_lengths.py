from __future__ import annotations

from pathlib import Path

import numpy as np

from vocation.examination.lengths import Encoder, Measured, bin_edges, labelled_splits
from vocation.ledger import Ledger, read_entries
from vocation.modeling.pretrained import load_tokenizer
from vocation.progress import SILENT
from vocation.records import Record, write_records
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.text import Span, Text


def measured(folder: Path, model: Path, task: Classification | Entities, texts: list[Text]) -> Measured:
    records = [
        Record(f"a:{row}", {"text": text}, {"label": "x"} if isinstance(task, Classification) else {}, "a", row)
        for row, text in enumerate(texts, start=1)
    ]
    write_records(folder / "train.parquet", records, task.record_schema)
    encoder = Encoder(task, load_tokenizer(model), task.head_labels(["x"]))
    with Ledger(folder) as ledger, SILENT.bar("", None, "") as bar:
        return encoder.measure(folder / "train.parquet", "train", ledger, bar)


def test_tokens_are_counted_before_anything_is_cut(tmp_path: Path, bert_folder: Path) -> None:
    found = measured(tmp_path, bert_folder, Classification(max_length=8), [Text("fever " * n) for n in (1, 6, 7, 20)])
    assert found.tokens.tolist() == [3, 8, 9, 22], "with [CLS] and [SEP]"
    assert (found.examples, found.cut_rows) == (4, 2)
    assert found.cuts == {("text longer than max_length", "tokens"): (2, 1 + 14)}


def test_rows_that_would_be_cut_stand_in_the_ledger(tmp_path: Path, bert_folder: Path) -> None:
    measured(tmp_path, bert_folder, Classification(max_length=8), [Text("cough"), Text("fever " * 9)])
    (entry,) = read_entries(tmp_path)
    assert (entry["action"], entry["row"], entry["split"], entry["detail"]) == ("cut", 2, "train", "3 tokens")


def test_entities_inside_a_token_are_counted_as_entities(tmp_path: Path, bert_folder: Path) -> None:
    text = Text("the fever was late", (Span(4, 7, "x"),))
    found = measured(tmp_path, bert_folder, Entities(), [text])
    assert found.cuts == {("entity boundary inside a token", "entities"): (1, 1)}


def test_a_long_text_read_in_windows_loses_nothing(tmp_path: Path, bert_folder: Path) -> None:
    found = measured(tmp_path, bert_folder, Entities(max_length=16, stride=4), [Text("fever " * 40)])
    assert (found.tokens.tolist(), found.cut_rows, dict(found.cuts)) == ([42], 0, {})
    assert found.examples > 1


def test_the_histogram_counts_every_row_and_the_longest_ones_in_its_last_bin() -> None:
    tokens = np.array([3, 5, 40, 41, 5000])
    split = Measured(tokens, 5, 0, {})
    edges = bin_edges([split], 20)
    assert edges[0] == 0
    assert edges[-1] >= 40
    assert edges[-1] < 5000
    histogram = split.summary(edges)["histogram"]
    assert sum(histogram) == 5
    assert histogram[-1] >= 1


def test_without_a_window_the_histogram_reaches_the_longest_row() -> None:
    assert bin_edges([Measured(np.array([3, 5000]), 2, 0, {})], None)[-1] >= 5000


def test_labelled_splits_are_found_in_their_order(tmp_path: Path) -> None:
    for name in ("test", "train", "unlabelled", "ledger"):
        (tmp_path / f"{name}.parquet").touch()
    assert [name for name, _ in labelled_splits(tmp_path)] == ["train", "test"]
