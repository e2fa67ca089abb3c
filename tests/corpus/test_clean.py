"""The cleaning chain on records."""

from __future__ import annotations

from pathlib import Path

from vocation.cleaning.minimum_length import MinimumLength
from vocation.cleaning.unicode import Unicode
from vocation.cleaning.whitespace import Whitespace
from vocation.corpus.clean import Cleaner
from vocation.ledger import Count, Ledger, read_counts, read_entries
from vocation.records import Record
from vocation.text import Span, Text


def run(folder: Path, records: list[Record]) -> list[Record | None]:
    with Ledger(folder) as ledger:
        cleaner = Cleaner([Unicode(), Whitespace(), MinimumLength(characters=2)], ledger)
        cleaned = [cleaner(record, "train") for record in records]
        cleaner.finish()
    return cleaned


def record(*texts: Text) -> Record:
    return Record("a:1", {f"text{place}": text for place, text in enumerate(texts)}, {"label": "x"}, "a", 1)


def test_every_text_goes_through_every_step_and_edited_texts_are_counted(tmp_path: Path) -> None:
    (cleaned,) = run(tmp_path, [record(Text("Ｏne  two", (Span(5, 8, "N"),)), Text("same  line"))])
    assert cleaned == record(Text("One two", (Span(4, 7, "N"),)), Text("same line"))
    assert read_counts(tmp_path) == [
        Count("edited", "unicode", "texts changed", 1),
        Count("edited", "whitespace", "texts changed", 2),
    ]


def test_a_dropped_text_drops_its_record_which_the_ledger_keeps_as_it_was_read(tmp_path: Path) -> None:
    assert run(tmp_path, [record(Text("fine"), Text(" Ｘ "))]) == [None]
    (entry,) = read_entries(tmp_path)
    assert (entry["action"], entry["step"], entry["reason"]) == (
        "dropped",
        "minimum_length",
        "shorter than 2 characters",
    )
    assert entry["content"] == "fine ⏎  Ｘ "
    assert entry["split"] == "train"


def test_a_cut_span_drops_its_record(tmp_path: Path) -> None:
    assert run(tmp_path, [record(Text("cafe\u0301s", (Span(0, 4, "PLACE"),)))]) == [None]
    (entry,) = read_entries(tmp_path)
    assert (entry["step"], entry["reason"], entry["detail"]) == ("unicode", "a labelled span was cut", "PLACE at 0:4")
