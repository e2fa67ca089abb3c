"""Orders by class: how often each class occurs, that seed and epoch alone decide, that lengths stay alike."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vocation.errors import TrainingError
from vocation.training.batches import Dealing, Order, epoch_order, every_example
from vocation.training.mixing import Paired
from vocation.training.sampling import Even, Resampled, check_classes, lowered, raised

Array = NDArray[np.int64]

counts_of_classes = st.lists(st.integers(1, 60), min_size=1, max_size=9)
ratios = st.floats(0.05, 1.0)
batch_sizes = st.integers(1, 12)
seeds = st.integers(0, 2**32 - 1)


def rows(counts: list[int]) -> tuple[Array, Array]:
    """The class and the length of each example."""
    generator = np.random.default_rng(7)
    classes = generator.permutation(np.repeat(np.arange(len(counts)), counts))
    return classes, generator.integers(3, 50, len(classes))


def deal(order: Order, lengths: Array, batch_size: int, seed: int, epoch: int = 1) -> list[Array]:
    return epoch_order(lengths, Dealing(batch_size, 64, 1, seed, order), epoch)


def check_determined(order: Order, lengths: Array, batch_size: int, seed: int) -> None:
    first, again, later = (deal(order, lengths, batch_size, seed, epoch) for epoch in (1, 1, 2))
    assert [update.tolist() for update in first] == [update.tolist() for update in again]
    assert len(first) == len(later)
    assert sum(map(len, first)) == sum(map(len, later))


@given(counts=counts_of_classes, ratio=ratios, batch_size=batch_sizes, seed=seeds)
def test_rare_classes_are_raised_to_the_ratio_and_every_row_is_read(
    counts: list[int], ratio: float, batch_size: int, seed: int
) -> None:
    classes, lengths = rows(counts)
    order = Resampled(every_example, classes, raised(ratio))
    check_determined(order, lengths, batch_size, seed)
    updates = deal(order, lengths, batch_size, seed)
    read = np.bincount(np.concatenate(updates), minlength=len(classes))
    assert (read >= 1).all()
    for which, count in enumerate(counts):
        expected = max(count, int(np.ceil(ratio * max(counts) - 1e-9)))
        assert read[classes == which].sum() == expected
        assert np.ptp(read[classes == which]) <= 1
    assert len(updates) == -(-read.sum() // batch_size)
    assert all(1 <= len(update) <= batch_size for update in updates)


@given(counts=counts_of_classes, ratio=ratios, batch_size=batch_sizes, seed=seeds)
def test_frequent_classes_are_lowered_to_the_ratio_and_no_row_is_read_twice(
    counts: list[int], ratio: float, batch_size: int, seed: int
) -> None:
    classes, lengths = rows(counts)
    order = Resampled(every_example, classes, lowered(ratio))
    check_determined(order, lengths, batch_size, seed)
    read = np.bincount(np.concatenate(deal(order, lengths, batch_size, seed)), minlength=len(classes))
    assert (read <= 1).all()
    for which, count in enumerate(counts):
        assert read[classes == which].sum() == min(count, int(np.floor(min(counts) / ratio + 1e-9))) >= 1


@given(counts=counts_of_classes, batch_size=batch_sizes, seed=seeds)
def test_every_update_is_as_even_as_its_size_allows(counts: list[int], batch_size: int, seed: int) -> None:
    classes, lengths = rows(counts)
    order = Even(every_example, classes)
    check_determined(order, lengths, batch_size, seed)
    updates = deal(order, lengths, batch_size, seed)
    plain = deal(every_example, lengths, batch_size, seed)
    assert sorted(map(len, updates)) == sorted(map(len, plain))
    held = np.array([np.bincount(classes[update], minlength=len(counts)) for update in updates])  # [updates, classes]
    assert (held.max(1) - held.min(1) <= 1).all()
    assert np.ptp(held.sum(0)) <= 1
    read = np.bincount(np.concatenate(updates), minlength=len(classes))
    assert all(np.ptp(read[classes == which]) <= 1 for which in range(len(counts)))


def test_what_is_left_out_and_repeated_is_drawn_anew_in_each_epoch() -> None:
    classes, lengths = rows([100, 7])
    for order in (Resampled(every_example, classes, lowered(0.5)), Even(every_example, classes)):
        seen = [set(np.concatenate(deal(order, lengths, 8, 1, epoch)).tolist()) for epoch in (1, 2, 3)]
        assert len(seen[0] & seen[1]) < len(seen[0])
        assert len(seen[0] | seen[1] | seen[2]) > len(seen[0])
    raised_once = Resampled(every_example, classes, raised(0.1))
    twice = [
        {
            int(row)
            for row, n in enumerate(np.bincount(np.concatenate(deal(raised_once, lengths, 8, 1, epoch))))
            if n > 1
        }
        for epoch in range(1, 9)
    ]
    assert all(len(rows) == 3 for rows in twice)
    assert len(set.union(*twice)) > 3


def padded(updates: list[Array], lengths: Array) -> float:
    """Share of the positions that are padding."""
    return 1 - float(sum(lengths[update].sum() for update in updates)) / sum(
        len(update) * int(lengths[update].max()) for update in updates
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda classes: Resampled(every_example, classes, raised(1.0)),
        lambda classes: Resampled(every_example, classes, lowered(0.5)),
        lambda classes: Even(every_example, classes),
    ],
    ids=["raised", "lowered", "even"],
)
def test_examples_of_like_length_share_an_update(make: Callable[[Array], Order]) -> None:
    generator = np.random.default_rng(1)
    classes = generator.permutation(np.repeat([0, 1, 2], [4000, 1500, 900]))
    lengths = generator.lognormal(3, 0.7, size=len(classes)).astype(np.int64) + 3
    updates = deal(make(classes), lengths, 33, 1)
    random = np.array_split(generator.permutation(np.concatenate(updates)), len(updates))
    assert padded(list(random), lengths) > 0.5
    assert padded(updates, lengths) < padded(list(random), lengths) / 4
    longest = [int(lengths[update].max()) for update in updates]
    assert abs(float(np.corrcoef(np.arange(len(longest)), longest)[0, 1])) < 0.3, "in random order"


def test_rows_are_taken_from_the_order_before() -> None:
    """Which may have left some out, or repeated some."""
    classes, lengths = rows([40, 20, 10])
    first = Resampled(every_example, classes, lowered(0.5))  # 20, 20, 10
    both = Resampled(first, classes, raised(1.0))  # 20, 20, 20
    held = np.bincount(classes[np.concatenate(deal(both, lengths, 8, 1))])
    assert held.tolist() == [20, 20, 20]
    even = Even(Resampled(every_example, classes, raised(1.0)), classes)
    assert np.bincount(classes[np.concatenate(deal(even, lengths, 8, 1))]).tolist() == [40, 40, 40]


def test_a_class_without_rows_is_refused() -> None:
    classes, lengths = rows([9, 5, 3])

    def without(lengths: Array, batch_size: int, generator: np.random.Generator) -> list[Array]:
        """Drops the rows of class 1."""
        return [update[classes[update] != 1] for update in every_example(lengths, batch_size, generator)]

    for order in (Resampled(without, classes, raised(1.0)), Even(without, classes)):
        with pytest.raises(
            TrainingError, match=r"1 of 3 classes have no rows left in an epoch \(outputs \[1\](?s:.)*what to do"
        ):
            deal(order, lengths, 4, 1)


def test_examples_without_one_class_and_orders_that_would_be_torn_are_refused() -> None:
    classes, _ = rows([9, 5])
    unclear = np.where(np.arange(len(classes)) < 3, -100, classes)
    with pytest.raises(
        TrainingError, match=r"oversampling .* 3 of 14 have none or several\.\n  what to do: leave it out"
    ):
        check_classes("oversampling", every_example, unclear)
    for inner, name in ((Even(every_example, classes), "class_balanced_batches"), (Paired(every_example), "mixup")):
        with pytest.raises(
            TrainingError, match=rf"{name}, which is listed before it(?s:.)*list oversampling before {name}"
        ):
            check_classes("oversampling", inner, classes)
    check_classes("oversampling", Resampled(every_example, classes, lowered(1.0)), classes)
