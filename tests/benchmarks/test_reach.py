"""The section of the benchmark from start to score says what its runs measured."""

from __future__ import annotations

from typing import Any

from benchmarks.engine import reach

MACHINE = {"processor": "x86_64", "threads": 2, "python": "3.11.7", "packages": {"torch": "2.13.0"}}


def runs(frozen: float) -> dict[str, Any]:
    """Of three seeds; `frozen` is the validation accuracy of the frozen one."""
    return {
        str(seed): {
            "trainer": {"seconds": 300.0 + seed, "validation": 0.9, "test": 0.88},
            "vocation": {"seconds": 150.0 + seed / 2, "validation": 0.9, "test": 0.88 + seed / 1000},
            "frozen": {"seconds": 75.25, "validation": frozen, "test": 0.87},
        }
        for seed in (1, 2, 3)
    }


def test_means_ratios_and_differences_to_the_trainer_are_shown() -> None:
    lines = reach.page({"runs": runs(0.91), "machine": MACHINE})
    (row,) = (line for line in lines if line.startswith("| Vocation, every weight"))
    assert "| 2.00 (2.00 to 2.00) × |" in row
    assert row.endswith("| 0.20 (-0.05 to 0.45) |"), "points of test accuracy beside the Trainer"
    assert any("with 3 of 3 seeds" in line for line in lines)


def test_a_score_that_was_not_reached_is_told() -> None:
    lines = reach.page({"runs": runs(0.89), "machine": MACHINE})
    assert any("with 0 of 3 seeds" in line for line in lines)
