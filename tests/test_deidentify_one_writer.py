"""De-identification of one file by two runs at once: the second is refused."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from vocation.deidentify_command import Request
from vocation.deidentify_parts import one_writer, unfinished_folder
from vocation.errors import ArtifactError


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOCATION_KEY", "a secret of many letters")
    path = tmp_path / "notes.csv"
    path.write_text("note\nMr. Lee is well.\nMs. Kim is not.\n", encoding="utf-8")
    return path


@contextmanager
def at_work(source: Path, out: Path) -> Iterator[subprocess.Popen[str]]:
    """A run that has begun and waits."""
    code = """
import sys
from pathlib import Path
from vocation import deidentify_file
from vocation.deidentify_command import Request

read = deidentify_file.watched_rows

def waits(*given):
    print("at work", flush=True)
    sys.stdin.readline()
    yield from read(*given)

deidentify_file.watched_rows = waits
Request(Path(sys.argv[1]), Path(sys.argv[2])).run()
"""
    command = [sys.executable, "-c", code, str(source), str(out)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        yield process
        process.kill()


def test_a_second_run_is_refused_and_told_who_is_at_work(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    with at_work(source, out) as other:
        with pytest.raises(ArtifactError, match=r"Another run is writing .*out\.csv") as caught:
            Request(source, out).run()
        assert f"(process {other.pid}, since " in str(caught.value)
        assert "give this run another file with --out" in str(caught.value)
        with pytest.raises(ArtifactError, match="Another run is writing"):
            Request(source, out, force=True).run()
        Request(source, tmp_path / "another.csv").run()
        assert other.poll() is None
        assert not out.exists()
    Request(source, out).run()  # The lock died with its process.
    assert out.read_bytes() == (tmp_path / "another.csv").read_bytes()
    assert list(tmp_path.glob(".*")) == []


def test_two_runs_do_not_write_one_vault_at_once(source: Path, tmp_path: Path) -> None:
    vault = tmp_path / "v"
    options: dict[str, Any] = {"method": "pseudonym", "vault": vault}
    with (
        one_writer(vault, unfinished_folder(vault)),
        pytest.raises(ArtifactError, match=r"Another run is writing .*/v \((.|\n)*another vault with --vault"),
    ):
        Request(source, tmp_path / "out.csv", **options).run()
    Request(source, tmp_path / "out.csv", **options).run()
    assert list(tmp_path.glob(".*")) == []


def test_a_second_restoration_is_refused(source: Path, tmp_path: Path) -> None:
    hidden, vault = tmp_path / "hidden.csv", tmp_path / "hidden.csv.vault"
    Request(source, hidden, method="pseudonym").run()
    out = tmp_path / "out.csv"
    with at_work(source, out), pytest.raises(ArtifactError, match="Another run is writing"):
        Request(hidden, out, restore=True, vault=vault).run()
    Request(hidden, out, restore=True, vault=vault).run()
    with source.open(encoding="utf-8", newline="") as before, out.open(encoding="utf-8", newline="") as after:
        assert list(csv.reader(before)) == list(csv.reader(after))
    assert list(tmp_path.glob(".*")) == []
