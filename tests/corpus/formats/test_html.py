"""The format `html`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from vocation.corpus.formats.html import Html
from vocation.errors import DataError, MissingExtraError
from vocation.records import Row

PAGE = """<!doctype html><html><head><title> Gout
 page </title><style>p{}</style></head><body>
<nav>menu</nav><h1>Gout</h1><p>A   disease of
the <b>joints</b>.<br>New line &amp; more</p><script>alert(1)</script><!-- no -->
<ul><li>first<li>second <p>in it</ul>loose<div>block</div>end
<pre>
x = 1
  y</pre>
<table><tr><th>a</th><th>b</th></tr><tr><td>1<br>one</td><td><i>2</i></td></tr></table>
<table><tr><td><p>laid</p><p>out</p></td></tr></table>
</body></html>"""


def read(tmp_path: Path, page: str | bytes, **settings: Any) -> list[Row]:
    path = tmp_path / "page.html"
    path.write_bytes(page if isinstance(page, bytes) else page.encode())
    return list(Html(path="page.html", **settings).rows(path))


def test_a_page_is_what_a_reader_sees(tmp_path: Path) -> None:
    (row,) = read(tmp_path, PAGE)
    assert row.fault is None
    assert row.fields == {
        "title": "Gout page",
        "text": "menu\nGout\nA disease of the joints.\nNew line & more\nfirst\nsecond\nin it\nloose\nblock\nend\n"
        "x = 1\n  y\na\tb\n1 one\t2\nlaid\nout",
        "file_date": None,
    }


def test_parts_can_be_chosen_and_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, PAGE, drop=("nav", "script", "table", "pre", "ul"))[0].fields["text"].startswith("Gout\nA ")
    assert read(tmp_path, PAGE, select="ul, li, h1")[0].fields["text"] == "Gout\nfirst\nsecond\nin it"
    (row,) = read(tmp_path, PAGE, select=".absent")
    assert "The document has no text" in str(row.fault)
    with pytest.raises(DataError, match="selector is not one of CSS"):
        read(tmp_path, PAGE, select="!!")


def test_sections_begin_at_headings(tmp_path: Path) -> None:
    rows = read(tmp_path, "<p>intro</p><h2>A</h2><p>one</p><h3>B</h3>two", unit="section")
    assert [(row.fields["section"], row.fields["text"]) for row in rows] == [
        ("A", "intro"),
        ("A", "A\none"),
        ("B", "B\ntwo"),
    ]


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("gb2312", "gb18030", "痛风是一种病，多发于足趾。"),
        ("GBK", "gb18030", "痛风是一种病，多发于足趾。"),
        ("big5", "big5", "痛風是一種病，多發於足趾。"),
        ("iso-8859-1", "cp1252", "Größe – “quoted” €5"),
        ("shift_jis", "shift_jis", "痛風は病気です。"),
        ("utf-8", "utf-8", "痛风是一种病。"),
        ("gb2312", "utf-8", "痛风是一种病，多发于足趾。"),  # What it says is not what it is.
        ("nonsense", "utf-8", "痛风"),
    ],
)
def test_the_encoding_is_what_the_page_says_unless_it_is_utf8(
    tmp_path: Path, charset: str, codec: str, text: str
) -> None:
    for meta in (f'<meta charset="{charset}">', f'<meta http-equiv=a content="text/html; charset={charset}">'):
        page = f"<html><head>{meta}</head><body><p>{text}</p></body></html>".encode(codec)
        assert read(tmp_path, page)[0].fields["text"] == text


def test_bytes_that_are_not_of_the_stated_encoding_are_refused_or_replaced_and_counted(tmp_path: Path) -> None:
    page = '<meta charset="big5"><p>痛風</p>'.encode("big5") + b"\xff\xff"
    with pytest.raises(DataError, match="not valid BIG5") as caught:
        read(tmp_path, page)
    assert "offset" in str(caught.value)
    assert read(tmp_path, page, undecodable="replace")[0].fields["text"] == "痛風\n\ufffd\ufffd"
    component, path = Html(path="x", undecodable="replace"), tmp_path / "page.html"
    assert component.replaced(path) == 2
    assert component.decoded_as(path) == "big5hkscs"
    assert Html(path="x").replaced(path) == 0


@pytest.mark.parametrize("page", ["", " \n", "\ufeff"])
def test_an_empty_file_is_refused(tmp_path: Path, page: str) -> None:
    with pytest.raises(DataError, match="The file is empty"):
        read(tmp_path, page)


def test_a_page_of_pictures_is_a_faulty_row(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "<body><img src=x></body>")
    assert "The document has no text" in str(row.fault)


def test_thousands_of_levels_and_cut_off_tags_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, "<div>" * 5000 + "deep")[0].fields["text"] == "deep"
    assert read(tmp_path, "<p>one</p><p>two</p><a href='")[0].fields["text"] == "one\ntwo"
    entities = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><p>&b;</p>'
    assert "aaaa" not in read(tmp_path, entities)[0].fields["text"].partition("&b;")[2]


def test_a_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "selectolax.lexbor", None)
    with pytest.raises(MissingExtraError, match=r"vocation\[documents\]"):
        read(tmp_path, PAGE)
