"""Files that are given as something else than they are."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from tests.corpus.formats.samples import sample
from vocation.component import kinds
from vocation.corpus.formats import Format
from vocation.errors import DataError

Write = Callable[..., Path]


def read(kind: str, path: Path) -> None:
    source = kinds("vocation.corpus.formats")[kind].model_validate({"path": path.name})
    assert isinstance(source, Format)
    list(source.rows(path))


@pytest.mark.parametrize(
    ("made", "name", "remedy"),
    [
        ("excel", "an Excel workbook", "kind: excel"),
        ("docx", "a Word document", "kind: docx"),
        ("parquet", "a Parquet file", "kind: parquet"),
        ("pdf", "a PDF document", "kind: pdf"),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "jsonl", "plain_text", "html"])
def test_a_container_given_as_text_is_named_with_the_kind_that_reads_it(
    tmp_path: Path, made: str, name: str, remedy: str, kind: str
) -> None:
    path = sample(made, tmp_path).rename(tmp_path / "rows.x")
    with pytest.raises(DataError, match=f"The file is {name}, and is read as text") as caught:
        read(kind, path)
    assert remedy in str(caught.value.remedy)


def test_packed_files_without_their_ending_and_archives_say_what_they_are(write: Write, tmp_path: Path) -> None:
    packed = write("a.csv", gzip.compress(b"text,label\nx,y\n"))
    with pytest.raises(DataError, match="is a gzip file") as caught:
        read("csv", packed)
    assert "the ending .gz" in str(caught.value.remedy)
    with pa.CompressedOutputStream(str(tmp_path / "b.csv"), "zstd") as stream:
        stream.write(b"text,label\nx,y\n")
    with pytest.raises(DataError, match="is a zstd file"):
        read("csv", tmp_path / "b.csv")
    with zipfile.ZipFile(tmp_path / "c.csv", "w") as archive:
        archive.writestr("rows.csv", "text,label\nx,y\n")
    with pytest.raises(DataError, match="The file is a ZIP archive") as caught:
        read("csv", tmp_path / "c.csv")
    assert "unpack it" in str(caught.value.remedy)
    with pytest.raises(DataError, match="damaged or cut off"):
        read("csv", write("d.csv", (tmp_path / "c.csv").read_bytes()[:60]))
    with pytest.raises(DataError, match="Office 97-2003"):
        read("csv", write("e.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)))
    with pytest.raises(DataError, match="an Arrow file"):
        read("csv", write("f.csv", b"ARROW1\0\0" + bytes(600)))


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b"text,label\nx,y\n", "kind: csv"),
        ("文本,标签\n".encode("gb18030"), "kind: csv"),
        (b'{"text": "x"}\n', "kind: jsonl"),
        (b'\xef\xbb\xbf [{"text": "x"}]', "kind: json"),
        (b"<html><table>", "kind: html"),
    ],
)
@pytest.mark.parametrize("kind", ["parquet", "excel", "datasets", "pdf", "docx"])
def test_text_given_as_a_container_is_called_text_without_words_of_a_library(
    write: Write, content: bytes, remedy: str, kind: str
) -> None:
    with pytest.raises(DataError, match="The file is text, and is read as") as caught:
        read(kind, write("a.bin", content))
    assert f"`{remedy}`" in str(caught.value.remedy)
    assert "thrift" not in str(caught.value).lower()


def test_one_container_given_as_another_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="The file is an Excel workbook, and is read as a Parquet file"):
        read("parquet", sample("excel", tmp_path))
    with pytest.raises(DataError, match="The file is a Word document, and is read as an Excel workbook"):
        read("excel", sample("docx", tmp_path))
    with pytest.raises(DataError, match="The file is a Parquet file, and is read as a PDF document"):
        read("pdf", sample("parquet", tmp_path))


def test_a_damaged_parquet_file_says_whether_its_end_is_there(tmp_path: Path) -> None:
    path = sample("parquet", tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="damaged or cut off") as caught:
        read("parquet", path)
    assert "no end mark" in str(caught.value.received)
    path.write_bytes(bytes(len(whole)))
    with pytest.raises(DataError, match="damaged or cut off") as caught:
        read("parquet", path)
    assert "do not begin as Parquet does" in str(caught.value.received)
