"""The parts of a cleaned corpus: what a killed run need not do again.

A part is a stretch of the rows of all source files: a piece of a large file, or some small ones. What came of it
(records, ledger, how far the files were read) is published whole in a scratch folder, so that a later run goes on
behind it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, takewhile
from pathlib import Path
from typing import Any

from vocation.artifacts import publish, write_json

_RECORDS, _STATE = "records.parquet", "part.json"


@dataclass(frozen=True, slots=True)
class Place:
    """A place between two rows of the source files.

    Args:
        files: how many files have been read to their end.
        rows: how many rows have been read of the next one.
    """

    files: int = 0
    rows: int = 0


def finished(folder: Path) -> list[Path]:
    """The parts in a folder, in order; the next one gets the number that follows."""
    return list(takewhile(Path.exists, (_target(folder, number) for number in count())))


@contextmanager
def new_part(folder: Path, number: int) -> Iterator[Path]:
    """A folder to write a part into, published as the part of this number when the block has ended well."""
    target = _target(folder, number)
    partial = target.with_name(f"{target.name}-partial")
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(parents=True)
    yield partial
    publish(partial, target)


def write_state(part: Path, files: Sequence[dict[str, Any]], place: Place) -> None:
    """Writes how far a part goes.

    Args:
        part: its folder.
        files: what the manifest will say of the files that came to their end in it.
        place: where the next part begins.
    """
    write_json(part / _STATE, {"files": list(files), "next": {"files": place.files, "rows": place.rows}})


def records_of(part: Path) -> Path:
    """The Parquet file with the cleaned records of a part."""
    return part / _RECORDS


def described(parts: Sequence[Path]) -> list[dict[str, Any]]:
    """What the manifest says of the source files that came to their end in some parts, in order."""
    return [file for part in parts for file in _state(part)["files"]]


def reached(parts: Sequence[Path]) -> Place:
    """Where the part behind some parts begins."""
    return Place(**_state(parts[-1])["next"]) if parts else Place()


def _state(part: Path) -> Any:
    return json.loads((part / _STATE).read_text(encoding="utf-8"))


def _target(folder: Path, number: int) -> Path:
    return folder / f"{number:06d}"
