"""A small sound file of every format, for the tests of what all formats promise."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import docx
import pyarrow as pa
import pyarrow.parquet as pq

from tests.corpus.formats.test_excel import cell, workbook
from tests.corpus.formats.test_pdf import pdf, shown

SAMPLES = {
    "alpaca": '{"instruction": "你好，世界", "output": "好"}\n\n{"instruction": "second", "output": "b"}\n',
    "conll": "你 O\n好 O\n，O O\n\nsecond O\n",
    "csv": "text,label\n你好，世界,a\n\nsecond,b\n",
    "doccano": '{"text": "你好，世界", "label": []}\n\n{"text": "second", "label": [[0, 6, "X"]]}\n',
    "html": "<html><body><p>你好，世界</p><p>second</p></body></html>\n",
    "json": '[{"text": "你好，世界"},\n\n{"text": "second"}]\n',
    "jsonl": '{"text": "你好，世界"}\n\n{"text": "second"}\n',
    "label_studio": '[{"id": 1, "data": {"text": "你好，世界"}, "annotations": [{"result": []}]},\n'
    '{"id": 2, "data": {"text": "second"}, "annotations": [{"result": []}]}]\n',
    "markdown": "# 你好，世界\n\nsecond\n",
    "messages": '{"messages": [{"role": "user", "content": "你好，世界"}]}\n\n'
    '{"messages": [{"role": "user", "content": "x"}]}\n',
    "plain_text": "你好，世界\n\nsecond\n",
    "sharegpt": '{"conversations": [{"from": "human", "value": "你好，世界"}]}\n\n'
    '{"conversations": [{"from": "gpt", "value": "x"}]}\n',
    "squad": '{"data": [{"title": "t", "paragraphs": [{"context": "你好，世界", "qas": [{"id": "1", "question": "谁", '
    '"answers": [{"text": "世界", "answer_start": 3}]}]}, {"context": "second", "qas": [{"id": "2", "question": "who", '
    '"answers": [{"text": "second", "answer_start": 0}]}]}]}]}\n',
}
"""Files of one text each; two rows, or one document."""
OTHERS = ("brat", "datasets", "docx", "excel", "parquet", "pdf")
"""Formats of several files, or of containers."""
ENDINGS = dict.fromkeys(("jsonl", "alpaca", "messages", "sharegpt", "doccano"), ".jsonl")
ENDINGS |= {"html": ".html", "markdown": ".md"}

OTHER_ENDINGS = {
    "brat": ".ann",
    "datasets": ".arrow",
    "docx": ".docx",
    "excel": ".xlsx",
    "parquet": ".parquet",
    "pdf": ".pdf",
}
ANNOTATION = "T1\tX 0 2\t你好\n"


def sample(kind: str, folder: Path) -> Path:
    """Writes a sound file of a format into a folder, with what belongs to it, and gives its path."""
    path = folder / f"sample{ENDINGS.get(kind) or OTHER_ENDINGS.get(kind, '.x')}"
    if kind in SAMPLES:
        path.write_text(SAMPLES[kind], encoding="utf-8")
    elif kind == "brat":
        path.with_suffix(".txt").write_text("你好，世界", encoding="utf-8")
        path.write_text(ANNOTATION, encoding="utf-8")
    elif kind == "docx":
        document = docx.Document()
        document.add_paragraph("你好，世界")
        document.save(str(path))
    elif kind == "pdf":
        path.write_bytes(pdf(shown("hello")))
    else:
        table(kind, path, [{"text": "你好，世界", "label": "a"}, {"text": "second", "label": "b"}])
    return path


def table(kind: str, path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes rows as they are, sound or not: a Parquet, Arrow, Excel or JSON file, or one of JSON lines."""
    if kind == "excel":
        letters = dict(zip(rows[0], "ABCDEFGH", strict=False))
        header = [cell(f"{letter}1", name) for name, letter in letters.items()]
        workbook(
            path,
            header
            + [cell(f"{letters[name]}{number}", row[name]) for number, row in enumerate(rows, 2) for name in letters],
        )
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), path)
    elif kind == "datasets":
        made = pa.Table.from_pylist([dict(row) for row in rows])
        with pa.ipc.new_stream(str(path), made.schema) as writer:
            writer.write_table(made)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    else:
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
