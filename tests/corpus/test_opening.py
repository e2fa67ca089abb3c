"""Doors of data files: compressed, damaged, endless, and written whole or not at all."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus import opening
from vocation.corpus.formats.csv import Csv
from vocation.corpus.formats.jsonl import Jsonl
from vocation.corpus.formats.plain_text import PlainText
from vocation.errors import ArtifactError, DataError

TEXT = "第一行\nsecond line\n" * 5000


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz", "a.TXT.ZST"])
def test_what_is_written_is_read_back_and_compressed_by_its_ending(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with opening.writing(path) as file:
        file.write(TEXT)
    with io.TextIOWrapper(opening.open_bytes(path), encoding="utf-8") as file:
        assert file.read() == TEXT
    assert (path.stat().st_size < len(TEXT) / 10) == (name != "a.txt")
    assert [other.name for other in tmp_path.iterdir()] == [name]


@given(content=st.binary(max_size=200))
@pytest.mark.parametrize("ending", [".gz", ".zst", ""])
def test_any_bytes_come_back(tmp_path_factory: pytest.TempPathFactory, ending: str, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{ending}"
    with opening.writing_bytes(path) as file:
        file.write(content)
    with opening.open_bytes(path) as file:
        assert file.read() == content


def test_equal_content_makes_equal_bytes(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        with opening.writing(tmp_path / name) as file:
            file.write(TEXT)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


@pytest.mark.parametrize("ending", [".gz", ".zst"])
@pytest.mark.parametrize("keep", [3, 0.5, -1])
def test_a_compressed_file_that_is_cut_off_is_refused(tmp_path: Path, ending: str, keep: float) -> None:
    path = tmp_path / f"a.jsonl{ending}"
    with opening.writing(path) as file:
        file.write('{"text": "x"}\n' * 5000)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep) if keep == 0.5 else int(keep)])
    with pytest.raises(DataError, match="The compressed file is damaged or cut off") as caught:
        list(Jsonl(path="x").rows(path))
    assert caught.value.file == path
    assert "again" in str(caught.value.remedy)


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_file_that_is_not_compressed_as_its_ending_says_is_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.csv{ending}"
    path.write_text("text,label\nx,y\n")
    with pytest.raises(DataError, match="damaged or cut off"):
        list(Csv(path="x").rows(path))


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_compression_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.txt{ending}"
    with opening.writing_bytes(path) as file:
        for _ in range(100):
            file.write(b" " * (1 << 20))
    with pytest.raises(DataError, match="unpacks to far more") as caught:
        list(PlainText(path="x").rows(path))
    unpacked = int(str(caught.value.received).split()[-3])
    assert opening.HARMLESS < unpacked < opening.HARMLESS + (4 << 20)


def test_a_stream_may_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LARGEST_STREAM", 1000)
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(bytes(range(256)) * 8))
    with pytest.raises(DataError, match="unpacks to far more"), opening.open_bytes(path) as file:
        file.read()


def test_containers_are_unpacked_within_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("a.xml", b"x" * 100_000)
        container.writestr("b.xml", b"y" * 100_000)
    opening.check_container(path)
    monkeypatch.setattr(opening, "HARMLESS", 150_000)
    with pytest.raises(DataError, match="unpacks to far more"):
        opening.check_container(path)


@pytest.mark.parametrize("cut", [0, 10, 200, -3])
def test_a_container_that_is_not_whole_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("a.xml", bytes(range(256)) * 10)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataError, match="no whole ZIP container"):
        opening.check_container(path)


LONG_LINE = 100 << 20


@pytest.mark.parametrize("unit", ["line", "file"])
def test_a_line_of_100_megabytes_is_refused_within_bounded_memory(
    tmp_path: Path, unit: Literal["line", "file"]
) -> None:
    path, source = tmp_path / "a", PlainText(path="x", unit=unit)
    with path.open("wb") as file:
        file.write(b"text\n")
        for _ in range(LONG_LINE >> 20):
            file.write(b"x" * (1 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="too long to be one row") as caught:
            list(source.rows(path))
        assert tracemalloc.get_traced_memory()[1] < 5 * opening.LONGEST_LINE
    finally:
        tracemalloc.stop()
    assert caught.value.row in {1, 2}


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")
    with pytest.raises(UnicodeEncodeError), opening.writing(path) as file:
        file.writelines(["half of it", "\ud800"])
    assert path.read_text() == "before"
    assert [other.name for other in tmp_path.iterdir()] == ["a.txt"]


def test_leftovers_of_dead_processes_are_removed_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    dead, other, mine = (
        tmp_path / name for name in (f".a.csv.{ended.pid}", f".b.csv.{ended.pid}", f".a.csv.{os.getppid()}")
    )
    for path in (dead, other, mine):
        path.write_text("half")
    with opening.writing(tmp_path / "a.csv") as file:
        file.write("x")
    assert (dead.exists(), other.exists(), mine.exists()) == (False, True, True)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="cannot be written: No such file"), opening.writing(tmp_path / "no" / "a"):
        pass


@pytest.mark.parametrize(
    ("name", "suffix"), [("a.CSV", ".csv"), ("a.tsv.gz", ".tsv"), ("a.b.json.ZST", ".json"), ("a.gz", ""), ("a", "")]
)
def test_the_ending_that_says_the_content_is_that_before_the_compression(name: str, suffix: str) -> None:
    assert opening.content_suffix(Path(name)) == suffix
