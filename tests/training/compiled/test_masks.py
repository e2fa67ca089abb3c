"""The compiled generator of dropout masks: equal to its plain twin, fair, and without visible patterns."""

from __future__ import annotations

import numpy as np
import pytest

from vocation.training.compiled.masks import drop, drop_in_place, plain_mask

KEYS = [(0, 0), (1, 0), (0, 1), (2**32 - 1, 123_456_789), (3_141_592_653, 2_718_281_828)]


def compiled_mask(size: int, keys: tuple[int, int], threshold: int) -> np.ndarray:
    result = np.empty(size, dtype=np.float32)
    first, second = (np.uint32(key) for key in keys)
    drop(np.ones(size, dtype=np.float32), result, first, second, np.uint32(threshold), np.float32(2.0))
    assert set(np.unique(result)) <= {0.0, 2.0}
    return result > 0


@pytest.mark.parametrize("keys", KEYS)
def test_the_compiled_mask_is_the_plain_one(keys: tuple[int, int]) -> None:
    for size, threshold in ((1, 2**15), (2, 2**15), (37, 2**14), (1000, 6554)):
        np.testing.assert_array_equal(compiled_mask(size, keys, threshold), plain_mask(size, *keys, threshold))


def test_in_place_it_does_the_same() -> None:
    values = np.random.default_rng(1).normal(size=999).astype(np.float32)
    arguments = np.uint32(5), np.uint32(6), np.uint32(2**14), np.float32(4 / 3)
    result = np.empty_like(values)
    drop(values, result, *arguments)
    drop_in_place(values, *arguments)
    np.testing.assert_array_equal(values, result)
    assert 0.2 < (result == 0).mean() < 0.3


@pytest.mark.parametrize("probability", [0.01, 0.1, 0.5, 0.9])
def test_as_many_are_dropped_as_the_probability_says(probability: float) -> None:
    size = 400_000
    shares = [1 - compiled_mask(size, keys, round(probability * 2**16)).mean() for keys in KEYS]
    error = (probability * (1 - probability) / size) ** 0.5
    assert np.abs(np.array(shares) - probability).max() < 4.5 * error


def test_neighbours_keys_and_bits_are_not_correlated() -> None:
    """Correlations of independent masks lie within ±4.5/√N; those of a weak hash do not."""
    size = 200_000
    masks = [compiled_mask(size, keys, 2**15).astype(np.float64) for keys in [*KEYS, (1, 1), (2, 0), (0, 2)]]
    pairs = [(masks[0][:-lag], masks[0][lag:]) for lag in (1, 2, 3, 16, 384)]
    pairs += [(mask[: size // 2], mask[size // 2 :]) for mask in masks]  # Of the same hashes.
    pairs += [(one, other) for place, one in enumerate(masks) for other in masks[:place]]
    for one, other in pairs:
        assert abs(np.corrcoef(one, other)[0, 1]) < 4.5 / len(one) ** 0.5
    assert abs(np.corrcoef(masks[0], masks[0])[0, 1]) > 0.99
