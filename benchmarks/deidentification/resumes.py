"""Names in real Chinese resumes, which people marked: ResumeNER (Zhang and Yang 2018, arXiv 1805.02023)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.deidentification.scoring import Place, count
from benchmarks.deidentification.vocation_side import ours
from vocation.corpus.formats.conll import Conll

_FILES = {"development": ("train.char.bmes", "dev.char.bmes"), "test": ("test.char.bmes",)}
"""Detectors were written with a view of the first two files; the third was only counted."""


def measure(folder: Path) -> dict[str, Any]:
    """Scores of the names in each split; only the scores are kept, no text."""
    find = ours(names=True, dates=False)
    results = {}
    for split, names in _FILES.items():
        rows = [row for name in names for row in _rows(folder / name)]
        found = find([text for text, _ in rows])
        results[split] = {"texts": len(rows), **count([gold for _, gold in rows], found, ["PERSON"])["PERSON"].scores()}
    return results


def _rows(path: Path) -> Iterator[tuple[str, list[Place]]]:
    for row in Conll(path=str(path), scheme="BMES").rows(path):
        names = [span for span in row.fields["spans"] if span["label"] == "NAME"]
        yield row.fields["text"], [Place(span["start"], span["end"], "PERSON") for span in names]
