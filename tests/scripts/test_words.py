"""Foreign hosts and paths of one machine are found."""

from pathlib import Path

import pytest
import words


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(words, "ROOT", tmp_path)
    return tmp_path / "page.md"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("https:" + "//mirror.invalid/simple", "page.md:2: host mirror.invalid"),
        ("file:" + "//x", "page.md:2: host x"),
        ("see /" + "home/somebody/data", "page.md:2: path /" + "home/somebody"),
    ],
)
def test_foreign_host_or_path_is_found_with_its_line(page: Path, text: str, problem: str) -> None:
    page.write_text(f"fine\n{text}\n", encoding="utf-8")
    assert words.problems_in("page.md") == [problem]


@pytest.mark.parametrize("text", ["https://github.com/a/b", "data/home/x", "~/tmp/x"])
def test_allowed_host_and_relative_path_are_fine(page: Path, text: str) -> None:
    page.write_text(text, encoding="utf-8")
    assert words.problems_in("page.md") == []


def test_picture_has_no_words(page: Path) -> None:
    page.write_bytes(b"\x89PNG\r\n\x1a\n\xff")
    assert words.problems_in("page.md") == []
