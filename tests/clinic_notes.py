"""Notes of a made-up clinic, full of identifiers."""

from __future__ import annotations

import csv
from pathlib import Path

NAMES = ("张沅芷", "李昪潮", "王旎袅", "赵霂阳")


def write_notes(path: Path, rows: int) -> Path:
    """A table of notes, of which two in three name a patient."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["note", "who"])
        for row in range(rows):
            name, day = NAMES[row % len(NAMES)], 1 + row % 27
            text = (
                f"患者{name}，电话1380013{row:04}，2023年5月{day}日来诊。Mr. Quackenbush, q{row}@bank.com."
                if row % 3
                else "无"
            )
            writer.writerow([text, f"p{row % 9}"])
    return path
