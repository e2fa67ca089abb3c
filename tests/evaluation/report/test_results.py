from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from vocation.evaluation.report.evidence import Evidence, gather
from vocation.evaluation.report.results import confusion_cells, judge, label_rows, percent, points
from vocation.evaluation.report.words import words_of


@pytest.fixture
def evidence(label_run: Any) -> Evidence:
    return gather(label_run.recipe_yaml, label_run.corpus, label_run.tuning, label_run.evaluation)


def with_difference(evidence: Evidence, low: float, high: float) -> Evidence:
    difference = {"accuracy": {"value": (low + high) / 2, "low": low, "high": high, "p_value": 0.5}}
    return replace(evidence, metrics={**evidence.metrics, "difference": difference})


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.01, 0.03, "better"), (-0.01, 0.03, "not_shown"), (0.0, 0.03, "not_shown"), (-0.03, -0.01, "worse")],
)
def test_the_judgement_follows_the_interval(evidence: Evidence, low: float, high: float, verdict: str) -> None:
    judgement = judge(with_difference(evidence, low, high), words_of("en"))
    assert judgement.verdict == verdict
    assert f"95 % interval {points(low)} to {points(high)}" in judgement.sentence


def test_labels_are_ordered_by_their_f1_and_know_their_rows(evidence: Evidence) -> None:
    rows = label_rows(evidence)
    values = [row["f1"]["value"] for row in rows]
    assert values == sorted(values)
    assert sum(row["support"] for row in rows) == 60


def test_the_main_metric_comes_first_and_repetitions_are_left_out(evidence: Evidence) -> None:
    assert evidence.overall[0] == "accuracy"
    assert "f1_macro" in evidence.overall
    assert "f1_micro" not in evidence.overall


def test_no_entity_has_a_name_in_the_matrix(evidence: Evidence) -> None:
    cells = [{"gold": None, "predicted": "Drug", "count": 2}]
    changed = replace(evidence, metrics={**evidence.metrics, "confusion": cells})
    assert confusion_cells(changed, words_of("en")) == {("(no entity)", "Drug"): 2}


def test_shares_and_differences_are_written_in_percent() -> None:
    assert percent(0.92149) == "92.1"
    assert [points(value) for value in (0.021, -0.021, 0.0001, -0.0001)] == ["+2.1", "−2.1", "0.0", "0.0"]
