"""The first pass: in parts, on several processes, and no part twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from vocation.corpus import first_pass, reading, workers
from vocation.corpus.clean import Chain
from vocation.corpus.refine import CorpusSettings, plan, refine
from vocation.ledger import read_counts, read_entries
from vocation.progress import SILENT
from vocation.records import Record, read_records
from vocation.tasks.classification import Classification

TASK = Classification()
WORDS = ("oak", "elm", "ash", "fir", "yew", "fig", "bay", "gum")


def corpus(folder: Path, files: int = 3, rows: int = 40, **settings: Any) -> CorpusSettings:
    for number in range(files):
        lines = [f"Ｔext {number} {row},{'ab'[row % 2]}" for row in range(rows)]
        (folder / f"{number}.csv").write_text("text,label\n" + "\n".join([*lines, "x,a"]) + "\n", encoding="utf-8")
    cleaning = ["unicode", {"kind": "minimum_length", "characters": 3}]
    return CorpusSettings.model_validate(
        {"sources": [{"kind": "csv", "path": "*.csv"}], "cleaning": cleaning, **settings}
    )


def write(settings: CorpusSettings, folder: Path, out: str, progress: Any = SILENT) -> dict[str, Any]:
    (folder / out).mkdir(exist_ok=True)
    return refine(settings, TASK, folder, plan(settings, TASK, folder), folder / out, progress)


def content(folder: Path) -> list[Any]:
    splits = [
        list(read_records(folder / f"{split}.parquet", TASK.record_schema)) for split in ("train", "validation", "test")
    ]
    return [*splits, read_counts(folder), sorted(map(str, read_entries(folder)))]


def test_parts_and_processes_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = corpus(tmp_path)
    summary = write(settings, tmp_path, "one")
    assert (summary["read"], summary["dropped"]) == (123, 3)
    with monkeypatch.context() as patched:
        patched.setattr(first_pass, "_PART", 1)
        patched.setattr(first_pass, "_BATCH", 7)
        two = settings.model_copy(update={"processes": 2})
        assert write(two, tmp_path, "two") == summary
    assert content(tmp_path / "two") == content(tmp_path / "one")
    assert plan(two, TASK, tmp_path).key == plan(settings, TASK, tmp_path).key


@pytest.mark.parametrize(("size", "seconds", "expected"), [(1, 0.0, 2), (1 << 40, 0.0, 1), (1, 10.0, 1)])
def test_processes_are_started_for_much_and_slow_work_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, seconds: float, expected: int
) -> None:
    used = list[int]()
    monkeypatch.setattr(first_pass, "_WORTH_PROCESSES", size)
    monkeypatch.setattr(first_pass, "_WORTH_SENDING", seconds)
    monkeypatch.setattr(first_pass, "available_cores", lambda: 2)

    def recorded(work: Any, batches: Any, processes: int) -> Any:
        used.append(processes)
        return workers.map_batches(work, batches, 1)

    monkeypatch.setattr(first_pass, "map_batches", recorded)
    summary = write(corpus(tmp_path), tmp_path, "out")
    assert set(used) == {expected}
    assert summary["read"] == 123
    assert not list((tmp_path / "out").rglob("trial"))


class Notes:
    def __init__(self) -> None:
        self.lines = list[str]()

    def note(self, message: str) -> None:
        self.lines.append(message)

    bar = staticmethod(SILENT.bar)


def run_until_killed(folder: Path, settings: CorpusSettings, name: str, row: int, part: int) -> None:
    """Another process that kills itself, as `kill -9` does, when it has read so many rows of a file."""
    code = f"""
import os, signal, sys
from pathlib import Path
from vocation.corpus import first_pass, reading
from vocation.corpus.clean import Chain
from vocation.corpus.refine import CorpusSettings, plan, refine
from vocation.progress import SILENT
from vocation.tasks.classification import Classification

first_pass._PART, first_pass._ROW, first_pass._BATCH = {part}, 1, 8
read = reading.read

def reads(file, *rest, **more):
    for number, record in enumerate(read(file, *rest, **more)):
        if (file.name, number) == ({name!r}, {row}):
            os.kill(os.getpid(), signal.SIGKILL)
        yield record

reading.read = reads
settings, folder, task = CorpusSettings.model_validate_json(sys.argv[1]), Path(sys.argv[2]), Classification()
(folder / "killed").mkdir()
refine(settings, task, folder, plan(settings, task, folder), folder / "killed", SILENT)
"""
    command = [sys.executable, "-c", code, settings.model_dump_json(), str(folder)]
    said = folder / "said.txt"
    with said.open("w", encoding="utf-8") as file:  # A pipe would stay open as long as the processes that it started.
        done = subprocess.run(command, check=False, stdout=file, stderr=file)
    assert done.returncode == -signal.SIGKILL, said.read_text(encoding="utf-8")


def cleaned_in(run: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> tuple[Any, list[str]]:
    """What a run gives, and the ids of the records that it cleaned."""
    ids = list[str]()
    clean = Chain.__call__

    def recorded(chain: Chain, records: Sequence[Record]) -> Any:
        ids.extend(record.id for record in records)
        return clean(chain, records)

    with monkeypatch.context() as patched:
        patched.setattr(Chain, "__call__", recorded)
        return run(), ids


@pytest.mark.parametrize("processes", [1, 2])
def test_a_run_killed_in_the_middle_of_a_file_cleans_no_finished_row_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    settings = corpus(tmp_path, files=1, rows=400, processes=processes, invalid_rows="drop")
    with (tmp_path / "0.csv").open("a", encoding="utf-8") as file:
        file.write("no label,\nＴext at the end,b\n")
    lines = (tmp_path / "0.csv").read_text(encoding="utf-8").splitlines()
    lines[5] = "no label either,"
    (tmp_path / "0.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    run_until_killed(tmp_path, settings, "0.csv", row=250, part=1000)
    finished = [path for path in (tmp_path / "killed").rglob("records.parquet") if "partial" not in path.parent.name]
    done = {record.id for path in finished for record in read_records(path, TASK.record_schema)}
    assert 150 < len(done) < 250

    monkeypatch.setattr(first_pass, "_PART", 1000)
    monkeypatch.setattr(first_pass, "_ROW", 1)
    monkeypatch.setattr(first_pass, "_BATCH", 8)
    alone = settings.model_copy(update={"processes": 1})
    notes = Notes()
    summary, again = cleaned_in(lambda: write(alone, tmp_path, "killed", notes), monkeypatch)
    straight, all_ids = cleaned_in(lambda: write(alone, tmp_path, "straight"), monkeypatch)
    assert not done & set(again)
    assert done | set(again) == set(all_ids)
    assert notes.lines == [f"going on behind {len(done) + 1} rows that are done"]  # And the row that has no label.
    assert summary == straight
    assert (summary["read"], summary["dropped"]) == (403, 3)
    assert content(tmp_path / "killed") == content(tmp_path / "straight")


def test_what_was_filled_in_is_counted_once_over_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = corpus(tmp_path, files=1, rows=60)
    text = (tmp_path / "0.csv").read_text(encoding="utf-8").replace(",b\n", ",\n")
    (tmp_path / "0.csv").write_text(text, encoding="utf-8")
    source = {"kind": "csv", "path": "*.csv", "missing": "fill", "fill": {"label": "c"}}
    settings = CorpusSettings.model_validate({**settings.model_dump(), "sources": [source]})
    run_until_killed(tmp_path, settings, "0.csv", row=40, part=200)
    monkeypatch.setattr(first_pass, "_PART", 200)
    write(settings, tmp_path, "killed")
    filled = [count.count for count in read_counts(tmp_path / "killed") if "filled" in count.reason]
    assert filled == [30]


def test_finished_files_are_not_opened_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, opened = corpus(tmp_path), list[str]()
    run_until_killed(tmp_path, settings, "2.csv", row=20, part=1)
    read = reading.read

    def recorded(file: Any, *rest: Any, **more: Any) -> Any:
        opened.append(file.name)
        return read(file, *rest, **more)

    monkeypatch.setattr(reading, "read", recorded)
    summary = write(settings, tmp_path, "killed")
    assert opened == ["2.csv"]
    assert summary == write(settings, tmp_path, "straight")
    assert content(tmp_path / "killed") == content(tmp_path / "straight")


def test_a_batch_of_long_texts_holds_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batches = list[list[int]]()

    def recorded(work: Any, each: Any, processes: int) -> Any:
        for batch, done in workers.map_batches(work, each, processes):
            batches.append([len(record.text.content) for record in batch])
            yield batch, done

    monkeypatch.setattr(first_pass, "_BATCH_CHARACTERS", 50)
    monkeypatch.setattr(first_pass, "map_batches", recorded)
    write(corpus(tmp_path), tmp_path, "out")
    assert sum(map(len, batches)) == 123
    assert all(sum(sizes) >= 50 > sum(sizes[:-1]) for sizes in batches[:-1])


def test_a_learning_step_sees_the_whole_corpus_before_it_acts_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = corpus(tmp_path, files=2, rows=8)
    for path in tmp_path.glob("*.csv"):
        rows = [f'"Confidential notice\nbody {path.stem} {WORDS[row]}",{"ab"[row % 2]}' for row in range(8)]
        path.write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    learning = CorpusSettings.model_validate({**settings.model_dump(), "cleaning": ["boilerplate", "whitespace"]})
    write(learning, tmp_path, "out")
    texts = {record.text.content for split in content(tmp_path / "out")[:3] for record in split}
    assert texts == {f"body {file} {word}" for file in range(2) for word in WORDS}
    assert not list((tmp_path / "out").rglob("learning"))

    def observe(*ignored: Any) -> Any:
        raise AssertionError("a later run learns again what an earlier one has")

    monkeypatch.setattr(Chain, "observe", observe)
    before = content(tmp_path / "out")
    write(learning, tmp_path, "out")
    assert content(tmp_path / "out") == before


def test_with_deidentification_no_identifier_reaches_the_artifact(tmp_path: Path) -> None:
    rows = [f"Question {number} of ann{number}@example.org,{'ab'[number % 2]}" for number in range(40)]
    rows += ["bob@example.org,", "x@y.org,a", f"{rows[0]}"]
    (tmp_path / "a.csv").write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    settings = CorpusSettings.model_validate(
        {
            "sources": [{"kind": "csv", "path": "a.csv"}],
            "cleaning": [{"kind": "minimum_length", "characters": 9}],
            "deidentification": {"detectors": ["email"]},
            "invalid_rows": "drop",
        }
    )
    summary = write(settings, tmp_path, "out")
    assert summary["dropped"] == 2 + summary["duplicates"]["train"]
    kept = str(content(tmp_path / "out"))
    assert "[EMAIL_ADDRESS]" in kept
    assert "@" not in kept
    reasons = {entry["reason"]: entry["content"] for entry in read_entries(tmp_path / "out")}
    assert reasons["invalid row"] == "{}"
    assert reasons["shorter than 9 characters"] == "[EMAIL_ADDRESS]"
