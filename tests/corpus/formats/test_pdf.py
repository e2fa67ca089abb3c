"""The format `pdf`."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import pytest

from vocation.corpus.formats.pdf import Pdf
from vocation.errors import DataError, MissingExtraError
from vocation.records import Row

PICTURE = "q 100 0 0 100 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q"


def shown(*lines: str) -> str:
    """A page's content that shows lines of text."""
    return "BT /F1 12 Tf 14 TL 72 700 Td " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"


def shown_in_chinese(text: str) -> str:
    return f"BT /F2 12 Tf 72 700 Td <{text.encode('utf-16-be').hex()}> Tj ET"


def pdf(*pages: str, title: str = "", password: bool = False) -> bytes:
    """A small PDF document; its Chinese font maps two-byte codes to the UTF-16 units that they are."""
    mapping = (
        "/CIDInit /ProcSet findresource begin begincmap /CMapType 2 def 1 begincodespacerange <0000> <FFFF> "
        "endcodespacerange 1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap end"
    )
    kids = " ".join(f"{7 + 2 * place} 0 R" for place in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> "
        "/MediaBox [0 0 612 792] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /Identity-H /ToUnicode 5 0 R /DescendantFonts "
        "[<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Song /CIDSystemInfo << /Registry (Adobe) /Ordering "
        "(Identity) /Supplement 0 >> /DW 1000 >>] >>",
        f"<< /Length {len(mapping)} >>\nstream\n{mapping}\nendstream",
        f"<< /Title ({title}) >>",
    ]
    for place, content in enumerate(pages):
        objects.append(f"<< /Type /Page /Parent 2 0 R /Contents {8 + 2 * place} 0 R >>")
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    body, places = b"%PDF-1.4\n", []
    for number, written in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{written}\nendobj\n".encode("latin-1")
    start = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    body += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    locked = ""
    if password:  # The standard handler, revision 2, with a hash that no password gives.
        owner, user = hashlib.sha256(b"owner").hexdigest(), hashlib.sha256(b"user").hexdigest()
        locked = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{owner}> /U <{user}> /P -4 >> /ID [<00> <00>] "
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 6 0 R {locked}>>\nstartxref\n{start}\n%%EOF\n"
    return body + trailer.encode()


def read(tmp_path: Path, content: bytes, **settings: Any) -> list[Row]:
    path = tmp_path / "report.pdf"
    path.write_bytes(content)
    return list(Pdf(path="report.pdf", **settings).rows(path))


def test_pages_are_joined_and_divided_words_put_together(tmp_path: Path) -> None:
    content = pdf(
        shown("Gout is a dis-", "ease of well-known", "joints, see Anglo-", "Saxon texts"), shown_in_chinese("痛风是病")
    )
    (row,) = read(tmp_path, content)
    assert row.fault is None
    assert row.fields == {
        "title": "report",
        "text": "Gout is a disease of well-known\njoints, see Anglo-\nSaxon texts\n痛风是病",
        "file_date": None,
    }


def test_a_page_can_be_a_row_and_the_title_is_that_of_the_document(tmp_path: Path) -> None:
    rows = read(tmp_path, pdf(shown("one"), "", shown("three"), title=" Gout  report "), unit="page")
    assert [(row.number, dict(row.fields)) for row in rows] == [
        (1, {"title": "Gout report", "file_date": None, "text": "one", "page": "1"}),
        (3, {"title": "Gout report", "file_date": None, "text": "three", "page": "3"}),
    ]


@pytest.mark.parametrize("unit", ["document", "page"])
def test_a_scanned_page_is_a_faulty_row_that_asks_for_ocr(tmp_path: Path, unit: str) -> None:
    rows = read(tmp_path, pdf(shown("one"), PICTURE), unit=unit)
    faulty = [row for row in rows if row.fault]
    assert [row.number for row in faulty] == [2]
    assert "no text layer: run OCR first" in str(faulty[0].fault)
    assert [row.fields["text"] for row in rows if not row.fault] == ["one"]


def test_a_document_without_text_is_a_faulty_row(tmp_path: Path) -> None:
    (row,) = read(tmp_path, pdf(""))
    assert "The document has no text" in str(row.fault)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The file is empty"),
        (b"no pdf at all", "The file is text, and is read as a PDF document"),
        (pdf(shown("a"), shown("b"))[:-40], "no whole PDF"),
        (pdf(shown("a"), shown("b"))[:900], "no whole PDF"),
        (pdf(shown("a"), password=True), "asks for a password"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    with pytest.raises(DataError, match=problem) as caught:
        read(tmp_path, content)
    assert caught.value.remedy


def test_a_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(MissingExtraError, match=r"vocation\[documents\]"):
        read(tmp_path, pdf(shown("a")))
