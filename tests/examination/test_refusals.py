from __future__ import annotations

from pathlib import Path

from vocation.examination.refusals import refusals
from vocation.ledger import Ledger


def test_refused_rows_are_grouped_by_what_is_wrong_with_them(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.add_row("dropped", "reading", "empty", "a.csv", 9, "{}", detail="other")
        for row, problem in enumerate(["no label", "two spans overlap", "no label"]):
            ledger.add_row("refused", "reading", "invalid row", "a.csv", row, "{}", detail=problem)
    assert refusals(tmp_path) == [
        {"problem": "no label", "rows": 2, "first": "a.csv:0"},
        {"problem": "two spans overlap", "rows": 1, "first": "a.csv:1"},
    ]
