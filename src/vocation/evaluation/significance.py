"""How far chance may have moved a result: percentile bootstrap intervals, and paired differences.

The test rows are drawn again, with replacement, as many as there are, and every metric is computed from the drawn
rows; the middle 95 % of its values over the resamples is its interval (Efron & Tibshirani 1993, An Introduction to
the Bootstrap, chapter 13). A metric comes from statistics that add up over rows, so a resample is a row of weights
times a matrix of statistics, and nothing is scored twice. Rows of one group are drawn together (cluster bootstrap),
because rows that belong together vary together.

Shapes: N rows, G units that are drawn, B resamples, K statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = Callable[[NDArray[np.float64]], Mapping[str, NDArray[np.float64]]]
"""The metrics by name, each of shape [...], from summed statistics of shape [..., K]."""

_CELLS = 4_000_000
"""Weights held at a time (32 MB), whatever the number of rows and resamples."""


@dataclass(frozen=True, slots=True)
class Resampling:
    """How the rows are drawn.

    Args:
        resamples: how often; 1,000 or more for a 95 % interval (Efron & Tibshirani 1993, section 13.3).
        confidence: share of the resamples that an interval covers.
        seed: equal seeds draw equal rows.
        groups: the group of each row; rows of equal group are drawn together. None, or a row whose group is None:
            the row is drawn on its own.
    """

    resamples: int = 2000
    confidence: float = 0.95
    seed: int = 1
    groups: Sequence[str | None] | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """A value computed from all rows, and where its resampled values lie."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How much higher the first system is than the second, on the same rows.

    Args:
        value: the difference on all rows.
        low: lower end of the interval.
        high: upper end of the interval.
        p_value: 2 · min(share of resamples ≤ 0, share ≥ 0), at most 1, with one resample added to each share so that
            it is never 0. It is the smallest error rate at which the percentile interval leaves out 0: small when the
            sign of the difference hardly ever changes between resamples. It is not corrected for looking at several
            metrics or systems.
    """

    value: float
    low: float
    high: float
    p_value: float


def intervals(statistics: NDArray[np.float64], values: Values, resampling: Resampling) -> dict[str, Interval]:
    """Each metric with its interval.

    Args:
        statistics: [N, K], a row a record.
        values: gives the metrics from summed statistics.
        resampling: how the rows are drawn.
    """
    whole = values(statistics.sum(axis=0))
    drawn = values(resampled_totals(statistics, resampling))
    return {name: Interval(float(whole[name]), *_bounds(drawn[name], resampling.confidence)) for name in whole}


def paired_differences(
    first: NDArray[np.float64], second: NDArray[np.float64], values: Values, resampling: Resampling
) -> dict[str, Difference]:
    """Each metric of the first system minus that of the second, both on the same resamples.

    Args:
        first: [N, K], the statistics of one system.
        second: [N, K], those of the other, of the same rows in the same order.
        values: gives the metrics from summed statistics.
        resampling: how the rows are drawn.

    Raises:
        ValueError: the two have different shapes.
    """
    if first.shape != second.shape:
        raise ValueError(f"the systems have statistics of different shapes: {first.shape} and {second.shape}")
    size = first.shape[1]
    both = resampled_totals(np.concatenate([first, second], axis=1), resampling)
    drawn_first, drawn_second = values(both[:, :size]), values(both[:, size:])
    whole_first, whole_second = values(first.sum(axis=0)), values(second.sum(axis=0))
    result = {}
    for name in whole_first:
        drawn = drawn_first[name] - drawn_second[name]
        value = float(whole_first[name] - whole_second[name])
        result[name] = Difference(value, *_bounds(drawn, resampling.confidence), _p_value(drawn))
    return result


def resampled_totals(statistics: NDArray[np.float64], resampling: Resampling) -> NDArray[np.float64]:
    """The summed statistics of every resample, [B, K].

    Raises:
        ValueError: there are no rows, or not one group for each row.
    """
    if not len(statistics):
        raise ValueError("there are no rows to draw from")
    units = _by_group(statistics, resampling.groups)  # [G, K]
    size, generator = len(units), np.random.default_rng(resampling.seed)
    chunk = max(1, _CELLS // size)
    totals = np.empty((resampling.resamples, units.shape[1]))
    for start in range(0, resampling.resamples, chunk):
        count = min(chunk, resampling.resamples - start)
        drawn = generator.integers(size, size=(count, size)) + size * np.arange(count)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=count * size).reshape(count, size)  # [chunk, G]
        totals[start : start + count] = weights.astype(np.float64) @ units
    return totals


def _by_group(statistics: NDArray[np.float64], groups: Sequence[str | None] | None) -> NDArray[np.float64]:
    """The statistics summed over each group, [G, K]."""
    if groups is None:
        return statistics
    if len(groups) != len(statistics):
        raise ValueError(f"there are {len(groups)} groups for {len(statistics)} rows")
    index: dict[object, int] = {}
    # A tuple keeps a row on its own apart from any group, whatever the group is called.
    keys = [(row,) if group is None else group for row, group in enumerate(groups)]
    units = [index.setdefault(key, len(index)) for key in keys]
    totals = np.zeros((len(index), statistics.shape[1]))
    np.add.at(totals, units, statistics)
    return totals


def _bounds(drawn: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(drawn, [tail, 1.0 - tail])
    return float(low), float(high)


def _p_value(drawn: NDArray[np.float64]) -> float:
    below = (1 + np.count_nonzero(drawn <= 0)) / (1 + len(drawn))
    above = (1 + np.count_nonzero(drawn >= 0)) / (1 + len(drawn))
    return float(min(1.0, 2.0 * min(below, above)))
