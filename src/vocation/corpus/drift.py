"""Label drift: how far the shares of labels differ between two splits, and whether by more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vocation.corpus.index import Index, connected
from vocation.corpus.units import slices

_LEAST_EXPECTED = 5
"""Labels expected more rarely in either split are counted as one (Cochran 1954, Biometrics 10, 417-451)."""
_LARGEST = 10


@dataclass(frozen=True, slots=True)
class LabelShare:
    """A label's share of all labels in two splits.

    Args:
        label: its name.
        first: share in the first split, between 0 and 1.
        second: share in the second.
    """

    label: str
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class LabelDrift:
    """How far the shares of labels differ between two splits.

    Args:
        between: the two splits.
        total_variation: half the sum of the absolute differences of the shares: the part of the labels of one split
            that would have to be others for the shares to be equal. Above 0 by chance alone, the more the smaller the
            splits.
        chi_square: Pearson's statistic of homogeneity, divided by the design effect.
        degrees: its degrees of freedom.
        p_value: how likely chance alone makes so large a statistic.
        design_effect: how much the statistic grows because labels of one row, one cluster or one group are not
            independent; 1 where each stands alone with one label.
        largest: the labels whose shares differ most.
    """

    between: tuple[str, str]
    total_variation: float
    chi_square: float
    degrees: int
    p_value: float
    design_effect: float
    largest: Sequence[LabelShare]


def label_drift(
    index: Index, between: tuple[str, str], first: NDArray[np.int64], second: NDArray[np.int64]
) -> LabelDrift | None:
    """Compares the labels of two splits; None where either has no labels.

    The p-value is that of the chi-square test with the first-order correction of Rao and Scott (1981, JASA 76,
    221-230): rows of one group or cluster, and labels of one row, are drawn together, so they count for less.

    Args:
        index: of all rows.
        between: names of the two splits.
        first: rows of the first split.
        second: rows of the second.
    """
    from scipy.special import chdtrc

    counts = np.stack([_counts(index, rows) for rows in (first, second)])  # [2, L]
    totals = counts.sum(axis=1, keepdims=True)
    if not totals.all():
        return None
    shares = counts / totals
    distance = np.abs(shares[0] - shares[1])
    bins, table = _pooled(counts)
    expected = table.sum(axis=0) * totals / totals.sum()  # [2, bins]
    statistic = float(((table - expected) ** 2 / expected).sum())
    degrees = table.shape[1] - 1
    effect = _design_effect(index, np.concatenate([first, second]), bins, table.sum(axis=0)) if degrees else 1.0
    corrected = statistic / effect if effect > 0 else statistic
    return LabelDrift(
        between=between,
        total_variation=float(distance.sum() / 2),
        chi_square=corrected,
        degrees=degrees,
        p_value=float(chdtrc(degrees, corrected)) if degrees else 1.0,
        design_effect=effect,
        largest=[
            LabelShare(index.labels[label], float(shares[0, label]), float(shares[1, label]))
            for label in np.argsort(-distance, kind="stable")[:_LARGEST].tolist()
            if distance[label]
        ],
    )


def _counts(index: Index, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.bincount(index.label[slices(index.label_start, rows)], minlength=len(index.labels))


def _pooled(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """[L] the bin of each label, rare ones sharing bin 0, and the counts of the bins that are used, [2, bins]."""
    both = counts.sum(axis=0)
    smaller = counts.sum(axis=1).min() / counts.sum()
    rare = both * smaller < _LEAST_EXPECTED
    bins = np.where(rare, 0, np.cumsum(~rare) - (0 if both[rare].any() else 1))
    table = np.stack([np.bincount(bins, weights=side, minlength=int(bins.max()) + 1) for side in counts])
    return bins, table.astype(np.int64)


def _design_effect(index: Index, rows: NDArray[np.int64], bins: NDArray[np.int64], totals: NDArray[np.int64]) -> float:
    """Mean over the bins of (variance of its share) / (that of a multinomial share), weighted by 1 - share.

    The variance is that of a ratio over units that are drawn whole: for unit i with y labels of the bin among m,
    Σ (y - p·m)² / (Σ m)².
    """
    unit = connected(index.cluster[rows], index.group[rows])
    per_row = index.label_start[rows + 1] - index.label_start[rows]
    owner = np.repeat(unit, per_row)
    labels = bins[index.label[slices(index.label_start, rows)]]
    size = np.bincount(owner, minlength=int(unit.max()) + 1).astype(np.float64)  # m, [units]
    keys, held = np.unique(owner * len(totals) + labels, return_counts=True)  # y where it is not 0
    held_by, bin_of = keys // len(totals), keys % len(totals)
    squares = np.bincount(bin_of, weights=held.astype(np.float64) ** 2, minlength=len(totals))
    products = np.bincount(bin_of, weights=held * size[held_by], minlength=len(totals))
    share = totals / totals.sum()
    residuals = squares - 2 * share * products + share**2 * (size**2).sum()  # [bins], Σ (y - p·m)²
    effects = residuals / (totals.sum() * share * (1 - share))
    return float(((1 - share) * effects).sum() / (len(totals) - 1))
