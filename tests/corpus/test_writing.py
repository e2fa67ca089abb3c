"""The second pass: rows to their splits and verdicts to the ledger, across batches."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vocation.corpus import writing
from vocation.corpus.index import DROPPED, TEST, TRAIN, UNSPLIT
from vocation.corpus.verdicts import Decisions, Verdict
from vocation.corpus.writing import write_splits
from vocation.ledger import Ledger, read_entries
from vocation.progress import SILENT
from vocation.records import Record, RecordSchema, read_records, write_records
from vocation.text import Span, Text

SCHEMA = RecordSchema(texts=("text",), values=("label",), spans=True)


def test_rows_go_to_their_splits_whole_and_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_BATCH", 3)
    records = [
        Record(f"a:{n}", {"text": Text(f"文本 {n}", (Span(0, 2, "X"),))}, {"label": "y"}, "a", n, f"g{n}")
        for n in range(10)
    ]
    cleaned = tmp_path / "cleaned.parquet"
    write_records(cleaned, records, SCHEMA)
    split = np.array([TRAIN, TEST] * 4 + [DROPPED, TRAIN], dtype=np.int8)
    origin = split.copy()
    origin[8] = UNSPLIT
    verdict = Verdict("dropped", "deduplication", "duplicate", np.array([8]), lambda row: f"row {row}")
    report = Verdict("reported", "deduplication", "conflict", np.array([1]), lambda row: f"row {row}")
    with Ledger(tmp_path) as ledger:
        write_splits([cleaned], Decisions(split, origin, [verdict, report]), SCHEMA, ledger, SILENT)
    assert list(read_records(tmp_path / "train.parquet", SCHEMA)) == [records[n] for n in (0, 2, 4, 6, 9)]
    assert list(read_records(tmp_path / "test.parquet", SCHEMA)) == [records[n] for n in (1, 3, 5, 7)]
    assert not (tmp_path / "validation.parquet").exists()
    entries = read_entries(tmp_path)
    assert [(e["id"], e["action"], e["split"], e["detail"]) for e in entries] == [
        ("a:1", "reported", "test", "row 1"),
        ("a:8", "dropped", None, "row 8"),
    ]
