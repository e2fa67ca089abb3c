"""De-identification that was stopped: goes on where it was, gives the same, and leaves nothing behind."""

from __future__ import annotations

import errno
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.clinic_notes import NAMES, write_notes
from vocation import deidentify_file, deidentify_parts
from vocation.artifacts import publish
from vocation.corpus.parts import Place, write_state
from vocation.deidentification.rows import RowResult, RowWork
from vocation.deidentification.settings import Deidentification
from vocation.deidentification.vault import read_vault
from vocation.deidentify_command import Request
from vocation.deidentify_file import FileJob
from vocation.errors import ArtifactError, DataError
from vocation.progress import SILENT
from vocation.records import Row

SECRET = "a secret of many letters"
ROWS, PART, LAST = 700, 100, 520
"""Rows of a file, rows of a part, and the row at which a run is killed."""


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOCATION_KEY", SECRET)
    monkeypatch.setattr(deidentify_parts, "_ROWS", PART)
    monkeypatch.setattr(deidentify_file, "_BATCH", 32)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_notes(tmp_path / "notes.csv", ROWS)


class Notes:
    def __init__(self) -> None:
        self.lines = list[str]()

    def note(self, message: str) -> None:
        self.lines.append(message)

    bar = staticmethod(SILENT.bar)


KILLED = """
import os, signal, sys
from pathlib import Path
from vocation import deidentify_file, deidentify_parts
from vocation.deidentify_command import Request

deidentify_parts._ROWS, deidentify_file._BATCH = {part}, 32
read, last = deidentify_file.watched_rows, int(sys.argv[1])

def reads(*given):
    for number, row in enumerate(read(*given)):
        if number == last:
            os.kill(os.getpid(), signal.SIGKILL)
        yield row

deidentify_file.watched_rows = reads
Request(**{{name: Path(value) if name in ("source", "out", "audit") else value
    for name, value in {options!r}.items()}}).run()
"""


def run_until_killed(folder: Path, last: int = LAST, **options: Any) -> None:
    """Another process that kills itself, as `kill -9` does, when it has read so many rows of the file."""
    plain = {name: str(value) if isinstance(value, Path) else value for name, value in options.items()}
    said = folder / "said.txt"
    with said.open("w", encoding="utf-8") as file:  # A pipe would stay open as long as the processes that it started.
        command = [sys.executable, "-c", KILLED.format(part=PART, options=plain), str(last)]
        done = subprocess.run(command, check=False, stdout=file, stderr=file)
    assert done.returncode == -signal.SIGKILL, said.read_text(encoding="utf-8")
    said.unlink()


def worked_on(run: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> tuple[Any, list[int]]:
    """What a run in this process gives, and the numbers of the rows in which it looked for something."""
    numbers = list[int]()
    work = RowWork.__call__

    def recorded(self: RowWork, rows: Sequence[Row]) -> list[RowResult]:
        numbers.extend(row.number for row in rows)
        return work(self, rows)

    with monkeypatch.context() as patched:
        patched.setattr(RowWork, "__call__", recorded)
        return run(), numbers


def written(folder: Path, name: str) -> tuple[Any, ...]:
    """Everything that a run writes, without what no two runs have alike: times, and what encryption adds."""
    vault, audit = folder / f"{name}.vault", folder / f"audit of {name}"
    facts = json.loads((audit / "audit.json").read_text(encoding="utf-8"))
    facts.pop("written")
    entries = read_vault(vault, SECRET.encode()) if vault.exists() else {}
    return (folder / name).read_bytes(), facts, (audit / "review.csv").read_bytes(), entries


SURROGATES = {"method": "surrogate", "group": "who", "overrides": ("scope=corpus", "more_detectors=[date_time]")}


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("options", [SURROGATES, {"method": "pseudonym"}], ids=["surrogate", "pseudonym"])
def test_a_killed_run_goes_on_where_it_was_and_gives_the_same(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], processes: int
) -> None:
    one, other = (
        {**options, "source": source, "out": tmp_path / name, "audit": tmp_path / f"audit of {name}"}
        for name in ("killed.csv", "straight.csv")
    )
    run_until_killed(tmp_path, processes=processes, **one)
    left = tmp_path / ".killed.csv.unfinished"
    done = len(list(left.glob("parts/00*/part.json"))) * PART
    assert LAST - PART - 32 * (1 + 3 * processes) <= done < LAST
    assert not (tmp_path / "killed.csv").exists()
    run_until_killed(tmp_path, 60, processes=processes, **one)  # Again, among the rows that are done.

    notes = Notes()
    told, again = worked_on(lambda: Request(**one, processes=1).run(notes), monkeypatch)
    straight, everything = worked_on(lambda: Request(**other, processes=1).run(), monkeypatch)
    assert notes.lines == [f"going on behind {done:,} rows that are done"]
    assert again == everything[done:]
    assert [line for line in told if line[:2] == "  "] == [line for line in straight if line[:2] == "  "]
    assert written(tmp_path, "killed.csv") == written(tmp_path, "straight.csv")
    assert sorted(path.name for path in tmp_path.glob(".*")) == []
    text = (tmp_path / "killed.csv").read_text(encoding="utf-8")
    assert not any(name in text for name in (*NAMES, "bank.com"))


@pytest.mark.parametrize("method", ["tag", "hash", "surrogate", "pseudonym", "mask"])
def test_what_lies_there_between_is_for_the_owner_alone_and_holds_no_identifier(
    source: Path, tmp_path: Path, method: str
) -> None:
    run_until_killed(tmp_path, source=source, out=tmp_path / "out.csv", method=method)
    left = tmp_path / ".out.csv.unfinished"
    assert left.stat().st_mode & 0o077 == 0
    contents = [path.read_bytes() for path in left.rglob("*") if path.is_file()]
    packed = [gzip.decompress(content).decode() for content in contents if content[:2] == b"\x1f\x8b"]
    assert len(packed) == len(list(left.glob("parts/00*"))) > 3
    everything = "".join(packed).encode().decode("unicode_escape") + b"".join(contents).decode("utf-8", "replace")
    assert "PHONE_NUMBER" in everything
    for secret in (*NAMES, "bank.com", "1380013", "Quackenbush"):
        assert secret not in everything


def change_file(source: Path, options: dict[str, Any]) -> None:
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace("Quackenbush", "Featherston"), encoding="utf-8")  # Of the same size.


def change_settings(source: Path, options: dict[str, Any]) -> None:
    options["overrides"] = ("minimum_score=0.6",)


def change_key(source: Path, options: dict[str, Any]) -> None:
    key = source.with_name("key")
    key.write_text("another secret of many letters")
    options["key_file"] = key


@pytest.mark.parametrize(
    ("change", "what"), [(change_file, "the file"), (change_settings, "the settings"), (change_key, "the key")]
)
def test_anything_changed_starts_anew_and_says_what(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[..., None], what: str
) -> None:
    options: dict[str, Any] = {"source": source, "method": "surrogate"}
    run_until_killed(tmp_path, out=tmp_path / "killed.csv", **options)
    change(source, options)
    notes = Notes()
    _, again = worked_on(lambda: Request(**options, out=tmp_path / "killed.csv").run(notes), monkeypatch)
    assert notes.lines == [f"starting anew: {what} changed since the run that was not finished"]
    assert len(again) == ROWS
    Request(**options, out=tmp_path / "straight.csv").run()
    assert (tmp_path / "killed.csv").read_bytes() == (tmp_path / "straight.csv").read_bytes()
    assert list(tmp_path.glob(".*")) == []


def test_the_same_key_elsewhere_and_other_processes_go_on(source: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"source": source, "out": tmp_path / "out.csv", "method": "hash"}
    run_until_killed(tmp_path, **options)
    (tmp_path / "key").write_text(SECRET)
    notes = Notes()
    Request(**options, key_file=tmp_path / "key", processes=2).run(notes)
    assert notes.lines[0].startswith("going on behind ")


def test_an_audit_alone_goes_on_as_well(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_until_killed(tmp_path, source=source, audit=tmp_path / "audit")
    request = Request(source, audit=tmp_path / "audit")
    told, again = worked_on(request.run, monkeypatch)
    assert 0 < len(again) < ROWS - LAST + PART + 64
    assert told[0].startswith(f"Read {ROWS} rows")
    assert sorted(path.name for path in (tmp_path / "audit").iterdir()) == ["audit.html", "audit.json", "review.csv"]


def test_a_run_that_was_killed_when_it_had_come_to_its_end_leaves_nothing(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    run_until_killed(tmp_path, source=source, out=out)
    (temporary,) = tmp_path.glob(".out.csv.[0-9]*")
    with temporary.open("a", encoding="utf-8") as file:
        file.write("the last rows")
    temporary.replace(out)
    with pytest.raises(ArtifactError, match="is there already"):
        Request(source, out).run()
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("stop", ["before", "in the middle"])
def test_a_run_that_was_killed_as_it_removed_its_parts_leaves_nothing(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: str
) -> None:
    remove = shutil.rmtree

    def stopping(folder: Path) -> None:
        for part in list(folder.rglob("00*"))[:2]:  # Which makes the folder younger than the file.
            remove(part)
        raise KeyboardInterrupt

    def not_begun(parts: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        if stop == "in the middle":
            killed.setattr("vocation.deidentify_parts.shutil.rmtree", stopping)
        else:
            killed.setattr("vocation.deidentify_parts._drop", not_begun)
        with pytest.raises(KeyboardInterrupt):
            Request(source, tmp_path / "out.csv").run()
    assert [path.name for path in tmp_path.glob(".*")] == [".out.csv.unfinished"]
    with pytest.raises(ArtifactError, match="is there already"):
        Request(source, tmp_path / "out.csv").run()
    assert list(tmp_path.glob(".*")) == []


def test_a_run_that_would_replace_an_older_file_keeps_its_parts_when_it_is_refused(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("older", encoding="utf-8")
    os.utime(out, (time.time() - 60, time.time() - 60))
    run_until_killed(tmp_path, source=source, out=out, force=True)
    with pytest.raises(ArtifactError, match="--force"):
        Request(source, out).run()
    _, again = worked_on(Request(source, out, force=True).run, monkeypatch)
    assert len(again) < ROWS


def test_no_space_for_a_part_is_told_and_the_finished_ones_stay(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = list[Path]()

    def full(folder: Path, target: Path) -> None:
        if len(published) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
        published.append(target)
        publish(folder, target)

    with monkeypatch.context() as patched:
        patched.setattr("vocation.corpus.parts.publish", full)
        with pytest.raises(ArtifactError, match="No space left on device"):
            Request(source, tmp_path / "out.csv").run()
        assert [path.name for path in tmp_path.glob(".*")] == [".out.csv.unfinished"]
    notes = Notes()
    Request(source, tmp_path / "out.csv").run(notes)
    assert notes.lines == [f"going on behind {3 * PART} rows that are done"]
    Request(source, tmp_path / "straight.csv").run()
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "straight.csv").read_bytes()


def test_rows_that_are_no_longer_those_of_a_part_are_refused(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found in other texts would be put into these, and what stands in them would stay."""
    run_until_killed(tmp_path, source=source, out=tmp_path / "out.csv")
    known = json.loads((tmp_path / ".out.csv.unfinished/parts/made-of.json").read_text(encoding="utf-8"))
    source.write_text(source.read_text(encoding="utf-8").replace("王旎袅", "周杰伦"), encoding="utf-8")
    monkeypatch.setattr(deidentify_file._Tally, "facts", lambda self: known)  # It changed behind our back.
    with pytest.raises(DataError, match="changed while it was read"):
        Request(source, tmp_path / "out.csv").run()
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("name", ["parts/000001/texts.json.gz", "parts/made-of.json"])
def test_a_damaged_part_is_told(source: Path, tmp_path: Path, name: str) -> None:
    run_until_killed(tmp_path, source=source, out=tmp_path / "out.csv")
    place = tmp_path / ".out.csv.unfinished" / name
    place.write_bytes(place.read_bytes()[:20])
    with pytest.raises(ArtifactError, match="is damaged") as caught:
        Request(source, tmp_path / "out.csv").run()
    assert f"delete the folder {place.parent}" in str(caught.value)


def test_a_fault_in_a_row_is_told_and_the_parts_go_with_the_next_run(source: Path, tmp_path: Path) -> None:
    sound = source.read_text(encoding="utf-8")
    source.write_text(f"{sound}one cell,of,three\n", encoding="utf-8")
    with pytest.raises(DataError, match=f"row {ROWS + 2}"):
        Request(source, tmp_path / "out.csv").run()
    source.write_text(sound, encoding="utf-8")
    notes = Notes()
    Request(source, tmp_path / "out.csv").run(notes)
    assert notes.lines == ["starting anew: the file changed since the run that was not finished"]
    assert list(tmp_path.glob(".*")) == []


def test_a_small_file_never_has_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deidentify_parts, "_ROWS", 1 << 20)
    monkeypatch.setattr(deidentify_parts, "new_part", None)
    (tmp_path / "in.txt").write_text("Mr. Lee\n\nMs. Kim\n", encoding="utf-8")
    FileJob(tmp_path / "in.txt", tmp_path / "out.txt", Deidentification()).run()
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "Mr. [PERSON]\n\nMs. [PERSON]\n"


def test_long_texts_make_a_part_of_few_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = list[int]()

    def recorded(part: Path, files: Any, place: Place) -> None:
        counts.append(place.rows)
        write_state(part, files, place)

    monkeypatch.setattr(deidentify_parts, "_CHARACTERS", 1000)
    monkeypatch.setattr("vocation.deidentify_parts.write_state", recorded)
    lines = [json.dumps({"text": "a" * 400}) for _ in range(10)]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    Request(tmp_path / "in.jsonl", tmp_path / "out.jsonl").run()
    assert counts == [3, 6, 9]
