"""The ledger: every entry counted and kept, whoever dies."""

from __future__ import annotations

from pathlib import Path

import pytest

from vocation import ledger as module
from vocation.ledger import Count, Ledger, read_counts, read_entries
from vocation.records import Record
from vocation.text import Text


def record(row: int, text: str = "text") -> Record:
    return Record(f"a.csv:{row}", {"text": Text(text), "second": Text("更多")}, {"label": "x"}, "a.csv", row)


def test_entries_and_counts_come_back(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.add("dropped", "minimum_length", "too short", record(3), split="train", detail="2 characters")
        ledger.add_row("refused", "csv", "missing label", "a.csv", 7, "a\tb\n中")
        ledger.count("edited", "unicode", "changed", 5)
        ledger.count("edited", "unicode", "changed", 2)
        ledger.count("edited", "whitespace", "changed", 0)
        expected = [
            Count("dropped", "minimum_length", "too short", 1),
            Count("edited", "unicode", "changed", 7),
            Count("refused", "csv", "missing label", 1),
        ]
        assert ledger.summary() == expected
    assert read_counts(tmp_path) == expected
    assert read_entries(tmp_path) == [
        {
            "action": "dropped",
            "step": "minimum_length",
            "reason": "too short",
            "split": "train",
            "file": "a.csv",
            "row": 3,
            "id": "a.csv:3",
            "detail": "2 characters",
            "content": "text ⏎ 更多",
        },
        {
            "action": "refused",
            "step": "csv",
            "reason": "missing label",
            "split": None,
            "file": "a.csv",
            "row": 7,
            "id": "",
            "detail": "",
            "content": "a\tb\n中",
        },
    ]


def test_what_happened_in_a_file_is_one_entry_and_counts_as_often_as_it_happened(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.add_file("edited", "reading", "bytes", "a.csv", 3)
        ledger.add_file("edited", "reading", "bytes", "b.csv", 2)
        ledger.add_file("edited", "reading", "bytes", "c.csv", 0)
    assert [(entry["file"], entry["row"], entry["detail"]) for entry in read_entries(tmp_path)] == [
        ("a.csv", 0, "3"),
        ("b.csv", 0, "2"),
    ]
    assert [count.count for count in read_counts(tmp_path)] == [5]


def test_an_empty_ledger_can_be_read(tmp_path: Path) -> None:
    with Ledger(tmp_path):
        pass
    assert read_counts(tmp_path) == []
    assert read_entries(tmp_path) == []


def test_what_was_entered_before_an_error_is_kept(tmp_path: Path) -> None:
    def fail() -> None:
        with Ledger(tmp_path) as ledger:
            ledger.add("cut", "entities", "long", record(1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [entry["row"] for entry in read_entries(tmp_path)] == [1]
    assert read_counts(tmp_path) == [Count("cut", "entities", "long", 1)]


def test_a_ledger_that_is_turned_goes_on_in_another_folder_with_nothing_entered(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with Ledger(tmp_path / "one") as ledger:
        ledger.add("dropped", "step", "why", record(1))
        ledger.turn(tmp_path / "two")
        ledger.add("dropped", "step", "why", record(2))
        ledger.close()
        with pytest.raises(ValueError, match="is closed"):
            ledger.add("dropped", "step", "why", record(3))
    for row, name in enumerate(("one", "two"), start=1):
        assert [entry["row"] for entry in read_entries(tmp_path / name)] == [row]
        assert read_counts(tmp_path / name) == [Count("dropped", "step", "why", 1)]


def test_long_entries_are_written_before_they_are_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH_CHARACTERS", 20)
    with Ledger(tmp_path) as ledger:
        for row in range(9):
            ledger.add("dropped", "step", "why", record(row, "nine char"))
            assert len(ledger._rows) < 2
    assert [entry["row"] for entry in read_entries(tmp_path)] == list(range(9))


def test_many_entries_are_written_as_they_come_and_read_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BATCH", 10)
    with Ledger(tmp_path) as ledger:
        for row in range(35):
            ledger.add("dropped", "step", "odd" if row % 2 else "even", record(row))
            assert len(ledger._rows) < 10
    assert [entry["row"] for entry in read_entries(tmp_path)] == list(range(35))
    assert [entry["row"] for entry in read_entries(tmp_path, limit=12)] == list(range(12))
    assert [entry["row"] for entry in read_entries(tmp_path, limit=3, reason="odd")] == [1, 3, 5]
    assert len(read_entries(tmp_path, reason="odd")) == 17
    assert read_entries(tmp_path, reason="never") == []
    assert sum(count.count for count in read_counts(tmp_path)) == 35
