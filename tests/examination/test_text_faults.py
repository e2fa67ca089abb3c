from __future__ import annotations

from pathlib import Path

import pytest

from vocation.examination.text_faults import text_faults
from vocation.ledger import Ledger, read_counts, read_entries
from vocation.records import Record, write_records
from vocation.tasks.classification import Classification
from vocation.text import Text

TASK = Classification()


def look(folder: Path, texts: list[str], most: int = 100) -> dict[str, object]:
    records = [Record(f"a:{n}", {"text": Text(text)}, {"label": "x"}, "a.csv", n) for n, text in enumerate(texts, 1)]
    write_records(folder / "train.parquet", records, TASK.record_schema)
    with Ledger(folder) as ledger:
        found: dict[str, object] = text_faults(folder, TASK, most, ledger)["found"]
        return found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("ALT &gt; 3 times", "mark-up"),
        ("a <b>bold</b> word", "mark-up"),
        ("患者男，5岁".encode().decode("latin-1"), "mojibake"),
        ("“quoted”".encode().decode("cp1252", errors="ignore"), "mojibake"),
        ("患者头痛三天".encode("gb18030").decode("latin-1"), "mojibake"),
        ("治疗".encode().decode("gb18030"), "mojibake"),
        ("heart \ufffd\ufffd rate", "replacement character"),
        ("a box \uf0a8 to tick", "private use character"),
    ],
)
def test_each_fault_is_found_with_its_place(tmp_path: Path, text: str, fault: str) -> None:
    long = "before " * 20
    assert look(tmp_path, ["sound text", f"{long}{text}"]) == {fault: 1}
    (entry,) = read_entries(tmp_path)
    assert (entry["reason"], entry["row"], entry["split"]) == (fault, 2, "train")
    assert len(entry["content"]) <= 120
    assert text[:3] in entry["content"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "p < 0.05 & n > 3",
        "Ça va très bien à Übersee: 5 × 3 ± 2 °C",
        "（××××）……执……号",
        "“你好”——他说……",
        "naïve café déjà",
    ],
)
def test_sound_text_is_not_accused(tmp_path: Path, text: str) -> None:
    assert look(tmp_path, [text]) == {}


def test_every_text_is_counted_and_a_few_are_kept(tmp_path: Path) -> None:
    assert look(tmp_path, [f"{n} &amp; more" for n in range(30)]) == {"mark-up": 30}
    (count,) = read_counts(tmp_path)
    assert (count.action, count.step, count.count) == ("reported", "text_faults", 30)
    assert len(read_entries(tmp_path)) == 5


def test_no_more_texts_are_looked_at_than_asked_for(tmp_path: Path) -> None:
    assert look(tmp_path, [f"{n} &amp; more" for n in range(30)], most=7) == {"mark-up": 7}
    assert look(tmp_path, ["a &amp; b"], most=0) == {}
