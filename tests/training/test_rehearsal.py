"""Rehearsed examples among the others: their share, their draws, and what stays as it was."""

from __future__ import annotations

from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vocation.training.batches import Dealing, epoch_order, every_example
from vocation.training.rehearsal import rehearsing


def dealt(own: int, earlier: int, share: float, epoch: int = 1, seed: int = 1) -> list[NDArray[np.int64]]:
    lengths = np.arange(own + earlier) % 17 + 1
    dealing = Dealing(8, 64, 3, seed, rehearsing(every_example, own, own + earlier, share))
    return epoch_order(lengths, dealing, epoch)


@given(own=st.integers(1, 150), earlier=st.integers(1, 90), share=st.floats(0.01, 0.9), epoch=st.integers(1, 5))
def test_new_examples_are_dealt_as_before_and_the_share_is_kept(
    own: int, earlier: int, share: float, epoch: int
) -> None:
    updates = dealt(own, earlier, share, epoch)
    plain = epoch_order(np.arange(own) % 17 + 1, Dealing(8, 64, 3, 1), epoch)
    assert [update[update < own].tolist() for update in updates] == [update.tolist() for update in plain]
    again = np.concatenate(updates)
    again = again[again >= own]
    wanted = own * share / (1 - share)
    assert len(again) in (floor(wanted), floor(wanted + 1e-9))
    counts = np.bincount(again - own, minlength=earlier)
    assert counts.max() - counts.min() <= 1, "none comes again before all have come"
    assert again.max(initial=0) < own + earlier
    before, each = 0, 0.0
    for update in updates:  # Spread evenly: never more than one example from the exact share.
        before += int((update < own).sum())
        each += int((update >= own).sum())
        assert abs(each - before * share / (1 - share)) <= 1 + 1e-9


def test_every_epoch_and_every_seed_draws_anew_and_equal_ones_draw_the_same() -> None:
    def drawn(epoch: int, seed: int = 1) -> list[int]:
        return sorted(int(index) for update in dealt(40, 500, 0.2, epoch, seed) for index in update if index >= 40)

    assert drawn(1) == drawn(1)
    assert len({tuple(drawn(epoch, seed)) for epoch, seed in ((1, 1), (2, 1), (3, 1), (1, 2))}) == 4


def test_two_earlier_runs_are_rehearsed_each_with_its_share() -> None:
    order = rehearsing(rehearsing(every_example, 60, 100, 0.25), 100, 300, 0.5)
    updates = epoch_order(np.ones(300, dtype=np.int64), Dealing(8, 64, 1, 1, order), 1)
    indices = np.concatenate(updates)
    parts = [int(((indices >= low) & (indices < high)).sum()) for low, high in ((0, 60), (60, 100), (100, 300))]
    assert parts == [60, 20, 80]


def test_too_small_a_share_adds_nothing() -> None:
    assert sum(len(update) for update in dealt(9, 5, 0.05)) == 9


@pytest.mark.parametrize("share", [0.0])
def test_no_share_is_no_rehearsal(share: float) -> None:
    assert sum(len(update) for update in dealt(40, 5, share)) == 40
