"""The order of the data: complete, repeatable, grouped by length, within the budget."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vocation.tasks import Example
from vocation.training.batches import (
    Dealing,
    Padding,
    Share,
    epoch_order,
    lengths_of,
    pad,
    updates,
    within_budget,
)

lengths_of_examples = st.lists(st.integers(1, 60), min_size=1, max_size=400).map(np.array)


def example(length: int, record: int = 0, targets: Sequence[int] | None = None) -> Example:
    ids = np.arange(10, 10 + length)
    features = {"input_ids": ids, "token_type_ids": np.ones(length, dtype=np.int64)}
    return Example(features, np.array([record] if targets is None else targets), record)


@given(
    lengths=lengths_of_examples, batch_size=st.integers(1, 9), seed=st.integers(0, 2**32 - 1), epoch=st.integers(1, 9)
)
def test_an_epoch_holds_every_example_once_and_depends_on_seed_and_epoch_alone(
    lengths: NDArray[np.int64], batch_size: int, seed: int, epoch: int
) -> None:
    dealing = Dealing(batch_size, 64, 1, seed)
    order = epoch_order(lengths, dealing, epoch)
    np.testing.assert_array_equal(np.sort(np.concatenate(order)), np.arange(len(lengths)))
    assert all(1 <= len(update) <= batch_size for update in order)
    again = epoch_order(lengths, dealing, epoch)
    assert [update.tolist() for update in order] == [update.tolist() for update in again]
    assert len(order) == len(epoch_order(lengths, dealing, epoch + 1))


def test_other_seeds_and_other_epochs_give_other_orders() -> None:
    lengths = np.full(100, 5)
    orders = {
        tuple(np.concatenate(epoch_order(lengths, Dealing(4, 64, 1, seed), epoch)))
        for seed in (0, 1, 2)
        for epoch in (1, 2, 3)
    }
    assert len(orders) == 9


def test_grouping_by_length_pads_far_less_than_a_random_order() -> None:
    lengths = np.random.default_rng(1).lognormal(3, 0.7, size=5000).astype(np.int64) + 3

    def padded(batches: Sequence[NDArray[np.int64]]) -> float:
        """Share of the positions that are padding."""
        return 1 - float(lengths.sum()) / sum(len(batch) * int(lengths[batch].max()) for batch in batches)

    random = np.array_split(np.random.default_rng(2).permutation(5000), 5000 // 32)
    assert padded(random) > 0.5
    assert padded(epoch_order(lengths, Dealing(32, 64, 1, seed=1), 1)) < padded(random) / 4


def test_updates_of_like_length_come_in_random_order() -> None:
    lengths = np.arange(1000) // 10
    longest = [int(lengths[update].max()) for update in epoch_order(lengths, Dealing(10, 64, 1, seed=1), 1)]
    assert abs(float(np.corrcoef(np.arange(len(longest)), longest)[0, 1])) < 0.3


@given(lengths=lengths_of_examples, budget=st.integers(1, 300))
def test_the_budget_is_kept_but_for_an_example_that_exceeds_it_alone(lengths: NDArray[np.int64], budget: int) -> None:
    parts = within_budget(np.arange(len(lengths)), lengths, budget)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(len(lengths)))
    for part in parts:
        assert len(part) * int(lengths[part].max()) <= budget or len(part) == 1
    longest = [int(lengths[part].max()) for part in parts]
    assert longest == sorted(longest, reverse=True)


@given(lengths=lengths_of_examples, budget=st.integers(1, 300), together=st.integers(1, 4))
def test_examples_that_belong_together_share_a_part_within_the_budget(
    lengths: NDArray[np.int64], budget: int, together: int
) -> None:
    given_ones = np.random.default_rng(3).permutation(len(lengths))
    groups = [given_ones[start : start + together].tolist() for start in range(0, len(lengths), together)]
    found = []
    for part in within_budget(given_ones, lengths, budget, together):
        found += [part[start : start + together].tolist() for start in range(0, len(part), together)]
        assert len(part) * int(lengths[part].max()) <= budget or len(part) <= together
    assert sorted(found) == sorted(groups)


@given(lengths=lengths_of_examples, count=st.integers(1, 5), together=st.integers(1, 3), budget=st.integers(1, 300))
def test_processes_share_an_update_group_by_group(
    lengths: NDArray[np.int64], count: int, together: int, budget: int
) -> None:
    items = [example(int(length), record) for record, length in enumerate(lengths)]
    indices = np.random.default_rng(3).permutation(len(items))
    groups = {tuple(indices[start : start + together]) for start in range(0, len(items), together)}
    found: list[tuple[int, ...]] = []
    for index in range(count):
        for batch in Share(index, count).batches(indices, items, Padding(0), budget, together):
            records = batch.tensors["targets"][:, 0].tolist()
            found += [tuple(records[start : start + together]) for start in range(0, len(records), together)]
    assert set(found) == groups
    assert len(found) == len(groups)


@given(
    lengths=st.lists(st.integers(1, 20), min_size=1, max_size=150),
    batch_size=st.integers(1, 2),
    epochs=st.integers(1, 3),
    data=st.data(),
)
def test_going_on_after_some_updates_gives_the_rest(
    lengths: list[int], batch_size: int, epochs: int, data: st.DataObject
) -> None:
    items = [example(length, record) for record, length in enumerate(lengths)]
    dealing = Dealing(batch_size, 30, epochs, seed=5)
    whole = list(updates(items, Padding(0), dealing))
    per_epoch = len(epoch_order(lengths_of(items), dealing, 1))
    assert [update.number for update in whole] == list(range(1, per_epoch * epochs + 1))
    assert [update.epoch for update in whole] == [1 + index // per_epoch for index in range(len(whole))]
    done = data.draw(st.integers(0, len(whole)))
    rest = list(updates(items, Padding(0), dealing, done))
    assert len(rest) == len(whole) - done
    for one, other in zip(whole[done:], rest, strict=True):
        assert (one.number, one.epoch) == (other.number, other.epoch)
        for first, second in zip(one.batches, other.batches, strict=True):
            assert all(bool((first.tensors[name] == second.tensors[name]).all()) for name in first.tensors)


@pytest.mark.parametrize("left", [False, True])
def test_padding_stands_on_one_side_and_is_masked(left: bool) -> None:
    batch = pad([example(2, 7), example(4, 8)], Padding(token=99, left=left))
    tensors = {name: tensor.tolist() for name, tensor in batch.tensors.items()}
    short = {"input_ids": [10, 11], "token_type_ids": [1, 1], "attention_mask": [1, 1]}
    fill = {"input_ids": 99, "token_type_ids": 0, "attention_mask": 0}
    for name, values in short.items():
        padding = [fill[name]] * 2
        assert tensors[name][0] == (padding + values if left else values + padding)
    assert tensors["input_ids"][1] == [10, 11, 12, 13]
    assert tensors["targets"] == [[7], [8]]
    assert (batch.targets, batch.tokens) == (2, 6)


@pytest.mark.parametrize("left", [False, True])
def test_targets_of_tokens_are_padded_beside_their_tokens(left: bool) -> None:
    batch = pad([example(2, targets=[-100, 3]), example(3, targets=[1, -100, 2])], Padding(token=0, left=left))
    first = [-100, -100, 3] if left else [-100, 3, -100]
    assert batch.tensors["targets"].tolist() == [first, [1, -100, 2]]
    assert batch.targets == 3


def test_one_target_of_a_text_of_one_token_stays_one_target() -> None:
    batch = pad([example(1, 4), example(3, 5)], Padding(token=0))
    assert batch.tensors["targets"].tolist() == [[4], [5]]
    assert pad([example(1, 4)], Padding(token=0)).tensors["targets"].tolist() == [[4]]
