"""Averages of the weights over a training. They go along as companions, and stand in for the weights when scored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vocation.training.companions import Companion

if TYPE_CHECKING:
    import torch

Share = Callable[[int, int], float | None]
"""The share of an update's weights in the average, given its 1-based number and how many updates have entered before;
None leaves the update out."""


def exponential(decay: float, *, warmup: bool) -> Share:
    """The shares 1 − d of an exponential moving average: average ← d · average + (1 − d) · weight.

    Args:
        decay: d.
        warmup: whether d rises as min(decay, (1 + n) / (10 + n)) with the number n of the update, so that the start
            is soon forgotten (as TensorFlow's `ExponentialMovingAverage` does with `num_updates`).
    """

    def share(number: int, _: int) -> float | None:
        return 1.0 - (min(decay, (1 + number) / (10 + number)) if warmup else decay)

    return share


def equal(after: float, every: int) -> Share:
    """The shares 1 / (entered + 1), which make the plain mean of the weights that entered.

    Args:
        after: updates up to which none enters.
        every: updates from one that enters to the next; their numbers are its multiples.
    """

    def share(number: int, entered: int) -> float | None:
        return 1.0 / (entered + 1) if number > after and number % every == 0 else None

    return share


class Average(Companion):
    """A running average of weights: average ← average + share · (weight − average), from the start weights on.

    Before the first update has entered, the weights stand for themselves.

    Args:
        weights: those that are averaged, by name; they change in place.
        share: of each update.
    """

    def __init__(self, weights: Mapping[str, torch.Tensor], share: Share) -> None:
        import torch

        self._weights, self._share = dict(weights), share
        self._average = {name: weight.detach().clone() for name, weight in self._weights.items()}
        self._entered = torch.tensor(0)

    def after_update(self, number: int, epoch: int) -> None:
        share = self._share(number, int(self._entered))
        if share is not None:
            for name, weight in self._weights.items():
                self._average[name].lerp_(weight.detach(), share)
            self._entered += 1

    @contextmanager
    def in_place(self) -> Iterator[None]:
        if not self._entered:
            yield
            return
        kept = {name: weight.detach().clone() for name, weight in self._weights.items()}
        self._put(self._average)
        try:
            yield
        finally:
            self._put(kept)

    def tensors(self) -> Mapping[str, torch.Tensor]:
        return {**self._average, "entered": self._entered}

    def load(self, tensors: Mapping[str, torch.Tensor]) -> None:
        for name, average in self._average.items():
            average.copy_(tensors[name])
        self._entered.copy_(tensors["entered"])

    def _put(self, values: Mapping[str, torch.Tensor]) -> None:
        for name, weight in self._weights.items():
            weight.detach().copy_(values[name])
