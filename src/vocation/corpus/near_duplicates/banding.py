"""Bands: how many hashes it takes to find pairs of a given similarity.

Two sets whose Jaccard similarity is s agree in one MinHash with probability s, so that a band of r hashes agrees with
s^r, and at least one of b bands with 1 - (1 - s^r)^b (Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets",
chapter 3.4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MISSED = 0.02
"""Largest probability with which a pair right at the threshold is not found. Pairs above it are missed less often."""


@dataclass(frozen=True, slots=True)
class Banding:
    """The shape of a signature.

    Args:
        bands: number of bands, b.
        rows: hashes in a band, r.
    """

    bands: int
    rows: int

    def found(self, similarity: float) -> float:
        """The probability that two texts of this similarity share a band."""
        return float(1 - (1 - similarity**self.rows) ** self.bands)


def choose(threshold: float, permutations: int) -> Banding:
    """The banding with the longest bands, hence the fewest false candidates, that misses few pairs at the threshold.

    Args:
        threshold: Jaccard similarity, above 0.
        permutations: largest number of hashes.

    Raises:
        ValueError: even bands of one hash miss more pairs than `MISSED`.
    """
    fitting = [
        banding
        for rows in range(1, permutations + 1)
        if (banding := Banding(permutations // rows, rows)).found(threshold) >= 1 - MISSED
    ]
    if not fitting:
        raise ValueError(f"{permutations} hashes cannot find pairs of similarity {threshold} reliably")
    longest = max(banding.rows for banding in fitting)
    bands = next(
        bands
        for bands in range(1, permutations // longest + 1)
        if Banding(bands, longest).found(threshold) >= 1 - MISSED
    )
    return Banding(bands, longest)


@dataclass(frozen=True, slots=True, eq=False)
class Permutations:
    """K permutations of the 32-bit numbers, x ↦ factor · x + shift, and how their least values make band keys.

    Args:
        factors: [K] odd.
        shifts: [K]
        weights: [K] odd 64-bit numbers; a band's key mixes the sum of its hashes, each times its weight.
    """

    factors: NDArray[np.uint32]
    shifts: NDArray[np.uint32]
    weights: NDArray[np.uint64]


def permutations(banding: Banding) -> Permutations:
    """As many as the banding takes; always the same."""
    generator, count = np.random.Generator(np.random.PCG64(20240229)), banding.bands * banding.rows
    factors = generator.integers(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    shifts = generator.integers(0, 1 << 32, count, dtype=np.uint32)
    weights = generator.integers(0, 1 << 63, count, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    return Permutations(factors, shifts, weights)
