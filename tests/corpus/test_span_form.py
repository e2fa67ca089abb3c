"""Spans under keys of the file's own, and counted in tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vocation.corpus.formats.datasets import Datasets
from vocation.corpus.formats.json import Json
from vocation.corpus.formats.jsonl import Jsonl
from vocation.corpus.formats.parquet import Parquet
from vocation.corpus.reading import read, source_files
from vocation.errors import RecipeError
from vocation.ledger import Ledger
from vocation.records import Record, Row
from vocation.tasks.entities import Entities
from vocation.text import Span

KEYS = {"start": "begin", "end": "stop", "label": "kind", "text": "value"}
FORMATS = [Json, Jsonl, Parquet, Datasets]
TOKENS = {"text": "the  air pump fails", "tokens": ["the", "air", "pump", "fails"]}


def rows(tmp_path: Path, kind: type[Any], row: Mapping[str, Any], **settings: Any) -> list[Row]:
    source = kind(path=f"a{kind.suffixes[0]}", **settings)
    path = tmp_path / source.path
    if kind in (Parquet, Datasets):
        table = pa.Table.from_pylist([dict(row)])
        if kind is Parquet:
            pq.write_table(table, path)
        else:
            with pa.ipc.new_stream(str(path), table.schema) as writer:
                writer.write_table(table)
    else:
        path.write_text(json.dumps([row] if kind is Json else row), encoding="utf-8")
    return list(source.rows(path))


@pytest.mark.parametrize("kind", FORMATS)
def test_spans_with_other_keys_become_the_spans_of_a_task(tmp_path: Path, kind: type[Any]) -> None:
    raw = {"text": "in Bonn", "spans": [{"begin": 3, "stop": 7, "kind": "CITY", "value": "Bonn", "score": 1}]}
    (row,) = rows(tmp_path, kind, raw, span_keys=KEYS)
    assert row.fault is None
    assert row.fields["spans"] == [{"score": 1, "start": 3, "end": 7, "label": "CITY"}]
    (plain,) = rows(tmp_path, kind, raw)
    assert plain.fields == raw


@pytest.mark.parametrize("kind", FORMATS)
def test_offsets_may_count_tokens(tmp_path: Path, kind: type[Any]) -> None:
    raw = TOKENS | {"spans": [{"start": 1, "end": 3, "label": "PART"}, {"start": 3, "end": 4, "label": "STATE"}]}
    (row,) = rows(tmp_path, kind, raw, offsets="tokens")
    assert [raw["text"][span["start"] : span["end"]] for span in row.fields["spans"]] == ["air pump", "fails"]


def test_offsets_may_count_utf16_units_and_columns_have_names_of_their_own(tmp_path: Path) -> None:
    raw = {"body": "😀 Bonn", "found": [[3, 7, "CITY"]]}
    columns = {"text": "body", "spans": "found"}
    (row,) = rows(tmp_path, Json, raw, offsets="utf16", columns=columns)
    assert row.fields["found"] == [{"start": 2, "end": 6, "label": "CITY"}]


@pytest.mark.parametrize(
    ("change", "settings", "problem"),
    [
        ({"spans": [{"start": 0, "end": 2, "label": "X"}]}, {"span_keys": KEYS}, "other keys than the recipe says"),
        ({"spans": ["air"]}, {"span_keys": KEYS}, "other keys than the recipe says"),
        (
            {"spans": [{"begin": 0, "stop": 3, "kind": "X", "value": "air"}]},
            {"span_keys": KEYS},
            "do not fit the text that the file quotes",
        ),
        ({"spans": [[0, 5, "X"]]}, {"offsets": "tokens"}, "does not lie in its tokens"),
        ({"spans": [[2, 2, "X"]]}, {"offsets": "tokens"}, "does not lie in its tokens"),
        ({"tokens": None}, {"offsets": "tokens"}, "The tokens that the spans count are missing"),
        ({"tokens": ["air", "pump"]}, {"offsets": "tokens"}, "are not those of the text"),
        ({"tokens": ["the", "air"]}, {"offsets": "tokens"}, "goes on behind the last of its tokens"),
        ({"spans": [[0, 500, "X"]]}, {"offsets": "bytes"}, "does not lie in its text"),
    ],
)
def test_spans_that_are_not_as_the_settings_say_make_a_faulty_row(
    tmp_path: Path, change: dict[str, Any], settings: dict[str, Any], problem: str
) -> None:
    (row,) = rows(tmp_path, Json, TOKENS | {"spans": []} | change, **settings)
    assert row.fault is not None
    assert problem in row.fault.problem
    assert (row.fault.row, row.fault.remedy) != (None, None)


def test_a_task_reads_spans_of_tokens_from_columns_that_the_source_names(tmp_path: Path) -> None:
    raw = {"text": "the air pump", "words": ["the", "air", "pump"], "entities": [{"start": 1, "end": 3, "type": "P"}]}
    (tmp_path / "a.json").write_text(json.dumps([raw]), encoding="utf-8")
    columns = {"spans": "entities", "tokens": "words"}

    def records(**settings: Any) -> list[Record | None]:
        (file,) = source_files([Json(path="a.json", columns=columns, **settings)], tmp_path)
        with Ledger(tmp_path) as ledger:
            return list(read(file, Entities(), "refuse", ledger))

    (record,) = records(offsets="tokens", span_keys={"label": "type"})
    assert record is not None
    assert record.text.spans == (Span(4, 12, "P"),)
    with pytest.raises(RecipeError, match="has no field 'tokens'"):
        records(span_keys={"label": "type"})
