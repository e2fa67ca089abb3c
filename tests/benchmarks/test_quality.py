"""The table of the quality benchmark says what its runs measured."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.quality import run as quality

ROOT = Path(__file__).resolve().parent.parent.parent


def measurement(seed: int, value: float) -> dict[str, Any]:
    names = ("accuracy", "f1_macro")
    return {
        "seed": seed,
        "split": "test",
        "records": 3080,
        "model": {name: {"value": value, "low": value - 0.01, "high": value + 0.02} for name in names},
        "baseline": {name: {"value": 0.89, "low": 0.88, "high": 0.9} for name in names},
        "difference": {name: {"value": value - 0.89, "low": 0.001, "high": 0.03} for name in names},
        "baseline_kind": "tfidf_logistic",
        "tuning_minutes": 4.0,
        "machine": {"cores": 2, "processor": "x86_64", "python": "3.11.7", "packages": {"torch": "2.13.0"}},
    }


def test_t_interval_is_that_of_the_tables() -> None:
    # Three values with mean 2 and standard deviation 1; t of 0.975 with 2 degrees of freedom is 4.30265.
    low, high = quality.t_interval([1.0, 2.0, 3.0])
    assert (low, high) == pytest.approx((2 - 4.30265 / 3**0.5, 2 + 4.30265 / 3**0.5), abs=1e-5)


def test_table_shows_mean_both_intervals_baseline_and_difference() -> None:
    runs = [measurement(seed, value) for seed, value in ((1, 0.91), (2, 0.92), (3, 0.93))]
    lines = quality.page({"bank-intents": runs, "disease-entities": []}).splitlines()
    row = next(line for line in lines if line.startswith("| accuracy"))
    assert row == (
        "| accuracy | **0.9200** | 0.8952 to 0.9448 | 0.9100 to 0.9400 | 0.8900 | +0.0300 (+0.0010 to +0.0300) |"
    )
    assert not any("disease" in line for line in lines if line.startswith("##"))


@pytest.mark.parametrize(("value", "verdict"), [(0.905, "not reached"), (0.915, "reached")])
def test_target_is_judged_by_the_mean(value: float, verdict: str) -> None:
    text = quality.page({"bank-intents": [measurement(1, value)]})
    assert f"target accuracy ≥ 0.91: {verdict};" in text


def test_committed_table_is_that_of_the_committed_results() -> None:
    results = json.loads(quality.RESULTS.read_text(encoding="utf-8"))
    assert (quality.FOLDER / "README.md").read_text(encoding="utf-8") == quality.page(results)


def test_every_experiment_names_a_recipe_of_the_repository() -> None:
    assert len(quality.EXPERIMENTS) == 2
    assert all((ROOT / experiment.recipe).is_file() for experiment in quality.EXPERIMENTS.values())
