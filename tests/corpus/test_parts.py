"""The first pass: in parts, on several processes, and never a part twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vocation.corpus import parts, reading, workers
from vocation.corpus.refine import CorpusSettings, plan, refine
from vocation.ledger import read_counts, read_entries
from vocation.progress import SILENT
from vocation.records import read_records
from vocation.tasks.classification import Classification

TASK = Classification()
WORDS = ("oak", "elm", "ash", "fir", "yew", "fig", "bay", "gum")


class KilledError(BaseException):
    """Stands for the end of the process."""


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


@pytest.fixture
def each_file_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_PART", 1)


def test_parts_and_processes_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = corpus(tmp_path)
    summary = write(settings, tmp_path, "one")
    assert (summary["read"], summary["dropped"]) == (123, 3)
    with monkeypatch.context() as patched:
        patched.setattr(parts, "_PART", 1)
        patched.setattr(parts, "_BATCH", 7)
        two = settings.model_copy(update={"processes": 2})
        assert write(two, tmp_path, "two") == summary
    assert content(tmp_path / "two") == content(tmp_path / "one")
    assert plan(two, TASK, tmp_path).key == plan(settings, TASK, tmp_path).key


@pytest.mark.parametrize(("size", "seconds", "expected"), [(1, 0.0, 2), (1 << 40, 0.0, 1), (1, 10.0, 1)])
def test_processes_are_started_for_much_and_slow_work_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, seconds: float, expected: int
) -> None:
    used = list[int]()
    monkeypatch.setattr(parts, "_WORTH_PROCESSES", size)
    monkeypatch.setattr(parts, "_WORTH_SENDING", seconds)
    monkeypatch.setattr(parts, "available_cores", lambda: 2)

    def recorded(work: Any, items: Any, size: int, processes: int) -> Any:
        used.append(processes)
        return workers.map_batches(work, items, size, 1)

    monkeypatch.setattr(parts, "map_batches", recorded)
    summary = write(corpus(tmp_path), tmp_path, "out")
    assert set(used) == {expected}
    assert summary["read"] == 123
    assert not list((tmp_path / "out").rglob("trial"))


@pytest.mark.usefixtures("each_file_a_part")
def test_a_killed_run_reads_no_finished_part_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, notes, opened = corpus(tmp_path), list[str](), list[str]()
    read = reading.read

    def reads(die_in: str | None) -> Callable[..., Any]:
        def make(file: Any, *rest: Any, **more: Any) -> Any:
            opened.append(file.name)
            for number, record in enumerate(read(file, *rest, **more)):
                if file.name == die_in and number == 20:
                    raise KilledError
                yield record

        return make

    class Notes:
        def note(self, message: str) -> None:
            notes.append(message)

        bar = staticmethod(SILENT.bar)

    monkeypatch.setattr(reading, "read", reads("2.csv"))
    with pytest.raises(KilledError):
        write(settings, tmp_path, "killed")
    assert opened == ["0.csv", "1.csv", "2.csv"]
    opened.clear()
    monkeypatch.setattr(reading, "read", reads(None))
    summary = write(settings, tmp_path, "killed", Notes())
    assert opened == ["2.csv"]
    assert notes == ["going on after 2 of 3 parts of the files"]
    assert summary == write(settings, tmp_path, "straight")
    assert content(tmp_path / "killed") == content(tmp_path / "straight")


def test_a_learning_step_sees_the_whole_corpus_before_it_acts(tmp_path: Path) -> None:
    settings = corpus(tmp_path, files=2, rows=8)
    for path in tmp_path.glob("*.csv"):
        rows = [f'"Confidential notice\nbody {path.stem} {WORDS[row]}",{"ab"[row % 2]}' for row in range(8)]
        path.write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    learning = CorpusSettings.model_validate({**settings.model_dump(), "cleaning": ["boilerplate", "whitespace"]})
    write(learning, tmp_path, "out")
    texts = {record.text.content for split in content(tmp_path / "out")[:3] for record in split}
    assert texts == {f"body {file} {word}" for file in range(2) for word in WORDS}
    assert not list((tmp_path / "out").rglob("learning"))


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
