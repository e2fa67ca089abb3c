"""README.md of the engine benchmarks, from their committed results: `.venv/bin/python -m benchmarks.engine.page`."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.engine import causal, forgetting, reach, rivals, speed

PAGE = Path(__file__).resolve().parent / "README.md"


def page() -> str:
    """The whole page."""
    lines = ["# Training engine", "", "<!-- Written by benchmarks/engine/page.py from the results beside it. -->", ""]
    for benchmark in (speed, reach, rivals, causal, forgetting):
        if benchmark.RESULTS.exists():
            lines += benchmark.page(json.loads(benchmark.RESULTS.read_text(encoding="utf-8")))
    return "\n".join(lines)


def write() -> None:
    """Writes it."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
