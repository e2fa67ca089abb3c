from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from vocation.evaluation import significance
from vocation.evaluation.significance import Resampling, intervals, paired_differences, resampled_totals


def accuracy(totals: NDArray[np.float64]) -> Mapping[str, NDArray[np.float64]]:
    return {"accuracy": totals[..., 0] / totals[..., 1]}


def right_or_wrong(share: float, size: int, seed: int) -> NDArray[np.float64]:
    right = np.random.default_rng(seed).random(size) < share
    return np.stack([right, np.ones(size)], axis=1).astype(np.float64)


def test_resamples_equal_those_of_a_slow_twin() -> None:
    statistics = np.random.default_rng(0).random((37, 3))
    generator = np.random.default_rng(5)
    expected = [statistics[generator.integers(37, size=37)].sum(axis=0) for _ in range(50)]
    np.testing.assert_allclose(resampled_totals(statistics, Resampling(50, seed=5)), expected, rtol=1e-12)


def test_the_memory_bound_does_not_change_the_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    statistics = np.random.default_rng(0).random((37, 3))
    whole = resampled_totals(statistics, Resampling(50))
    monkeypatch.setattr(significance, "_CELLS", 37 * 7)
    np.testing.assert_allclose(resampled_totals(statistics, Resampling(50)), whole, rtol=1e-12)


def test_the_interval_has_the_width_that_theory_gives() -> None:
    statistics = right_or_wrong(0.8, 1000, seed=1)
    found = intervals(statistics, accuracy, Resampling(4000))["accuracy"]
    share = statistics[:, 0].mean()
    half = 1.96 * np.sqrt(share * (1 - share) / 1000)
    assert found.value == pytest.approx(share)
    assert (found.low, found.high) == pytest.approx((share - half, share + half), abs=0.003)


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    covered = 0
    for seed in range(300):
        found = intervals(right_or_wrong(0.8, 200, seed), accuracy, Resampling(400, confidence=0.9, seed=seed))[
            "accuracy"
        ]
        covered += found.low <= 0.8 <= found.high
    # Binomial with 300 trials of 0.9: four standard deviations are 0.07.
    assert 0.83 <= covered / 300 <= 0.97


def test_equal_seeds_give_equal_intervals_and_others_do_not() -> None:
    statistics = right_or_wrong(0.8, 200, seed=1)
    first, again, other = (intervals(statistics, accuracy, Resampling(200, seed=seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_rows_of_a_group_are_drawn_together() -> None:
    statistics = right_or_wrong(0.5, 40, seed=3)
    repeated = np.repeat(statistics, 25, axis=0)
    groups = [str(row // 25) for row in range(1000)]
    alone = intervals(repeated, accuracy, Resampling(2000))["accuracy"]
    together = intervals(repeated, accuracy, Resampling(2000, groups=groups))["accuracy"]
    # Twenty-five copies carry no more knowledge than one: the width is that of 40 rows, five times that of 1,000.
    assert (together.high - together.low) / (alone.high - alone.low) == pytest.approx(5.0, rel=0.15)
    single = intervals(statistics, accuracy, Resampling(2000))["accuracy"]
    assert together.high - together.low == pytest.approx(single.high - single.low, rel=0.1)


def test_rows_without_a_group_are_drawn_alone() -> None:
    statistics = np.random.default_rng(0).random((30, 2))
    grouped = resampled_totals(statistics, Resampling(100, groups=[None] * 30))
    np.testing.assert_allclose(grouped, resampled_totals(statistics, Resampling(100)), rtol=1e-12)


def test_a_system_does_not_differ_from_itself() -> None:
    statistics = right_or_wrong(0.8, 200, seed=1)
    found = paired_differences(statistics, statistics, accuracy, Resampling(500))["accuracy"]
    assert (found.value, found.low, found.high, found.p_value) == (0.0, 0.0, 0.0, 1.0)


def test_a_clear_difference_is_found_with_its_sign() -> None:
    worse = right_or_wrong(0.6, 400, seed=1)
    better = worse.copy()
    better[:120, 0] = 1.0
    found = paired_differences(better, worse, accuracy, Resampling(999))["accuracy"]
    assert 0 < found.low < found.value < found.high
    assert found.p_value == pytest.approx(2 / 1000)
    back = paired_differences(worse, better, accuracy, Resampling(999))["accuracy"]
    assert (back.value, back.low, back.high) == pytest.approx((-found.value, -found.high, -found.low))


def test_pairing_narrows_the_interval_of_systems_that_agree() -> None:
    first = right_or_wrong(0.7, 500, seed=1)
    second = first.copy()
    second[:20, 0] = 1.0 - second[:20, 0]
    paired = paired_differences(first, second, accuracy, Resampling(1000))["accuracy"]
    apart = intervals(first, accuracy, Resampling(1000))["accuracy"]
    assert paired.high - paired.low < 0.6 * (apart.high - apart.low)


def test_the_p_value_is_uniform_when_there_is_no_difference() -> None:
    values = []
    for seed in range(200):
        first, second = right_or_wrong(0.7, 150, 2 * seed), right_or_wrong(0.7, 150, 2 * seed + 1)
        values.append(paired_differences(first, second, accuracy, Resampling(200, seed=seed))["accuracy"].p_value)
    # Binomial with 200 trials of 0.2: four standard deviations are 0.11; ties make the test a little shy.
    assert 0.07 <= np.mean(np.array(values) < 0.2) <= 0.31


def test_systems_of_different_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(4, 2\) and \(5, 2\)"):
        paired_differences(np.ones((4, 2)), np.ones((5, 2)), accuracy, Resampling())


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="no rows"):
        resampled_totals(np.ones((0, 2)), Resampling())


def test_a_wrong_number_of_groups_is_refused() -> None:
    with pytest.raises(ValueError, match="3 groups for 4 rows"):
        resampled_totals(np.ones((4, 2)), Resampling(groups=["a", "b", "c"]))
