from __future__ import annotations

from pathlib import Path

from vocation.examination.identifiers import identifiers_in
from vocation.ledger import Ledger, read_counts, read_entries
from vocation.records import Record, write_records
from vocation.tasks.classification import Classification
from vocation.text import Text

TASK = Classification()


def look(folder: Path, texts: list[str], most: int = 100) -> dict[str, object]:
    records = [Record(f"a:{n}", {"text": Text(text)}, {"label": "x"}, "a.csv", n) for n, text in enumerate(texts, 1)]
    write_records(folder / "train.parquet", records, TASK.record_schema)
    with Ledger(folder) as ledger:
        return identifiers_in(folder, TASK, most, ledger)


def test_identifiers_are_counted_by_category_and_names_are_not_looked_for(tmp_path: Path) -> None:
    texts = ["write to ann@example.org or bob@example.org", "Dr John Smith of London", "see http://example.org/a"]
    assert look(tmp_path, texts) == {"texts": 3, "found": {"EMAIL_ADDRESS": 2, "URL": 1}}


def test_samples_show_where_they_stand_and_not_what_they_are(tmp_path: Path) -> None:
    look(tmp_path, ["my number is 13812345678, and my mail is ann@example.org, thanks"])
    entries = read_entries(tmp_path, reason="identifier: EMAIL_ADDRESS")
    assert [(entry["file"], entry["row"], entry["split"]) for entry in entries] == [("a.csv", 1, "train")]
    assert entries[0]["content"].endswith("and my mail is [EMAIL_ADDRESS], thanks")
    assert "13812345678" not in entries[0]["content"], "nor are its neighbours"


def test_a_few_are_kept_as_samples_and_all_are_counted(tmp_path: Path) -> None:
    look(tmp_path, [f"write to ann{n}@example.org" for n in range(30)])
    (count,) = read_counts(tmp_path)
    assert (count.action, count.reason, count.count) == ("reported", "identifier: EMAIL_ADDRESS", 30)
    assert len(read_entries(tmp_path)) == 5


def test_no_more_texts_are_looked_at_than_asked_for(tmp_path: Path) -> None:
    assert look(tmp_path, [f"write to ann{n}@example.org" for n in range(30)], most=7)["texts"] == 7
