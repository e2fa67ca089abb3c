"""Compressed Arrow files that state more than they hold."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocation.corpus.arrow_compression import check_compression
from vocation.corpus.formats.datasets import Datasets
from vocation.errors import DataError

Compression = Literal["zstd", "lz4"] | None
COUNT = 300


def arrow(path: Path, compression: Compression, *, stream: bool = False, legacy: bool = False) -> Path:
    words = pa.array(["x", "y", "x"] * (COUNT // 3)).dictionary_encode()
    table = pa.table({"text": ["word " * 400] * COUNT, "kind": words, "tags": [[1, 2]] * COUNT})
    options = pa.ipc.IpcWriteOptions(compression=compression, use_legacy_format=legacy)
    new = pa.ipc.new_stream if stream else pa.ipc.new_file
    with new(str(path), table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=100)
    return path


def swollen(path: Path, size: int) -> Path:
    """The file with the stated sizes of the buffers of texts changed."""
    content, stated = path.read_bytes(), struct.pack("<q", 100 * 2000)
    assert stated in content
    path.write_bytes(content.replace(stated, struct.pack("<q", size)))
    return path


@pytest.mark.parametrize("compression", [None, "zstd", "lz4"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("legacy", [False, True])
def test_sound_files_are_read_compressed_or_not(
    tmp_path: Path, compression: Compression, stream: bool, legacy: bool
) -> None:
    path = arrow(tmp_path / "a.arrow", compression, stream=stream, legacy=legacy)
    rows = list(Datasets(path="x").rows(path))
    assert len(rows) == COUNT
    assert rows[-1].fields == {"text": "word " * 400, "kind": "x", "tags": [1, 2]}


@pytest.mark.parametrize("compression", ["zstd", "lz4"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("size", [1 << 40, 1 << 62])
def test_a_buffer_that_says_it_will_fill_the_memory_is_refused(
    tmp_path: Path, compression: Compression, stream: bool, size: int
) -> None:
    path = swollen(arrow(tmp_path / "a.arrow", compression, stream=stream), size)
    with pytest.raises(DataError, match="unpacks to far more than it holds"):
        next(Datasets(path="x").rows(path))


def test_a_negative_size_is_damage_and_minus_one_a_buffer_that_is_not_packed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="damaged or cut off"):
        check_compression(swollen(arrow(tmp_path / "a.arrow", "zstd"), -2))
    check_compression(swollen(arrow(tmp_path / "a.arrow", "zstd"), -1))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_damage_anywhere_in_the_file_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = arrow(tmp_path_factory.mktemp("damage") / "a.arrow", "zstd", stream=data.draw(st.booleans()))
    content = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content)
    with suppress(DataError):
        check_compression(path)
