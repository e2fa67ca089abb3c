"""The section of the forgetting benchmark says what its runs measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.engine import forgetting
from vocation.recipe import load_recipe

MACHINE = {"cores": 2, "processor": "x86_64", "python": "3.11.7", "packages": {"torch": "2.13.0"}}


def measurement(condition: str, strength: float, seed: int, first: float, second: float) -> dict[str, Any]:
    result = {
        "condition": condition,
        "strength": strength,
        "seed": seed,
        "before": {"validation": 0.9, "test": 0.9},
        "A": {"validation": first + 0.01, "test": first},
        "B": {"validation": second + 0.01, "test": second},
        "processor_seconds": 60.0,
        "machine": MACHINE,
    }
    return {**result, "A, one head": {"validation": 0.8, "test": 0.8}} if condition == "rehearsal" else result


def runs() -> list[dict[str, Any]]:
    found = []
    for seed, shift in ((1, 0.0), (2, 0.01), (3, 0.02)):
        for name, condition in forgetting.CONDITIONS.items():
            strengths = condition.strengths if seed == 1 else (condition.strengths[-1],)
            for place, strength in enumerate(strengths):
                better = 0.1 if strength == condition.strengths[-1] else 0.01 * place
                gained = better if name != "plain" else 0.0
                found.append(measurement(name, strength, seed, 0.5 + shift + gained, 0.6 + shift))
    return found


def test_the_best_strength_on_validation_is_used_with_the_other_seeds() -> None:
    given = runs()
    assert forgetting.chosen(given, "ewc", 1) == forgetting.CONDITIONS["ewc"].strengths[-1]
    first = [run for run in given if run["seed"] == 1]
    asked = list(forgetting.wanted(first, [1, 2, 3]))
    tried = sum(len(condition.strengths) for condition in forgetting.CONDITIONS.values())
    assert len(asked) == tried + 2 * len(forgetting.CONDITIONS)
    assert ("ewc", forgetting.CONDITIONS["ewc"].strengths[-1], 3) in asked
    given[-1]["A"]["validation"] = given[-1]["B"]["validation"] = 1.0  # Of another seed: no matter.
    assert forgetting.chosen(given, "ewc", 1) == forgetting.CONDITIONS["ewc"].strengths[-1]


def test_the_table_shows_means_intervals_and_paired_differences() -> None:
    lines = forgetting.page({"runs": runs()})
    (row,) = (line for line in lines if line.startswith("| fine-tuning, nothing against it"))
    assert row == ("| fine-tuning, nothing against it | 0.510 (0.485 to 0.535) |  | 0.610 (0.585 to 0.635) |  |")
    strength = forgetting.CONDITIONS["ewc"].strengths[-1]
    (row,) = (line for line in lines if line.startswith(f"| `ewc`, λ {strength:g} "))
    assert "| +0.100 (+0.100 to +0.100) |" in row, "the shift of a seed is in both, and in no difference"
    assert "Task A before task B: **0.900 (0.900 to 0.900)**" in lines
    assert any("leaves one head for both tasks" in line and "0.800 (0.800" in line for line in lines)
    assert sum(line.startswith("| `") for line in lines) == 4


def test_recipes_are_valid_and_overrides_fill_in(tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_text(forgetting.FIRST, encoding="utf-8")
    (tmp_path / "second.yaml").write_text(forgetting.SECOND, encoding="utf-8")
    assert load_recipe(tmp_path / "first.yaml").corpus.limit == forgetting.FIRST_ROWS
    for name, condition in forgetting.CONDITIONS.items():
        for strength in condition.strengths:
            recipe = load_recipe(tmp_path / "second.yaml", forgetting.overrides(name, strength, 2, "runs/first-1"))
            assert (recipe.model, recipe.tuning.seed) == ("run:runs/first-1", 2)
            kinds = [strategy.kind for strategy in recipe.tuning.strategies]
            assert kinds == (["full"] if name in ("plain", "low rate") else ["full", name])
            rate = forgetting.RATE * strength if name == "low rate" else forgetting.RATE
            assert recipe.tuning.learning_rate == pytest.approx(rate)


def test_committed_table_is_that_of_the_committed_results() -> None:
    results = json.loads(forgetting.RESULTS.read_text(encoding="utf-8"))
    text = (forgetting.RESULTS.parent / "README.md").read_text(encoding="utf-8")
    assert "\n".join(forgetting.page(results)) in text
    assert len({run["seed"] for run in results["runs"]}) >= 3
