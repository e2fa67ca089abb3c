"""Which groups of weights train at which update."""

from __future__ import annotations

import torch

from vocation.training.unfreezing import Unfreezing


def test_one_group_more_joins_every_so_many_updates_whatever_was_before() -> None:
    groups = [[torch.nn.Parameter(torch.zeros(2)), torch.nn.Parameter(torch.zeros(3))] for _ in range(3)]
    unfreezing = Unfreezing(groups, every=4)
    expected = {1: 1, 4: 1, 5: 2, 8: 2, 9: 3, 100: 3}
    for number in (9, 1, 100, 4, 8, 5):  # A resumed run may ask for any of them first.
        unfreezing.before_update(number, 1)
        train = [all(value.requires_grad for value in group) for group in groups]
        assert train == [place < expected[number] for place in range(3)]
        assert not any(value.requires_grad for group in groups[expected[number] :] for value in group)
