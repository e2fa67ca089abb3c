"""What goes along with a training: acts before and after updates, and has a state that checkpoints keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING

from vocation.training.objective import Objective

if TYPE_CHECKING:
    import torch


class Companion:
    """Acts beside the updates, such as an average of the weights. Each part is optional."""

    def wrap(self, objective: Objective) -> Objective:
        """Changes what is minimised by what it keeps; called after `Strategy.wrap` of its strategy."""
        return objective

    def before_update(self, number: int, epoch: int) -> None:
        """Called before each update, whose 1-based number it gets.

        What it does must follow from the number alone, so that a resumed run does the same.
        """

    def after_update(self, number: int, epoch: int) -> None:
        """Called after each update's weights have changed, in every process alike.

        What it does must be the same in each, so that their weights stay the same.
        """

    def in_place(self) -> AbstractContextManager[None]:
        """Within it the model has the weights that this companion would deliver; they are what is scored and kept."""
        return nullcontext()

    def tensors(self) -> Mapping[str, torch.Tensor]:
        """Its state, by name."""
        return {}

    def load(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Takes the state that `tensors` gave."""


@contextmanager
def in_place(companions: Sequence[Companion]) -> Iterator[None]:
    """Within it the model has what every companion puts in place, such as averaged weights."""
    with ExitStack() as stack:
        for companion in companions:
            stack.enter_context(companion.in_place())
        yield
