"""Weights that start to train one group after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vocation.training.companions import Companion

if TYPE_CHECKING:
    import torch


class Unfreezing(Companion):
    """Gradual unfreezing (Howard & Ruder, 2018): of groups 1, 2, …, the first ⌈u / n⌉ train at update u.

    Args:
        groups: parameters in the order in which they join; the first trains from the start.
        every: n, updates from one to the next.
    """

    def __init__(self, groups: Sequence[Sequence[torch.nn.Parameter]], every: int) -> None:
        self.groups, self.every = groups, every

    def before_update(self, number: int, epoch: int) -> None:
        joined = 1 + (number - 1) // self.every
        for place, group in enumerate(self.groups):
            for parameter in group:
                parameter.requires_grad_(place < joined)
