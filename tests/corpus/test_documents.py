"""Blocks of raw documents as rows."""

from __future__ import annotations

from pathlib import Path

from vocation.corpus.documents import Block, Unit, document_name, document_rows

PATH = Path("folder/civil code.md.gz")
BLOCKS = [
    Block("preface", 1),
    Block("Law", 3, heading=True),
    Block("  ", 4),
    Block("§1", 5),
    Block("End", 9, heading=True),
]


def rows(title: str | None, unit: Unit) -> list[tuple[int, dict[str, str]]]:
    return [(row.number, dict(row.fields)) for row in document_rows(PATH, title, BLOCKS, unit)]


def test_a_document_is_one_row_of_lines() -> None:
    assert rows(" The \n Law ", "document") == [(1, {"title": "The Law", "text": "preface\nLaw\n§1\nEnd"})]


def test_a_section_is_a_heading_with_what_stands_under_it() -> None:
    assert rows(None, "section") == [
        (1, {"title": "Law", "text": "preface", "section": "Law"}),
        (3, {"title": "Law", "text": "Law\n§1", "section": "Law"}),
        (9, {"title": "Law", "text": "End", "section": "End"}),
    ]


def test_a_document_without_text_is_a_faulty_row_named_for_its_file() -> None:
    (row,) = document_rows(PATH, None, [Block(" ", 1)], "document")
    assert row.fields == {"title": "civil code", "text": ""}
    assert "no text" in str(row.fault)
    assert document_name(Path("a.b.pdf")) == "a.b"
