"""The format `markdown`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vocation.corpus.formats.markdown import Markdown
from vocation.errors import DataError
from vocation.records import Row

PAGE = """\
---
title: Gout
date: 2023-05-01
tags: [a, b]
draft: true
text: no
---
# Gout &amp; *pain*

A [disease](https://example.com "t") of `joints`
and ![toes](x.png)
in people.<br>New line\\
another <b>bold</b>.

痛风是
一种病。

<!-- INFO END -->
<div><p>kept &lt;html&gt;</p></div>

1. first
2. second
   - inner

> quoted

| a | b |
|---|---|
| 1 | **2** |

```python
x = 1
  y
```

---
"""


def read(tmp_path: Path, source: str, **settings: Any) -> list[Row]:
    path = tmp_path / "page.md"
    path.write_text(source, encoding="utf-8")
    return list(Markdown(path="page.md", **settings).rows(path))


def test_a_page_is_what_a_reader_sees(tmp_path: Path) -> None:
    (row,) = read(tmp_path, PAGE)
    assert row.fault is None
    assert row.fields == {
        "title": "Gout",
        "date": "2023-05-01",
        "draft": "true",
        "text": "Gout & pain\nA disease of joints and toes in people.\nNew line\nanother bold.\n痛风是一种病。\n"
        "kept <html>\n1. first\n2. second\n- inner\nquoted\na\tb\n1\t2\nx = 1\n  y",
        "file_date": None,
    }


def test_sections_begin_at_headings_and_know_their_line(tmp_path: Path) -> None:
    rows = read(tmp_path, "---\nx: 1\n---\nintro\n\n# A\n\nbody\n\nB\n---\n", unit="section")
    assert [(row.number, row.fields["section"], row.fields["text"]) for row in rows] == [
        (4, "A", "intro"),
        (6, "A", "A\nbody"),
        (10, "B", "B"),
    ]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("---\nnot: [yaml\n---\nbody", "not: [yaml\nbody"),
        ("---\njust words\n---\nbody", "just words\nbody"),
        ("---\n---\nbody", "body"),
        ("body\n\n---\nx: 1\n---\n", "body\nx: 1"),
    ],
)
def test_what_only_looks_like_front_matter_is_text(tmp_path: Path, source: str, text: str) -> None:
    assert read(tmp_path, source)[0].fields["text"] == text


def test_front_matter_that_explodes_is_no_text_and_no_field(tmp_path: Path) -> None:
    bomb = "".join(f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 9) if n else 'x'}]\n" for n in range(30))
    assert read(tmp_path, f"---\n{bomb}---\nbody")[0].fields == {
        "title": "page",
        "text": "body",
        "file_date": None,
    }


def test_a_page_of_front_matter_alone_is_a_faulty_row(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "---\nbookCollapseSection: true\n---\n")
    assert "The document has no text" in str(row.fault)


@pytest.mark.parametrize("source", ["", "\n \n", "\ufeff"])
def test_an_empty_file_is_refused(tmp_path: Path, source: str) -> None:
    with pytest.raises(DataError, match="The file is empty"):
        read(tmp_path, source)


def test_deep_nesting_and_cut_off_markup_do_no_harm(tmp_path: Path) -> None:
    assert read(tmp_path, ">" * 50 + " deep")[0].fields["text"] == "deep"
    assert read(tmp_path, "a <!-- never closed\n\n[x](y")[0].fields["text"].startswith("a")
    assert read(tmp_path, "text\n\n<script>alert(1)</script>")[0].fields["text"] == "text"
