"""Files of good text: read with care, or refused with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from vocation.errors import DataError
from vocation.language import reference_text
from vocation.language.reference_text import SMALLEST, Encoding, read_reference

CHINESE = "患者发热伴咳嗽三天，无胸痛，既往体健。\n" * 800


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_file_is_read_in_its_encoding(tmp_path: Path, encoding: Encoding) -> None:
    (tmp_path / "a.txt").write_text(CHINESE, encoding=encoding)
    assert read_reference([tmp_path / "a.txt"], encoding).texts == (CHINESE,)


def test_the_hash_is_of_the_content_of_all_files_in_order(tmp_path: Path) -> None:
    paths = [tmp_path / "a.txt", tmp_path / "b.txt"]
    paths[0].write_text(CHINESE, encoding="utf-8-sig")
    paths[1].write_text(CHINESE.replace("无", "有"), encoding="utf-8")
    found = read_reference(paths, "utf-8")
    assert found.texts[0] == CHINESE
    assert (
        len({found.sha256, read_reference(paths[::-1], "utf-8").sha256, read_reference(paths[:1], "utf-8").sha256}) == 3
    )
    moved = [path.rename(tmp_path / f"moved {path.name}") for path in paths]
    assert read_reference(moved, "utf-8").sha256 == found.sha256


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "too small(.|\n)*received: 0 bytes of text"),
        (b" \n" * SMALLEST, "too small(.|\n)*received: 0 bytes of text"),
        (b"ab " * (SMALLEST // 3), "too small(.|\n)*29,999 bytes of text(.|\n)*30,000 bytes or more"),
        (CHINESE.encode("gb18030"), "not in UTF-8(.|\n)*byte 0(.|\n)*set `encoding`"),
        (b"\x89PNG\0" * SMALLEST, "not in UTF-8"),
        (b"ab\0" * SMALLEST, "no plain text(.|\n)*a zero byte at character 2"),
    ],
)
def test_what_is_no_reference_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_reference([tmp_path / "a.txt"], "utf-8")
    assert str(tmp_path / "a.txt") in str(caught.value)


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot be read: No such file(.|\n)*start at the recipe's folder"):
        read_reference([tmp_path / "a.txt"], "utf-8")
    with pytest.raises(DataError, match="no file"):
        read_reference([tmp_path], "utf-8")


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_bytes(b"abc")
    monkeypatch.setattr(reference_text, "_LARGEST", 2)
    with pytest.raises(DataError, match="too large"):
        read_reference([tmp_path / "a.txt"], "utf-8")
