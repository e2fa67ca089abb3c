"""Files that are whole or absent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from vocation.whole_files import open_private, written_beside


def test_a_file_gets_its_name_when_the_block_has_ended_well(tmp_path: Path) -> None:
    place = tmp_path / "f"
    place.write_text("before")
    with written_beside(place) as other:
        other.write_text("after")
        assert place.read_text() == "before"
    assert place.read_text() == "after"
    assert list(tmp_path.iterdir()) == [place]


def test_after_an_error_the_file_is_as_it_was(tmp_path: Path) -> None:
    place = tmp_path / "f"
    place.write_text("before")

    def fail() -> None:
        with written_beside(place) as other:
            other.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert place.read_text() == "before"
    assert list(tmp_path.iterdir()) == [place]


def test_what_a_killed_process_began_goes_and_what_one_at_work_writes_stays(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as gone:
        gone.wait()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as living:
        for process in (gone, living):
            (tmp_path / f".f.{process.pid}").touch()
        with written_beside(tmp_path / "f") as other:
            other.touch()
        assert sorted(path.name for path in tmp_path.iterdir()) == [f".f.{living.pid}", "f"]
        living.communicate(b"\n")


def test_a_private_file_is_never_readable_by_others(tmp_path: Path) -> None:
    with open_private(tmp_path / "f", encoding="utf-8-sig") as file:
        assert (tmp_path / "f").stat().st_mode & 0o077 == 0
        file.write("密")
    assert (tmp_path / "f").read_bytes() == b"\xef\xbb\xbf" + "密".encode()
