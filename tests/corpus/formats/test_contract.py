"""What every format promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from vocation.component import kinds
from vocation.corpus.formats import Format
from vocation.errors import DataError

SAMPLES = {
    "csv": "text,label\n你好，世界,a\n\nsecond,b\n",
    "jsonl": '{"text": "你好，世界"}\n\n{"text": "second"}\n',
    "conll": "你 O\n好 O\n，O O\n\nsecond O\n",
    "plain_text": "你好，世界\n\nsecond\n",
}


def test_the_family_has_four_formats_and_all_are_tested_here() -> None:
    assert sorted(kinds("vocation.corpus.formats")) == sorted(SAMPLES)


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_rows_are_the_same_in_every_encoding_and_with_every_line_end(
    tmp_path: Path, kind: str, encoding: str, newline: str
) -> None:
    plain, other = tmp_path / "plain", tmp_path / "other"
    plain.write_bytes(SAMPLES[kind].encode())
    other.write_bytes(SAMPLES[kind].replace("\n", newline).encode(encoding))
    reader = _format(kind)
    expected = list(reader.rows(plain))
    assert [row.number for row in expected] == [
        1 if kind in ("jsonl", "conll", "plain_text") else 2,
        expected[1].number,
    ]
    assert len(expected) == 2
    assert expected[0].fields["text"].startswith("你好")
    assert all(row.fault is None for row in expected)
    assert list(reader.rows(other)) == expected


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("content", ["", "\n\n\n", "\ufeff"])
def test_an_empty_file_is_refused(tmp_path: Path, kind: str, content: str) -> None:
    path = tmp_path / "empty"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match="The file is empty") as caught:
        list(_format(kind).rows(path))
    assert caught.value.remedy


@pytest.mark.parametrize("kind", SAMPLES)
def test_undecodable_bytes_are_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bad"
    path.write_bytes(SAMPLES[kind].encode() + b"\xff\xff")
    with pytest.raises(DataError, match="neither valid UTF-8 nor valid GB18030"):
        list(_format(kind).rows(path))


@pytest.mark.parametrize("kind", SAMPLES)
def test_rows_come_as_a_stream(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "long"
    path.write_text(SAMPLES[kind], encoding="utf-8")
    rows = _format(kind).rows(path)
    assert next(rows).fields["text"].startswith("你好")


def _format(kind: str) -> Format:
    component = kinds("vocation.corpus.formats")[kind].model_validate({"kind": kind, "path": "x"})
    assert isinstance(component, Format)
    return component
