"""Penalties: functions of the weights alone, which hold them near to where they were.

A penalty enters the mean loss of each update once, however the update is divided and however often the strategies run
the model for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vocation.training.objective import Objective, Outcome

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Penalty:
    """What is added to the mean loss of an update.

    Args:
        value: the penalty of the present weights, a scalar with its gradient.
        description: what is held, for the person who waits.
    """

    value: Callable[[], torch.Tensor]
    description: str


def penalised(objective: Objective, penalties: Sequence[Penalty]) -> Objective:
    """The objective with its penalties.

    An update's loss is Σ loss / Σ targets over its micro-batches. A micro-batch therefore adds the penalty times its
    number of targets, so that the shares add up to one penalty.
    """
    if not penalties:
        return objective

    def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        outcome = objective(model, batch)
        for penalty in penalties:
            outcome = outcome._replace(loss=outcome.loss + penalty.value() * outcome.targets)
        return outcome

    return objective.wrapped(run)
