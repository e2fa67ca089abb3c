"""The section on rivals says what its runs measured."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.engine import rivals
from benchmarks.engine.rivals_sides import RIVALS, read

VERSIONS = {"python": "3.11", "packages": {"flair": "0.1"}}
MACHINE = {"processor": "P", "threads": 2, "python": "3.12", "packages": {"torch": "2"}}


def run(target: float) -> dict[str, Any]:
    """A rival that takes 90 s to a target, and Vocation, which has 60, 80 and 85 % after 10, 20 and 30 s."""
    scored = [
        {"seconds": 10.0 * number, "updates": number, "validation": validation, "test": validation - 0.01}
        for number, validation in enumerate((0.6, 0.8, 0.85), start=1)
    ]
    return {"flair": {"seconds": 90.0, "most": 5, "validation": target, "test": 0.7}, "vocation": {"scored": scored}}


def section(*targets: float) -> list[str]:
    runs = {str(seed): run(target) for seed, target in enumerate(targets, start=1)}
    return rivals.page({"runs": runs, "rivals": {"flair": VERSIONS}, "machine": MACHINE})


def test_vocations_time_is_that_until_a_rivals_score_for_the_first_time() -> None:
    end, there = rivals.reached(run(0.8)["vocation"], 0.8)
    assert (end["seconds"], there) == (20.0, True), "as good is enough"
    assert rivals.reached(run(0.8)["vocation"], 0.801)[0]["seconds"] == 30.0
    end, there = rivals.reached(run(0.9)["vocation"], 0.9)
    assert (end["seconds"], there) == (30.0, False), "its end, where it never was there"


def test_the_page_has_means_over_seeds_and_says_that_the_aim_is_met() -> None:
    lines = section(0.8, 0.8)
    cells = (
        "2 | 90 (90 to 90) | 80.00 (80.00 to 80.00) | 70.00 (70.00 to 70.00) | 20 (20 to 20) | 79.00 (79.00 to 79.00)"
    )
    assert f"| flair, `ModelTrainer.fine_tune`, 5 epochs | {cells} | 4.50 (4.50 to 4.50) × |" in lines
    (score,) = (line for line in lines if line.startswith("It reached every target"))
    assert score.endswith("is met beside each.")
    assert lines[-2] == "P, 2 threads. Vocation: Python 3.12, torch 2. flair: Python 3.11, flair 0.1."
    assert not any("SetFit, `Trainer`" in line for line in lines), "what was not measured has no row"


def test_the_page_says_where_a_target_was_not_reached() -> None:
    (score,) = (line for line in section(0.8, 0.9) if line.startswith("It reached"))
    assert score.startswith("It reached flair's with 1 of 2 seeds;")
    assert score.endswith("is not met beside flair.")
    slower = rivals.page(
        {
            "runs": {"1": run(0.8) | {"flair": {"seconds": 30.0, "most": 5, "validation": 0.8, "test": 0.7}}},
            "rivals": {"flair": VERSIONS},
            "machine": MACHINE,
        }
    )
    assert any(line.endswith("is not met beside flair.") for line in slower)


def test_validation_rows_are_every_tenth_and_none_is_learned_from() -> None:
    rows = read()
    assert {split: len(each) for split, each in rows.items()} == {"train": 2952, "validation": 328, "test": 1080}
    assert {label for _, label in rows["validation"]} <= {label for _, label in rows["train"]}
    assert len(set(rows["train"]) & set(rows["validation"])) == 0
    assert len(read(50)["train"]) == 50


def test_every_rival_has_words_and_an_unknown_one_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(rivals.WORDS) == set(RIVALS)
    with pytest.raises(SystemExit):
        rivals.main(["--python", "nobody=python"])
    assert "no rival is called nobody; there are flair, setfit, spacy" in capsys.readouterr().err
