"""When a training has gone wrong beyond repair: numbers that are none, and losses that are finite but absurd."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from vocation.errors import TrainingError

if TYPE_CHECKING:
    from vocation.training.batches import Update

_LOSS_FACTOR = 10.0
"""A loss of 10 gives the right answer a probability of 0.00005, less than guessing among 20,000 answers would; where
the first loss is above 1, as with many classes or a penalty, 10 times as much."""
_NORM_FACTOR = 1000.0
"""Gradient norms vary far more than losses, and are clipped, so that a large one alone does no harm."""
_LEAST = 1.0
_IN_A_ROW = 5
_REMEDY = (
    "lower tuning.learning_rate (half of it is a good try) or raise tuning.warmup; the same settings would go on from "
    "the last good checkpoint and come to the same point"
)


class Watch:
    """Looks at every update's loss and gradient norm before the weights change.

    A training has diverged at once where one of them is not a finite number, and after 5 updates in a row whose loss is
    above 10 times, or whose gradient norm is above 1,000 times, that of the first update (or 1, where that is less).

    The first update tells what a model is worth before training has touched it, which a sound training hardly exceeds
    later. What was usual lately would be a worse measure: a training that has come down to a loss of 0.0001 meets a
    hard batch with 3 now and then, which is 30,000 times as much and no divergence. One absurd update may be due to a
    faulty row; 5 batches in random order are not.

    Args:
        steps: `loss` and `gradient_norm` of the updates so far, where a run goes on.
    """

    def __init__(self, steps: Iterable[Mapping[str, Any]] = ()) -> None:
        self._largest: tuple[float, float] | None = None
        self.absurd = 0
        """Updates in a row that were absurd. While there are any, the weights are not worth keeping."""
        for step in steps:
            self.look(step["loss"], step["gradient_norm"])

    def look(self, loss: float, norm: float) -> bool:
        """Whether the training has diverged."""
        if not (math.isfinite(loss) and math.isfinite(norm)):
            return True
        if self._largest is None:
            self._largest = _LOSS_FACTOR * max(loss, _LEAST), _NORM_FACTOR * max(norm, _LEAST)
        self.absurd = self.absurd + 1 if loss > self._largest[0] or norm > self._largest[1] else 0
        return self.absurd >= _IN_A_ROW

    def reason(self, loss: float, norm: float) -> str:
        """In which way the numbers of an update at which training diverged are wrong."""
        if self._largest is None or not (math.isfinite(loss) and math.isfinite(norm)):
            return "not a finite number"
        return (
            f"{_IN_A_ROW} updates in a row with a loss above {self._largest[0]:.4g} or a gradient norm above "
            f"{self._largest[1]:.4g}, far beyond the first update's"
        )


class DivergedError(TrainingError):
    """A training has diverged; its weights are those before the update.

    Args:
        update: at which it was noticed.
        loss: of the update.
        gradient_norm: before clipping.
        learning_rate: of the update.
        reason: in which way the numbers are wrong.
        kept: what there is to look at; a clause for the message.
    """

    def __init__(
        self, update: Update, loss: float, gradient_norm: float, learning_rate: float, reason: str, kept: str = ""
    ) -> None:
        self.update, self.loss, self.gradient_norm = update, loss, gradient_norm
        self.learning_rate, self.reason = learning_rate, reason
        kept = f"\n  kept: {kept}" if kept else ""
        super().__init__(
            f"Training diverged at update {update.number}: loss {loss:.6g}, gradient norm {gradient_norm:.6g} "
            f"({reason}), at a learning rate of {learning_rate:.3g}.{kept}\n  what to do: {_REMEDY}"
        )

    def keeping(self, kept: str) -> DivergedError:
        """The same error, telling what was kept."""
        return DivergedError(self.update, self.loss, self.gradient_norm, self.learning_rate, self.reason, kept)
