"""The cleaning chain on records."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from vocation.cleaning import CleaningStep
from vocation.cleaning.minimum_length import MinimumLength
from vocation.cleaning.sentences import Sentences
from vocation.cleaning.unicode import Unicode
from vocation.cleaning.whitespace import Whitespace
from vocation.corpus.clean import Chain, Link
from vocation.deidentification.deidentifier import Deidentifier
from vocation.deidentification.detectors.email import Email
from vocation.deidentification.methods.remove import Remove
from vocation.deidentification.settings import Deidentification
from vocation.ledger import Count, Ledger, read_counts, read_entries
from vocation.records import Record
from vocation.text import Span, Text

STEPS = (Unicode(), Whitespace(), MinimumLength(characters=2))


def chain(*steps: CleaningStep, **changes: Any) -> Chain:
    return Chain(tuple(Link.of(step) for step in steps or STEPS), **changes)


def run(folder: Path, cleaner: Chain, records: Sequence[Record]) -> list[tuple[Record, ...]]:
    with Ledger(folder) as ledger:
        cleaned = cleaner(records)
        cleaned.enter(records, {"a": "train"}, ledger)
    return cleaned.records


def record(*texts: Text, group: str | None = None) -> Record:
    return Record("a:1", {f"text{place}": text for place, text in enumerate(texts)}, {"label": "x"}, "a", 1, group)


def test_every_text_goes_through_every_step_and_edited_texts_are_counted(tmp_path: Path) -> None:
    ((cleaned,),) = run(tmp_path, chain(), [record(Text("Ｏne  two", (Span(5, 8, "N"),)), Text("same  line"))])
    assert cleaned == record(Text("One two", (Span(4, 7, "N"),)), Text("same line"))
    assert read_counts(tmp_path) == [
        Count("edited", "unicode", "texts changed", 1),
        Count("edited", "whitespace", "texts changed", 2),
    ]


def test_a_dropped_text_drops_its_record_which_the_ledger_keeps_as_it_was_read(tmp_path: Path) -> None:
    assert run(tmp_path, chain(), [record(Text("fine"), Text(" Ｘ "))]) == [()]
    (entry,) = read_entries(tmp_path)
    assert (entry["action"], entry["step"], entry["reason"]) == (
        "dropped",
        "minimum_length",
        "shorter than 2 characters",
    )
    assert entry["content"] == "fine ⏎  Ｘ "
    assert entry["split"] == "train"


def test_a_cut_span_drops_its_record(tmp_path: Path) -> None:
    assert run(tmp_path, chain(), [record(Text("cafe\u0301s", (Span(0, 4, "PLACE"),)))]) == [()]
    (entry,) = read_entries(tmp_path)
    assert (entry["step"], entry["reason"], entry["detail"]) == ("unicode", "a labelled span was cut", "PLACE at 0:4")


def test_pieces_become_records_and_go_through_the_rest_of_the_chain(tmp_path: Path) -> None:
    text = Text("The first one is long. No.  The  third is long too.", (Span(33, 38, "N"),))
    (pieces,) = run(tmp_path, chain(Sentences(), Whitespace(), MinimumLength(characters=5)), [record(text)])
    assert [(piece.id, piece.text.content) for piece in pieces] == [
        ("a:1#1", "The first one is long."),
        ("a:1#3", "The third is long too."),
    ]
    (span,) = pieces[1].text.spans
    assert pieces[1].text.content[span.start : span.end] == "third"
    assert (pieces[0].file, pieces[0].row, pieces[0].values) == ("a", 1, {"label": "x"})
    assert read_counts(tmp_path) == [
        Count("dropped", "minimum_length", "shorter than 5 characters (a piece)", 1),
        Count("edited", "sentences", "texts divided", 1),
        Count("edited", "whitespace", "texts changed", 1),
    ]


def test_a_text_of_which_no_piece_is_left_is_dropped_with_the_reason(tmp_path: Path) -> None:
    assert run(tmp_path, chain(Sentences(), MinimumLength(characters=50)), [record(Text("One. Two."))]) == [()]
    (entry,) = read_entries(tmp_path)
    assert (entry["step"], entry["content"]) == ("minimum_length", "One. Two.")


def test_texts_that_must_stay_whole_are_not_divided(tmp_path: Path) -> None:
    ((cleaned,),) = run(tmp_path, chain(Sentences(), whole=True), [record(Text("One is here. Two is here."))])
    assert cleaned.text.content == "One is here. Two is here."


def test_records_of_several_texts_cannot_be_divided() -> None:
    with pytest.raises(TypeError, match="the step sentences divides texts, and the records have several: text0, text1"):
        chain(Sentences())([record(Text("One is here. Two is here."), Text("b"))])


def test_identifiers_are_replaced_last_and_counted_by_category(tmp_path: Path) -> None:
    settings = Deidentification(detectors=(Email(),))
    cleaner = chain(*STEPS, deidentifier=Deidentifier(settings))
    text = Text("Write  to ann＠example.org now", (Span(26, 29, "WHEN"),))
    ((cleaned,),) = run(tmp_path, cleaner, [record(text)])
    assert cleaned.text.content == "Write to [EMAIL_ADDRESS] now"
    assert cleaned.text.spans == (Span(25, 28, "WHEN"),)
    assert Count("edited", "deidentification", "EMAIL_ADDRESS replaced", 1) in read_counts(tmp_path)


def test_a_label_that_goes_with_an_identifier_drops_its_record(tmp_path: Path) -> None:
    settings = Deidentification(detectors=(Email(),), method=Remove())
    text = Text("Write to ann@example.org now", (Span(9, 24, "CONTACT"),))
    assert run(tmp_path, chain(deidentifier=Deidentifier(settings)), [record(text)]) == [()]
    (entry,) = read_entries(tmp_path)
    assert (entry["step"], entry["reason"]) == ("deidentification", "a labelled span was cut")


def test_the_chain_travels_between_processes() -> None:
    cleaner = chain(*STEPS, deidentifier=Deidentifier(Deidentification(detectors=(Email(),))))
    other = pickle.loads(pickle.dumps(cleaner))
    records = [record(Text("Ｗrite to ann@example.org"))]
    assert other(records).records == cleaner(records).records


def test_what_a_learning_step_sees_is_counted_once_a_text() -> None:
    from vocation.cleaning.boilerplate import Boilerplate

    counts, texts = chain(*STEPS).observe([record(Text("Page 1\nbody\nPage 2")), record(Text("x"))], Boilerplate())
    assert texts == 1
    assert set(counts.values()) == {1}
