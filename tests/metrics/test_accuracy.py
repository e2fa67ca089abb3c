from __future__ import annotations

from vocation.metrics.accuracy import Accuracy


def test_accuracy_is_the_share_of_right_answers() -> None:
    metric = Accuracy()
    totals = metric.statistics(["a", "b", "b", "a"], ["a", "b", "a", "b"], ["a", "b"]).sum(axis=0)
    assert float(metric.values(totals, ["a", "b"])["accuracy"]) == 0.5
