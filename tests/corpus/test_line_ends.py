"""Line ends, counted in pieces."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus import encodings
from vocation.corpus.encodings import Undecodable, line_ends
from vocation.corpus.formats.csv import Csv
from vocation.corpus.formats.html import Html
from vocation.corpus.formats.parquet import Parquet
from vocation.corpus.line_ends import LineEndCounter, LineEnds, count_line_ends

Write = Callable[..., Path]
MIXED = "一,二\r\n三\n四\r\r五\r\n"


@given(st.lists(st.text("a\r\n一", max_size=5)))
def test_pieces_count_as_the_whole(pieces: list[str]) -> None:
    text, counter = "".join(pieces), LineEndCounter()
    for piece in pieces:
        counter.add(piece)
    pairs = text.count("\r\n")
    assert counter.total() == LineEnds(pairs, text.count("\n") - pairs, text.count("\r") - pairs)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_has_the_same_line_ends_wherever_a_chunk_ends(
    write: Write, codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (MIXED * 20).encode(codec)
    path = write("a.csv", content)
    expected = LineEnds(40, 20, 40)
    assert line_ends(path) == expected
    assert count_line_ends((content[n : n + 1] for n in range(len(content))), codec) == expected
    monkeypatch.setattr(encodings, "_CHUNK", 3)
    assert line_ends(write("b.csv", content)) == expected


@pytest.mark.parametrize("undecodable", ["refuse", "replace"])
def test_formats_give_the_line_ends_of_text_and_none_of_containers(write: Write, undecodable: Undecodable) -> None:
    bad = b"\xff\xff" if undecodable == "replace" else b""
    path = write("a.csv", (MIXED * 20).encode() + bad)
    assert Csv(path="x", undecodable=undecodable).line_ends(path) == LineEnds(40, 20, 40)
    assert Parquet(path="x").line_ends(path) is None


def test_a_page_that_says_its_encoding_is_counted_in_it(write: Write) -> None:
    path = write("a.html", '<meta charset="windows-1252">\r\nGröße\n'.encode("cp1252"))
    assert Html(path="x").line_ends(path) == LineEnds(1, 1, 0)


def test_line_ends_are_counted_while_the_encoding_is_checked(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("a.csv", MIXED)
    monkeypatch.setattr(encodings, "line_ends_as", None)
    assert line_ends(path) == LineEnds(2, 1, 2)
