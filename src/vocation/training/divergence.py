"""When a training has gone wrong beyond repair: numbers that are none, and losses that are finite but absurd."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from vocation.errors import TrainingError

if TYPE_CHECKING:
    from vocation.training.batches import Update

_LOSS_FACTOR = 10.0
_NORM_FACTOR = 1000.0
_LEAST = 1.0
_RECENT = 50  # Updates whose median says what is usual now.
_FIRST = 5  # Updates whose median says what was usual at the start; before them nothing is judged.
_IN_A_ROW = 5
_REMEDY = (
    "lower tuning.learning_rate (half of it is a good try) or raise tuning.warmup; the same settings would go on from "
    "the last good checkpoint and come to the same point"
)


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual of one number, as far as one can tell from the updates so far.

    A loss that ends a normal training at 0.0001 meets a hard batch with 3 now and then, and that is no divergence. So a
    number counts as absurd only where it is far above all of these: the median of the first updates (an untrained
    model's level, which no sound training exceeds by much), the median of the recent ones, and 1 (a loss of 10 gives
    the right answer a probability of 0.00005, less than guessing among 20,000 answers would).

    Args:
        factor: how far above is absurd: 10 for the loss; 1,000 for the gradient norm, which varies far more, and is
            clipped, so that a large one alone does no harm.
    """

    factor: float
    first: list[float] = field(default_factory=list)
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))

    def is_absurd(self, value: float) -> bool:
        return len(self.first) == _FIRST and value > self.factor * self.level

    @property
    def level(self) -> float:
        """What a value is compared with."""
        return max(median(self.first), median(self.recent), _LEAST)

    def add(self, value: float) -> None:
        if len(self.first) < _FIRST:
            self.first.append(value)
        self.recent.append(value)


class Watch:
    """Looks at every update's loss and gradient norm before the weights change.

    A training has diverged at once where one of them is not a finite number, and after 5 updates in a row whose loss or
    gradient norm is absurd: one alone may be a faulty row, 5 batches in random order are not. The absurd ones do not
    become usual, see `Usual`.
    """

    def __init__(self) -> None:
        self._loss, self._norm = Usual(_LOSS_FACTOR), Usual(_NORM_FACTOR)
        self.absurd = 0
        """Updates in a row that were absurd. While there are any, the weights are not worth keeping."""

    @classmethod
    def after(cls, steps: Iterable[Mapping[str, Any]]) -> Watch:
        """A watch that has seen these steps, given by `loss` and `gradient_norm`; for a run that goes on."""
        watch = cls()
        for step in steps:
            watch.look(step["loss"], step["gradient_norm"])
        return watch

    def look(self, loss: float, norm: float) -> bool:
        """Whether the training has diverged."""
        if not (math.isfinite(loss) and math.isfinite(norm)):
            return True
        if self._loss.is_absurd(loss) or self._norm.is_absurd(norm):
            self.absurd += 1
        else:
            self.absurd = 0
            self._loss.add(loss)
            self._norm.add(norm)
        return self.absurd >= _IN_A_ROW

    def reason(self, loss: float, norm: float) -> str:
        """In which way the numbers of an update at which training diverged are wrong."""
        if not (math.isfinite(loss) and math.isfinite(norm)):
            return "not a finite number"
        return f"{_IN_A_ROW} updates in a row far above what was usual (loss {self._loss.level:.3g}, gradient norm " + (
            f"{self._norm.level:.3g})"
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
