"""Small corpora for the tests of the corpus stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from vocation.corpus.index import Index, IndexBuilder
from vocation.corpus.times import parse_time
from vocation.records import Record
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.text import Span, Text

FILE = "data.csv"
IndexOf = Callable[..., Index]
Write = Callable[..., Path]


@pytest.fixture(scope="session")
def index_of() -> IndexOf:
    """Makes an index of (text, label, given split, group, time) rows; the last three may be left out."""

    def make(rows: Sequence[tuple[str | None, ...]], first_line: int = 2) -> Index:
        builder = IndexBuilder(Classification(), [FILE])
        for line, row in enumerate(rows, start=first_line):
            text, label, split, group, time = (*row, None, None, None)[:5]
            values = {} if label is None else {"label": label}
            record = Record(
                f"{FILE}:{text}:{line}", {"text": Text(text or "")}, values, FILE, line, group, parse_time(time)
            )
            builder.add(record, split)
        return builder.finish()

    return make


@pytest.fixture(scope="session")
def entity_index_of() -> IndexOf:
    """Makes an index of unsplit texts with the labels of their spans, one character each."""

    def make(rows: Sequence[Sequence[str]], split: str | None = None) -> Index:
        builder = IndexBuilder(Entities(), [FILE])
        for line, labels in enumerate(rows, start=1):
            content = f"{'x' * len(labels)} text {line}"
            spans = tuple(Span(place, place + 1, label) for place, label in enumerate(labels))
            builder.add(Record(f"{FILE}:{line}", {"text": Text(content, spans)}, {}, FILE, line), split)
        return builder.finish()

    return make


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file below the test's folder, from text or bytes, and gives its path."""

    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make
