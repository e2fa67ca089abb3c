"""Encodings: found by their bytes, and refused by their place."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus import encodings
from vocation.corpus.encodings import detect, open_text
from vocation.errors import DataError

Write = Callable[..., Path]
CHINESE = "患者主诉：头痛三天，伴恶心呕吐。\n既往体健，否认高血压病史。\n" * 40


@pytest.mark.parametrize(
    ("content", "codec"),
    [
        (b"plain ascii", "utf-8"),
        (b"", "utf-8"),
        ("naïve café 中文".encode(), "utf-8"),
        (codecs.BOM_UTF8 + "中文".encode(), "utf-8-sig"),
        (CHINESE.encode("gb18030"), "gb18030"),
        (CHINESE.encode("gbk"), "gb18030"),
        ("繁體中文的病歷記錄，患者主訴頭痛。".encode("gbk"), "gb18030"),
        ("中文 text".encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + "中文".encode("utf-16-be"), "utf-16"),
        ("中文".encode("utf-32"), "utf-32"),
    ],
)
def test_the_encoding_is_found_and_the_text_comes_without_its_mark(write: Write, content: bytes, codec: str) -> None:
    path = write("a.txt", content)
    assert detect(path) == codec
    with open_text(path) as file:
        text = file.read()
    assert text == content.decode(codec)
    assert not text.startswith("\ufeff")


def test_characters_across_chunks_are_whole(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "_CHUNK", 7)
    assert detect(write("a.txt", CHINESE.encode())) == "utf-8"
    assert detect(write("b.txt", CHINESE.encode("gb18030"))) == "gb18030"


@pytest.mark.parametrize("chunk", [1, 3, 1 << 20])
def test_undecodable_bytes_are_refused_with_offset_and_line(
    write: Write, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(encodings, "_CHUNK", chunk)
    good = CHINESE.encode("gb18030")
    path = write("a.txt", good + b"\xb5\x32\xb2\xbb" + good)
    with pytest.raises(DataError, match="neither valid UTF-8 nor valid GB18030") as caught:
        detect(path)
    assert caught.value.row == CHINESE.count("\n") + 1
    message = str(caught.value)
    assert f"offset {len(good)}, line {caught.value.row}" in message
    assert "b5 32 b2 bb" in message
    assert "iconv" in message
    assert str(path) in message


def test_the_encoding_that_gets_further_names_the_fault(write: Write) -> None:
    path = write("a.txt", "中文。\n".encode() * 3 + b"\xff")
    with pytest.raises(DataError, match=r"offset 30, line 4 \(as UTF-8: invalid start byte\)"):
        detect(path)


def test_a_character_that_the_end_of_the_file_cuts_is_refused(write: Write) -> None:
    with pytest.raises(DataError, match="unexpected end of data"):
        detect(write("a.txt", "中文".encode()[:-1]), "utf-8")


def test_a_named_encoding_is_not_guessed_around(write: Write) -> None:
    path = write("a.txt", CHINESE.encode("gb18030"))
    with pytest.raises(DataError, match="The file is not valid UTF-8"):
        detect(path, "utf-8")
    assert detect(path, "gb18030") == "gb18030"


def test_western_text_that_is_gb18030_by_chance_is_refused(write: Write) -> None:
    path = write("a.txt", "Müller wäre, Größe".replace("ö", "").encode("latin-1"))
    path.read_bytes().decode("gb18030")  # It is valid GB18030.
    with pytest.raises(DataError, match="unlikely ones in GB18030") as caught:
        detect(path)
    assert "WINDOWS-1252" in str(caught.value)


def test_text_with_nul_characters_is_refused(write: Write) -> None:
    with pytest.raises(DataError, match="UTF-16 without a byte-order mark") as caught:
        detect(write("a.csv", "ab,c\n".encode("utf-16-le")))
    assert "NUL character at byte 1" in str(caught.value)


@pytest.mark.parametrize("reader", [detect, open_text])
def test_a_file_that_cannot_be_opened_is_refused_with_its_name(
    tmp_path: Path, reader: Callable[[Path], object]
) -> None:
    with pytest.raises(DataError, match="The file cannot be read: Is a directory") as caught:
        reader(tmp_path)
    assert caught.value.file == tmp_path
    assert caught.value.remedy


def test_the_euro_sign_of_windows_chinese_code_page_is_named(write: Write) -> None:
    good = CHINESE.encode("gb18030")
    with pytest.raises(DataError, match="neither valid UTF-8 nor valid GB18030") as caught:
        detect(write("a.txt", good + "价格：".encode("gb18030") + b"\x805\n" + good))
    assert "80 is the euro sign in CP936" in str(caught.value.received)
    assert "iconv -f CP936 -t UTF-8 FILE > NEW" in str(caught.value.remedy)


def test_line_ends_are_kept_on_demand(write: Write) -> None:
    path = write("a.txt", b"a\r\nb\rc\n")
    with open_text(path) as file:
        assert list(file) == ["a\n", "b\n", "c\n"]
    with open_text(path, newline="") as file:
        assert file.read() == "a\r\nb\rc\n"


@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=40))
def test_any_utf8_text_is_read_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(text.encode())
    with open_text(path, newline="") as file:
        assert file.read() == text
