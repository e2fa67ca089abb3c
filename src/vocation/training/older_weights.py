"""Weights as they were: a momentum average that lags behind the training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vocation.training.companions import Companion

if TYPE_CHECKING:
    import torch

    from vocation.training.objective import Objective

    Around = Callable[[Objective, "OlderWeights"], Objective]
    """Makes an objective that compares the model with its older self out of one that does not."""


class OlderWeights(Companion):
    """θ̃ ← β · θ̃ + (1 − β) · θ after each update, starting from the weights that training starts from.

    Args:
        weights: θ by name; they change in place.
        momentum: β of each update, by its 1-based number.
        around: what they are kept for.
    """

    def __init__(self, weights: Mapping[str, torch.Tensor], momentum: Callable[[int], float], around: Around) -> None:
        self._weights, self._momentum, self._around = dict(weights), momentum, around
        self._older = {name: weight.detach().clone() for name, weight in self._weights.items()}

    def wrap(self, objective: Objective) -> Objective:
        return self._around(objective, self)

    def after_update(self, number: int, epoch: int) -> None:
        share = 1 - self._momentum(number)
        for name, weight in self._weights.items():
            self._older[name].lerp_(weight.detach(), share)

    def tensors(self) -> Mapping[str, torch.Tensor]:
        return self._older

    def load(self, tensors: Mapping[str, torch.Tensor]) -> None:
        for name, older in self._older.items():
            older.copy_(tensors[name])

    @contextmanager
    def standing_in(self) -> Iterator[None]:
        """Within it the model computes with θ̃. No pass with θ may be waiting for its backward pass meanwhile."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def _swap(self) -> None:
        import torch

        torch.clear_autocast_cache()  # It holds copies of the weights in lower precision.
        for name, weight in self._weights.items():
            weight.data, self._older[name] = self._older[name], weight.data
