"""What every format promises."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.formats.samples import ENDINGS, OTHERS, SAMPLES, table
from vocation.component import kinds
from vocation.corpus.formats import Format, WritableFormat
from vocation.corpus.reading import SourceFile, read
from vocation.errors import DataError
from vocation.ledger import Ledger
from vocation.records import Record
from vocation.tasks.classification import Classification

DOCUMENTS = ("html", "markdown")


def test_the_family_has_nineteen_formats_and_all_are_tested_here() -> None:
    assert len(SAMPLES) + len(OTHERS) == 19
    assert sorted(kinds("vocation.corpus.formats")) == sorted([*SAMPLES, *OTHERS])


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("packed", ["", ".gz"])
def test_rows_are_the_same_in_every_encoding_and_with_every_line_end(
    tmp_path: Path, kind: str, encoding: str, newline: str, packed: str
) -> None:
    ending = ENDINGS.get(kind, ".x")
    (tmp_path / "other").mkdir()
    plain, other = tmp_path / f"a{ending}", tmp_path / "other" / f"a{ending}{packed}"
    plain.write_bytes(SAMPLES[kind].encode())
    content = SAMPLES[kind].replace("\n", newline).encode(encoding)
    other.write_bytes(gzip.compress(content) if packed else content)
    reader = _format(kind)
    expected = list(reader.rows(plain))
    assert len(expected) == (1 if kind in DOCUMENTS else 2)
    assert "你好，世界" in json.dumps(expected[0].fields, ensure_ascii=False).replace("你好，O", "你好，世界")
    assert all(row.fault is None for row in expected)
    assert len({row.number for row in expected}) == len(expected)
    assert list(reader.rows(other)) == expected


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("content", ["", "\n\n\n", "\ufeff"])
def test_an_empty_file_is_refused(tmp_path: Path, kind: str, content: str) -> None:
    path = tmp_path / f"empty{ENDINGS.get(kind, '')}"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match="The file is empty") as caught:
        list(_format(kind).rows(path))
    assert caught.value.remedy


@pytest.mark.parametrize("kind", SAMPLES)
def test_undecodable_bytes_are_refused_and_replaced_on_demand(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"bad{ENDINGS.get(kind, '')}"
    path.write_bytes(SAMPLES[kind].replace("好", "好" * 9).encode().replace("，".encode(), b"\xff\xff"))
    with pytest.raises(DataError, match="neither valid UTF-8 nor valid GB18030"):
        list(_format(kind).rows(path))
    lenient = _format(kind).model_copy(update={"undecodable": "replace"})
    assert lenient.decoded_as(path) == "utf-8"
    assert lenient.replaced(path) == 2
    if kind != "squad":  # Its answer no longer stands where it says.
        assert all(row.fault is None for row in lenient.rows(path))


@pytest.mark.parametrize("kind", SAMPLES)
def test_rows_come_as_a_stream(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"long{ENDINGS.get(kind, '')}"
    path.write_text(SAMPLES[kind], encoding="utf-8")
    rows = _format(kind).rows(path)
    assert "你好" in json.dumps(next(rows).fields, ensure_ascii=False)


@pytest.mark.parametrize("kind", [*SAMPLES, *OTHERS])
def test_every_format_says_which_endings_are_its_own(tmp_path: Path, kind: str) -> None:
    reader = _format(kind)
    assert reader.suffixes
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in reader.suffixes)
    for suffix in reader.suffixes:
        (tmp_path / f"a{suffix}").touch()
        (tmp_path / f"b{suffix}.gz").touch()
        if kind == "brat":
            (tmp_path / "a.txt").touch()
    found = {path.name for path in reader.files(tmp_path)}
    assert {f"a{suffix}" for suffix in reader.suffixes} <= found
    assert any(name.endswith(".gz") for name in found) == (not reader.binary and kind != "brat")


def test_the_formats_that_can_be_written_are_known() -> None:
    found = [
        kind for kind, component in kinds("vocation.corpus.formats").items() if issubclass(component, WritableFormat)
    ]
    assert found == [
        "alpaca",
        "brat",
        "conll",
        "csv",
        "doccano",
        "json",
        "jsonl",
        "label_studio",
        "messages",
        "parquet",
        "sharegpt",
    ]


def _format(kind: str) -> Format:
    component = kinds("vocation.corpus.formats")[kind].model_validate({"kind": kind, "path": "x"})
    assert isinstance(component, Format)
    return component


@pytest.mark.parametrize(("kind", "content"), [("csv", "x,头痛\ny,胃痛\n"), ("excel", None)])
def test_a_missing_column_of_a_table_may_be_a_missing_header(tmp_path: Path, kind: str, content: str | None) -> None:
    path = tmp_path / ("a.xlsx" if content is None else "a.csv")
    if content is None:
        table("excel", path, [{"x": "y", "头痛": "胃痛"}])
    else:
        path.write_text(content, encoding="utf-8")

    def records(**settings: Any) -> list[Record | None]:
        source = kinds("vocation.corpus.formats")[kind].model_validate({"path": path.name, **settings})
        assert isinstance(source, Format)
        with Ledger(tmp_path) as ledger:
            return list(read(SourceFile(0, source, path, path.name), Classification(), "refuse", ledger))

    with pytest.raises(DataError, match="no column 'text'") as caught:
        records()
    assert "name the columns: `header: [label, text]`" in str(caught.value.remedy)
    with pytest.raises(DataError, match="no column 'text'") as caught:
        records(header=["a", "b"])
    assert "header" not in str(caught.value.remedy)
    assert len(records(header=["label", "text"])) == 2
