"""What is minimised: a forward pass that gives logits, and a loss of each position that is learned from.

Shapes: N positions that are learned from (texts, or tokens), L labels of the head.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import torch


class Outcome(NamedTuple):
    """What an objective computed of one batch.

    Args:
        loss: summed over the positions, a scalar; what is minimised.
        targets: how many positions there are, a scalar.
        logits: [N, L], for those that compare or mix predictions.
        classes: [N], the target of each position.
    """

    loss: torch.Tensor
    targets: torch.Tensor
    logits: torch.Tensor
    classes: torch.Tensor


if TYPE_CHECKING:
    Scores = Callable[[Any, Mapping[str, torch.Tensor]], tuple[torch.Tensor, torch.Tensor]]
    """Logits [N, L] and targets [N] of the positions that are learned from, given a model and a batch's tensors."""
    PointLoss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    """The loss [N] of each position, given logits [N, L] and targets [N]."""
    Run = Callable[[Any, Mapping[str, torch.Tensor]], Outcome]


@dataclass(frozen=True, slots=True)
class Objective:
    """A function of a model and a batch's tensors, with the loss of a single position that it is made of.

    What it changes for the time of a pass (weights, hooks, modes) it puts back even where the pass fails, by `finally`:
    an update for which memory did not suffice is repeated. With several processes it sees the rows of one of them.

    Args:
        run: the function.
        point_loss: the loss of each position, for those that need it for other logits or other targets.
        scores: the forward pass, for those that need the logits of another model.
        plain: whether `run` is `scores` and `point_loss` alone, wrapped by nothing.
    """

    run: Run
    point_loss: PointLoss
    scores: Scores
    plain: bool = True

    def __call__(self, model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        return self.run(model, batch)

    def wrapped(self, run: Run) -> Objective:
        """Another objective around the same loss of a position and the same forward pass."""
        return replace(self, run=run, plain=False)


def objective_of(scores: Scores, point_loss: PointLoss | None = None) -> Objective:
    """The objective that sums the loss of all positions.

    Args:
        scores: the forward pass.
        point_loss: cross-entropy unless given.
    """
    chosen = point_loss or cross_entropy

    def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        logits, classes = scores(model, batch)
        return Outcome(chosen(logits, classes).sum(), classes.new_tensor(len(classes)), logits, classes)

    return Objective(run, chosen, scores)


def cross_entropy(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """−log softmax(logits)[class] of each position, [N], computed in float32 or the wider precision of the logits."""
    from torch.nn import functional

    wide = logits.float() if logits.dtype.itemsize < 4 else logits
    return functional.cross_entropy(wide, classes, reduction="none")
