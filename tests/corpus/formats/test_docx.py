"""The format `docx`."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest

from vocation.corpus import opening
from vocation.corpus.formats.docx import Docx
from vocation.errors import DataError, MissingExtraError
from vocation.records import Row


def read(path: Path, **settings: Any) -> list[Row]:
    return list(Docx(path=path.name, **settings).rows(path))


@pytest.fixture
def page(tmp_path: Path) -> Path:
    document = docx.Document()
    document.core_properties.title = ""
    document.sections[0].header.paragraphs[0].text = "header"
    document.add_heading("保险合同", level=1)
    document.add_paragraph("第一条\t甲方")
    document.add_paragraph("")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells), ("项目", "金额", "a\nb", "5"), strict=True
    ):
        cell.text = text
    document.add_heading("End", level=2)
    document.add_paragraph("last")
    path = tmp_path / "contract.docx"
    document.save(str(path))
    return path


def changed(path: Path, change: Any) -> Path:
    """The document with its main part changed."""
    target = path.with_name("changed.docx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as other:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == "word/document.xml":
                content = change(content.decode()).encode()
            other.writestr(member.filename, content)
    return target


def test_paragraphs_are_lines_and_table_rows_have_tabs(page: Path) -> None:
    (row,) = read(page)
    assert row.fault is None
    assert row.fields == {
        "title": "保险合同",
        "text": "保险合同\n第一条\t甲方\n项目\t金额\na b\t5\nEnd\nlast",
        "file_date": None,
    }


def test_sections_begin_at_headings(page: Path) -> None:
    assert [(row.number, row.fields["section"]) for row in read(page, unit="section")] == [(1, "保险合同"), (6, "End")]


def test_insertions_content_controls_and_links_are_read_and_deletions_are_not(page: Path) -> None:
    inside = (
        '<w:sdt><w:sdtContent><w:p><w:ins w:id="1" w:author="a"><w:r><w:t>new </w:t></w:r></w:ins><w:del w:id="2" '
        'w:author="a"><w:r><w:delText>old</w:delText></w:r></w:del><w:moveFrom w:id="3" w:author="a"><w:r><w:t>moved'
        "</w:t></w:r></w:moveFrom><w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p></w:sdtContent></w:sdt>"
    )
    path = changed(page, lambda xml: xml.replace("<w:body>", f"<w:body>{inside}"))
    assert read(path)[0].fields["text"].startswith("new link\n保险合同")


def test_entities_of_xml_are_not_expanded(page: Path) -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "secret"><!ENTITY b SYSTEM "docProps/core.xml">]>'
    path = changed(
        page, lambda xml: re.sub(r"(<\?xml[^>]*\?>)", rf"\1{entities}", xml, count=1).replace(">last<", ">&a;&b;<")
    )
    assert read(path)[0].fields["text"].endswith("\nEnd")


@pytest.mark.parametrize("kind", ["empty", "cut off", "another zip", "old word", "broken xml", "no document"])
def test_what_is_no_word_document_is_refused(page: Path, kind: str) -> None:
    content = page.read_bytes()
    path = page.with_name("bad.docx")
    if kind == "another zip":
        with zipfile.ZipFile(path, "w") as other:
            other.writestr("a.txt", "a")
    elif kind == "broken xml":
        path = changed(page, lambda xml: xml[:-30])
    elif kind == "no document":
        with zipfile.ZipFile(page) as source, zipfile.ZipFile(path, "w") as other:
            for member in source.infolist():
                if member.filename != "word/document.xml":
                    other.writestr(member.filename, source.read(member))
    else:
        cut = {"empty": b"", "cut off": content[: len(content) // 2], "old word": b"\xd0\xcf\x11\xe0" * 99}
        path.write_bytes(cut[kind])
    with pytest.raises(DataError) as caught:
        read(path)
    assert caught.value.remedy


def test_a_bomb_is_refused_before_it_is_read(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "HARMLESS", 1 << 16)
    path = changed(page, lambda xml: xml.replace(">last<", f">{'0' * (1 << 24)}<"))
    with pytest.raises(DataError, match="unpacks to far more"):
        read(path)


def test_a_document_without_text_is_a_faulty_row(tmp_path: Path) -> None:
    docx.Document().save(str(tmp_path / "blank.docx"))
    (row,) = read(tmp_path / "blank.docx")
    assert "The document has no text" in str(row.fault)


def test_a_missing_package_names_the_extra(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(MissingExtraError, match=r"vocation\[documents\]"):
        read(page)
