"""exp and the largest number, compiled: equal to numpy's."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from vocation.training.compiled.arithmetic import exponential, largest


@njit
def every_exponential(values: Any) -> Any:
    result = np.empty_like(values)
    for index in range(values.size):
        result[index] = exponential(values[index])
    return result


def test_exp_is_that_of_numpy() -> None:
    values = np.concatenate([np.linspace(-87, 88, 200_001), np.linspace(-1e-3, 1e-3, 1001), [0.0]]).astype(np.float32)
    expected = np.exp(values.astype(np.float64))
    assert np.max(np.abs(every_exponential(values) - expected) / expected) < 2e-7
    assert every_exponential(np.zeros(1, np.float32))[0] == 1.0


def test_exp_is_bounded_and_keeps_what_is_no_number() -> None:
    values = np.array([-np.inf, -1e4, 1e4, np.inf, np.nan], dtype=np.float32)
    low, lower, high, higher, none = every_exponential(values)
    assert 0 < low == lower < 1e-37
    assert 1e38 < high == higher < np.inf
    assert np.isnan(none)


@njit
def largest_of(values: Any, start: Any) -> Any:
    return largest(values, start)


def test_the_largest_is_that_of_numpy() -> None:
    generator = np.random.default_rng(1)
    for size in (0, 1, 2, 7, 16, 33, 100):
        for scale in (1e-30, 1.0, 1e30):
            for shift in (-2.0, 0.0, 2.0):
                values = ((generator.normal(size=size) + shift) * scale).astype(np.float32)
                start = np.float32(shift * scale)
                assert largest_of(values, start) == np.max([*values, start])
    mixed = np.array([-0.0, -np.inf, -1.0], dtype=np.float32)
    assert largest_of(mixed, np.float32(-3)) == 0.0
    assert largest_of(mixed[1:], np.float32(-np.inf)) == -1.0


def test_the_largest_of_what_is_no_number_is_none() -> None:
    assert np.isnan(largest_of(np.array([1.0, np.nan, 2.0], dtype=np.float32), np.float32(0)))
