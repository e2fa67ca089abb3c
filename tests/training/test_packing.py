"""Packing keeps every token that matters once, in its place, and lets it see what it saw."""

from __future__ import annotations

import pytest
import torch

from tests.training.causal_models import batch
from vocation.training.packing import fits, pack


def test_a_row_is_what_is_common_and_then_each_example_up_to_its_last_target() -> None:
    tensors = {
        "input_ids": torch.tensor([[7, 8, 1, 2, 3], [7, 8, 4, 0, 0], [7, 8, 5, 6, 0]]),
        "attention_mask": torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0]]),
        "targets": torch.tensor([[-100, -100, 2, 3, -100], [-100, -100, 9, 9, 9], [-100, -100, -100, 9, -100]]),
    }
    packed = pack(tensors)
    assert packed.ids.tolist() == [[7, 8, 1, 2, 4, 5, 6]]  # 3 is behind the last target; two 9 stand in padding.
    assert packed.positions.tolist() == [[0, 1, 2, 3, 2, 2, 3]]
    assert (packed.shared, list(packed.lengths)) == (2, [2, 1, 2])
    assert packed.rows.tolist() == [2, 3, 4, 6]
    assert packed.classes.tolist() == [2, 3, 9, 9]
    seen = ["1......", "11.....", "111....", "1111...", "11..1..", "11...1.", "11...11"]
    assert packed.seen().tolist() == [[sign == "1" for sign in row] for row in seen]


@pytest.mark.parametrize("left", [False, True])
def test_padding_in_front_and_behind_give_the_same(left: bool) -> None:
    packed, other = pack(batch([9, 5, 7], left=left)), pack(batch([9, 5, 7]))
    assert torch.equal(packed.ids, other.ids)
    assert torch.equal(packed.positions, other.positions)
    assert torch.equal(packed.rows, other.rows)
    assert torch.equal(packed.classes, other.classes)
    assert packed.lengths == other.lengths


def test_targets_are_those_of_the_batch_in_its_order() -> None:
    tensors = batch([9, 5, 12, 7])
    assert torch.equal(pack(tensors).classes, tensors["targets"][tensors["targets"] != -100])


def test_what_is_learned_from_is_shared_by_nobody() -> None:
    """Two examples with the same question and different answers share the question but for its last token."""
    question, mask = [7, 8, 9], torch.ones(2, 5, dtype=torch.int64)
    tensors = {
        "input_ids": torch.tensor([[*question, 1, 2], [*question, 3, 4]]),
        "attention_mask": mask,
        "targets": torch.tensor([[-100, -100, 1, 2, 5], [-100, -100, 3, 4, 5]]),
    }
    packed = pack(tensors)
    assert packed.shared == 2
    assert packed.ids.tolist() == [[7, 8, 9, 1, 2, 9, 3, 4]]


def test_a_single_example_and_equal_examples_share_nothing_that_they_need() -> None:
    assert pack(batch([6])).shared == 0
    twice = {name: tensor.repeat(2, 1) for name, tensor in batch([6]).items()}
    packed = pack(twice)
    assert packed.shared == 3
    assert list(packed.lengths) == [1, 1]


def test_examples_without_targets_are_left_out_and_a_batch_without_any_keeps_one_token() -> None:
    tensors = batch([9, 5, 7])
    tensors["targets"][1] = -100
    assert list(pack(tensors).lengths) == [4, 2]
    tensors["targets"][:] = -100
    packed = pack(tensors)
    assert packed.ids.tolist() == tensors["input_ids"][:1, :1].tolist()
    assert len(packed.rows) == 0
    assert len(packed.classes) == 0


def test_other_features_cannot_be_packed() -> None:
    tensors = batch([4, 3])
    assert fits(tensors)
    assert not fits({**tensors, "token_type_ids": tensors["input_ids"]})
    assert not fits({**tensors, "targets": tensors["targets"][:, :1]})
