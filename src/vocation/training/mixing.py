"""Mixup of the classes of texts: pairs of examples that share an update, mixed in the model's last representation.

Shapes: B batch, L labels. The rows 2k and 2k + 1 of a batch are a pair; a last row without partner is its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vocation.errors import TrainingError
from vocation.training.batches import Order
from vocation.training.objective import Objective, Outcome

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Paired:
    """An order whose updates hold pairs drawn at random, one behind the other.

    Args:
        inner: the order whose updates are taken.
    """

    inner: Order

    def __call__(
        self, lengths: NDArray[np.int64], batch_size: int, generator: np.random.Generator
    ) -> list[NDArray[np.int64]]:
        """See `Order`. Of an odd number of examples the last one stays alone."""
        return [generator.permutation(update) for update in self.inner(lengths, batch_size, generator)]


def partner_of(values: torch.Tensor) -> torch.Tensor:
    """For each row [B, …] that of its partner."""
    import torch

    places = torch.arange(len(values), device=values.device)
    return values[(places ^ 1).clamp(max=len(values) - 1)]


def mixed(objective: Objective, alpha: float) -> Objective:
    """λ · ℓ(z, y) + (1 − λ) · ℓ(z, y′) with z = λ · f(x) + (1 − λ) · f(x′), λ ~ Beta(α, α) (Zhang et al., 2018).

    f gives the logits. The last layer of a classification head is linear, so mixing logits is mixing what that layer
    reads, the text's representation (senMixup of Guo et al., 2019). λ is drawn once an update, as in the authors' code,
    and equal in all its passes and micro-batches.

    Args:
        objective: one that was not wrapped; of it the forward pass and the loss of a position are taken.
        alpha: α.

    Raises:
        TrainingError: it was wrapped.
    """
    if not objective.plain:
        raise TrainingError(
            "mixup mixes the predictions that all other strategies then see, so it must come before them.\n"
            "  what to do: list mixup first in tuning.strategies"
        )

    def scores(model: Any, batch: Mapping[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        logits, classes = objective.scores(model, batch)
        share = _share(alpha)
        return share * logits + (1 - share) * partner_of(logits), classes

    def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        logits, classes = scores(model, batch)
        share, other = _share(alpha), partner_of(classes)
        own, others = objective.point_loss(logits, classes), objective.point_loss(logits, other)
        loss = (share * own + (1 - share) * others).sum()
        return Outcome(loss, classes.new_tensor(len(classes)), logits, classes)

    return replace(objective.wrapped(run), scores=scores)


def _share(alpha: float) -> float:
    """λ: a function of the seed that the update started from."""
    import torch

    return float(np.random.default_rng(torch.initial_seed()).beta(alpha, alpha))
