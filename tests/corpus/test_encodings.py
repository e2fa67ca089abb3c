"""Encodings: found by their bytes, and refused by their place."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus import encodings, plausibility
from vocation.corpus.encodings import Encoding, Undecodable, count_undecodable, detect, open_text
from vocation.corpus.opening import open_bytes, writing_bytes
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


@pytest.mark.parametrize(
    ("codec", "named", "title"),
    [("gb18030", "utf-8", "GB18030"), ("utf-8", "utf-16", "UTF-8"), ("utf-16-le", "utf-16", "UTF-16-LE")],
)
def test_a_file_that_is_valid_in_another_encoding_than_the_named_one_says_so(
    write: Write, codec: str, named: Encoding, title: str
) -> None:
    path = write("a.txt", CHINESE.encode(codec))
    with pytest.raises(DataError, match="The file is not valid") as caught:
        detect(path, named)
    assert caught.value.remedy == f"it is valid {title}: set `encoding: {codec}` for this source, or leave it out"
    with pytest.raises(DataError) as caught:
        detect(write("b.txt", CHINESE.encode() + b"\xff\xff"), "utf-8")
    assert "it is valid" not in str(caught.value)


@pytest.mark.parametrize("undecodable", ["refuse", "replace"])
def test_utf16_that_should_have_a_mark_and_has_none_is_refused(write: Write, undecodable: Undecodable) -> None:
    with pytest.raises(DataError, match="The file is not valid UTF-16") as caught:
        detect(write("a.txt", "Müller".encode("latin-1")), "utf-16", undecodable)
    assert "say utf-16-le or utf-16-be" in str(caught.value.received)


def test_big5_is_named_as_the_recipe_names_it(write: Write) -> None:
    with pytest.raises(DataError) as caught:
        detect(write("a.txt", TRADITIONAL.encode("big5")), "utf-8")
    assert "it is valid Big5: set `encoding: big5`" in str(caught.value.remedy)


def test_western_text_that_is_gb18030_by_chance_is_refused(write: Write) -> None:
    path = write("a.txt", "Müller wäre, Größe".replace("ö", "").encode("latin-1"))
    path.read_bytes().decode("gb18030")  # It is valid GB18030.
    with pytest.raises(DataError, match="unlikely ones in GB18030") as caught:
        detect(path)
    assert "WINDOWS-1252" in str(caught.value)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["ab,c\n", CHINESE, "text,label\n头痛三天,a\n"])
def test_utf16_without_a_mark_is_found_where_it_is_clear(write: Write, codec: Encoding, text: str) -> None:
    path = write("a.csv", text.encode(codec))
    assert detect(path) == codec
    assert detect(path, codec) == codec
    with open_text(path) as file:
        assert file.read() == text


@pytest.mark.parametrize("content", [b"\x89PNG\0\0", b"text\0more\n", "Это русский\n".encode("utf-16-le")])
def test_nul_characters_that_are_no_clear_utf16_are_refused(write: Write, content: bytes) -> None:
    with pytest.raises(DataError, match="UTF-16 without a byte-order mark and unclear") as caught:
        detect(write("a.csv", content))
    assert f"NUL character at byte {content.index(0)}" in str(caught.value)
    assert "utf-16-le" in str(caught.value.remedy)


TRADITIONAL = "患者主訴：頭痛三天，伴噁心嘔吐。\n過去身體健康，否認高血壓病史。\n" * 40


def test_big5_is_told_from_gb18030(write: Write) -> None:
    path = write("a.txt", TRADITIONAL.encode("big5"))
    path.read_bytes().decode("gb18030")  # It is valid in both.
    assert detect(path) == "big5hkscs"
    with open_text(path) as file:
        assert file.read() == TRADITIONAL
    assert detect(write("b.txt", TRADITIONAL.encode("gb18030"))) == "gb18030"
    assert detect(path, "gb18030") == "gb18030"
    assert detect(write("c.txt", "罕見".encode("big5")), "big5") == "big5hkscs"


@pytest.mark.parametrize("content", ["鹁鹂鹃".encode("gbk"), "양식 문서".encode("euc-kr"), "テスト".encode("euc-jp")])
def test_what_could_be_gb18030_or_big5_is_refused_with_both_names(write: Write, content: bytes) -> None:
    content.decode("gb18030")
    content.decode("big5hkscs")
    with pytest.raises(DataError, match="GB18030 and in Big5") as caught:
        detect(write("a.txt", content))
    assert "`encoding: gb18030` or `encoding: big5`" in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("content", "expected", "count"),
    [
        ("中文，good\n".encode() * 9 + b"\xff\xfe", "中文，good\n" * 9 + "\ufffd\ufffd", 2),
        (CHINESE.encode("gb18030") + b"\xff\n", CHINESE + "\ufffd\n", 1),
        (TRADITIONAL.encode("big5") + b"\xff\n", TRADITIONAL + "\ufffd\n", 1),
        (CHINESE.encode(), CHINESE, 0),
    ],
)
def test_undecodable_bytes_are_replaced_and_counted_on_demand(
    write: Write, content: bytes, expected: str, count: int
) -> None:
    path = write("a.txt", content)
    with open_text(path, undecodable="replace") as file:
        assert file.read() == expected
    assert count_undecodable(path) == count
    if count:
        with pytest.raises(DataError, match="neither valid UTF-8"):
            detect(path)


def test_noise_is_not_replaced(write: Write) -> None:
    noise = bytes(range(0x80, 0x100)) * 20
    with pytest.raises(DataError, match="unlikely ones"):
        detect(write("a.txt", noise), undecodable="replace")


def test_a_long_file_is_told_from_its_beginning(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plausibility, "_ENOUGH", 100)
    monkeypatch.setattr(encodings, "_SAMPLE", 64)
    assert detect(write("a.txt", (TRADITIONAL + "鱻" * 10_000).encode("big5hkscs"))) == "big5hkscs"


def test_a_file_that_is_bad_all_over_is_not_replaced(write: Write) -> None:
    with pytest.raises(DataError, match="too few are characters to tell the encoding"):
        detect(write("a.txt", b"\xff \x80 " * 20), undecodable="replace")


def test_bad_bytes_alone_beyond_ascii_are_replaced_where_the_encoding_is_named(write: Write) -> None:
    path = write("a.txt", b"plain text\nwith one bad \xff byte\n")
    with pytest.raises(DataError, match=r"offset 24, line 2(.|\n)*name the encoding .* `encoding: utf-8`") as caught:
        detect(path, undecodable="replace")
    assert "undecodable" not in str(caught.value.remedy)
    with open_text(path, "utf-8", undecodable="replace") as file:
        assert file.read() == "plain text\nwith one bad \ufffd byte\n"


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_compressed_text_is_read_as_the_text_in_it(write: Write, ending: str) -> None:
    path = write(f"a.txt{ending}", b"")
    with writing_bytes(path) as packed:
        packed.write(CHINESE.encode("gb18030"))
    assert detect(path) == "gb18030"
    with open_text(path) as file:
        assert file.read() == CHINESE


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


def test_a_file_is_looked_through_once_and_again_when_it_has_changed(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    def noted(path: Path) -> BinaryIO:
        opened.append(path)
        return open_bytes(path)

    monkeypatch.setattr(encodings, "open_bytes", noted)
    path = write("a.txt", CHINESE.encode("gb18030"))
    assert detect(path) == "gb18030"
    first = len(opened)
    assert detect(path) == "gb18030"
    assert len(opened) == first
    assert detect(path, undecodable="replace") == "gb18030"  # Another question.
    assert len(opened) > first
    path.write_bytes(TRADITIONAL.encode("big5"))
    assert detect(path) == "big5hkscs"
    path.write_bytes(TRADITIONAL.encode("big5") + b"\xff")
    for _ in range(2):
        with pytest.raises(DataError, match="neither valid UTF-8"):
            detect(path)
