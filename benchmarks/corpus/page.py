"""README.md of the corpus benchmarks, from their committed results: `.venv/bin/python -m benchmarks.corpus.page`."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.corpus import cleaning, near_duplicates, round_trips

PAGE = Path(__file__).resolve().parent / "README.md"


def page() -> str:
    """The whole page."""
    lines = ["# Corpus", "", "<!-- Written by benchmarks/corpus/page.py from the results beside it. -->", ""]
    for benchmark in (near_duplicates, cleaning, round_trips):
        if benchmark.RESULTS.exists():
            lines += benchmark.page(json.loads(benchmark.RESULTS.read_text(encoding="utf-8")))
    return "\n".join(lines)


def write() -> None:
    """Writes it."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
