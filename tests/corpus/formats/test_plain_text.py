"""The format `plain_text`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from vocation.corpus.formats.plain_text import PlainText

CONTENT = "\n第一段，\n第二行\n \n\nsecond paragraph\nlast line"


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("line", [(2, "第一段，"), (3, "第二行"), (6, "second paragraph"), (7, "last line")]),
        ("paragraph", [(2, "第一段，\n第二行"), (6, "second paragraph\nlast line")]),
        ("file", [(1, CONTENT)]),
    ],
)
def test_units_begin_at_their_lines(
    tmp_path: Path, unit: Literal["line", "paragraph", "file"], expected: list[tuple[int, str]]
) -> None:
    path = tmp_path / "a.txt"
    path.write_text(CONTENT, encoding="utf-8")
    rows = PlainText(path="a.txt", unit=unit).rows(path)
    assert [(row.number, row.fields["text"]) for row in rows] == expected
