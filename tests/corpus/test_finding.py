"""From a path to files: folders, and links that lead out of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vocation.corpus.formats.csv import Csv
from vocation.corpus.formats.plain_text import PlainText
from vocation.corpus.reading import source_files
from vocation.errors import DataError

Write = Callable[..., Path]


def test_of_a_folder_all_files_of_the_format_are_read(write: Write, tmp_path: Path) -> None:
    for name in (
        "b.csv",
        "deep/er/a.TSV",
        "c.csv.gz",
        "d.tsv.zst",
        "e.jsonl",
        ".hidden.csv",
        ".git/f.csv",
        "g.csv.zip",
    ):
        write(f"data/{name}", "x")
    found = [file.name for file in source_files([Csv(path="data")], tmp_path)]
    assert found == ["data/b.csv", "data/c.csv.gz", "data/d.tsv.zst", "data/deep/er/a.TSV"]
    with pytest.raises(DataError, match=r"path is a folder without a file of the format 'plain_text'") as caught:
        source_files([PlainText(path="data")], tmp_path)
    assert ".txt" in str(caught.value.allowed)


def test_a_link_that_leads_out_of_its_folder_is_refused(write: Write, tmp_path: Path) -> None:
    secret = write("elsewhere/secret.csv", "x")
    write("data/a.csv", "x")
    (tmp_path / "data" / "b.csv").symlink_to(secret)
    for pattern in ("data", "data/*.csv"):
        with pytest.raises(DataError, match="leads out of its folder"):
            source_files([Csv(path=pattern)], tmp_path)
    for pattern in ("data/b.csv", "**/b.csv"):  # Named by itself, or within the folder that the glob begins in.
        assert len(source_files([Csv(path=pattern)], tmp_path)) == 1


def test_a_linked_folder_that_leads_out_is_refused(write: Write, tmp_path: Path) -> None:
    write("elsewhere/secret.csv", "x")
    write("data/a.csv", "x")
    (tmp_path / "data" / "more").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    for pattern in ("data", "data/*/*.csv"):
        with pytest.raises(DataError, match="leads out of its folder"):
            source_files([Csv(path=pattern)], tmp_path)
