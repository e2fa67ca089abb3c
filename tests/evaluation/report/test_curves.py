from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vocation.evaluation.report.curves import learning_rate_curve, loss_curve, moving_average, thinned, validation_curve
from vocation.evaluation.report.words import words_of

HISTORY: dict[str, Any] = {
    "steps": [{"step": step, "loss": 1 / step, "learning_rate": 3e-4 / step} for step in range(1, 2001)],
    "evaluations": [{"step": 1000, "selected": 0.714}, {"step": 2000, "selected": 0.705}],
    "best_step": 1000,
    "selection_metric": "accuracy",
}


@pytest.mark.parametrize("window", [1, 3, 50])
def test_the_moving_average_equals_a_slow_twin(window: int) -> None:
    values = np.random.default_rng(1).random(40)
    expected = [values[max(0, place - window) : place + window + 1].mean() for place in range(40)]
    np.testing.assert_allclose(moving_average(values, window), expected, rtol=1e-12)


def test_long_curves_are_thinned_and_keep_their_ends() -> None:
    points = list(range(10_000))
    few = thinned(points)
    assert len(few) == 300
    assert (few[0], few[-1]) == (0, 9999)
    assert thinned([1, 2, 3]) == [1, 2, 3]


def test_the_best_point_carries_its_value_and_curves_stay_small() -> None:
    words = words_of("en")
    validation = validation_curve(HISTORY, words).svg
    assert ">71.4</text>" in validation
    assert ">70.5</text>" not in validation
    assert max(len(drawn(HISTORY, words).svg) for drawn in (loss_curve, learning_rate_curve)) < 40_000


def test_a_history_of_one_update_can_be_drawn() -> None:
    short = {**HISTORY, "steps": HISTORY["steps"][:1], "evaluations": [{"step": 1, "selected": 0.5}], "best_step": 1}
    for drawn in (loss_curve, validation_curve, learning_rate_curve):
        assert drawn(short, words_of("zh")).svg.startswith("<svg")
