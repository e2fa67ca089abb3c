"""Blocks of raw documents as rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from vocation.corpus.documents import Block, Unit, document_name, document_rows, file_date

PATH = Path("folder/civil code.md.gz")
BLOCKS = [
    Block("preface", 1),
    Block("Law", 3, heading=True),
    Block("  ", 4),
    Block("§1", 5),
    Block("End", 9, heading=True),
]


def rows(title: str | None, unit: Unit) -> list[tuple[int, dict[str, str | None]]]:
    return [(row.number, dict(row.fields)) for row in document_rows(PATH, title, BLOCKS, unit)]


def test_a_document_is_one_row_of_lines() -> None:
    assert rows(" The \n Law ", "document") == [
        (1, {"title": "The Law", "text": "preface\nLaw\n§1\nEnd", "file_date": None})
    ]


def test_a_section_is_a_heading_with_what_stands_under_it() -> None:
    assert rows(None, "section") == [
        (1, {"title": "Law", "text": "preface", "file_date": None, "section": "Law"}),
        (3, {"title": "Law", "text": "Law\n§1", "file_date": None, "section": "Law"}),
        (9, {"title": "Law", "text": "End", "file_date": None, "section": "End"}),
    ]


def test_a_document_without_text_is_a_faulty_row_named_for_its_file() -> None:
    (row,) = document_rows(PATH, None, [Block(" ", 1)], "document")
    assert row.fields == {"title": "civil code", "text": "", "file_date": None}
    assert "no text" in str(row.fault)
    assert document_name(Path("a.b.pdf")) == "a.b"


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("民事诉讼法(2023-09-01).md", "2023-09-01"),
        ("report_20230901_v2.pdf", "2023-09-01"),
        ("２０２３年９月１日 通知.docx", "2023-09-01"),
        ("1999-01-02 to 2001-03-04.txt.gz", "2001-03-04"),
        ("2001-03-04 scan 20239901.txt", "2001-03-04"),
        ("invoice 4202309013.txt", None),
        ("2023-02-30.md", None),
        ("12345678.md", None),
        ("civil code.md", None),
    ],
)
def test_the_date_of_a_file_is_the_last_day_in_its_name(name: str, day: str | None) -> None:
    assert file_date(Path("2020-01-01") / name) == day
    (row,) = document_rows(Path(name), None, [Block("text", 1)], "document")
    assert row.fields["file_date"] == day
