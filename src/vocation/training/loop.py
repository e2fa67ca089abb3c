"""The training loop: a generator of steps. It knows batches, an objective and an optimiser, nothing else.

Whoever iterates logs, evaluates, saves and stops.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vocation.errors import TrainingError
from vocation.training.batches import Update
from vocation.training.companions import Companion
from vocation.training.objective import Objective

if TYPE_CHECKING:
    import torch
    from accelerate import Accelerator


@dataclass(frozen=True, slots=True)
class Step:
    """What one update did.

    Args:
        number: 1-based number of the update.
        epoch: 1-based.
        loss: mean over the update's targets, before the update.
        learning_rate: of this update.
        gradient_norm: L2 norm of all gradients before clipping.
        examples: how many inputs it read.
        targets: how many targets it learned from.
        tokens: how many tokens it read, padding left out.
        seconds: how long it took.
    """

    number: int
    epoch: int
    loss: float
    learning_rate: float
    gradient_norm: float
    examples: int
    targets: int
    tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Descent:
    """How gradients become new weights.

    Args:
        optimiser: holds the weights that train; a group's `factor`, where it has one, multiplies the learning rate.
        learning_rate: of each update, by its 1-based number.
        max_gradient_norm: gradients are scaled down to this L2 norm (Pascanu et al., 2013).
        companions: act before and after each update.
    """

    optimiser: torch.optim.Optimizer
    learning_rate: Callable[[int], float]
    max_gradient_norm: float
    companions: Sequence[Companion] = ()


def train(
    model: torch.nn.Module,
    updates: Iterable[Update],
    objective: Objective,
    descent: Descent,
    accelerator: Accelerator,
    seed: int,
) -> Iterator[Step]:
    """Trains, yielding after each update.

    The gradient of an update is that of its mean loss over all targets, Σ loss / Σ targets, however it is divided into
    micro-batches. The random numbers of an update (dropout) depend on the seed and the update's number alone, so a
    resumed run draws the same ones.

    Raises:
        TrainingError: the loss or the gradient is not a finite number.
    """
    import torch

    parameters = [parameter for group in descent.optimiser.param_groups for parameter in group["params"]]
    for update in updates:
        clock = time.monotonic()
        model.train()
        for companion in descent.companions:
            companion.before_update(update.number, update.epoch)
        torch.manual_seed(seed * 1_000_003 + update.number)
        rate = descent.learning_rate(update.number)
        targets = sum(batch.targets for batch in update.batches)
        loss = 0.0
        for batch in update.batches:
            tensors = {name: tensor.to(accelerator.device) for name, tensor in batch.tensors.items()}
            with accelerator.autocast():
                batch_loss = objective(model, tensors).loss
            accelerator.backward(batch_loss / max(1, targets))
            loss += batch_loss.item() / max(1, targets)
        norm = float(torch.nn.utils.clip_grad_norm_(parameters, descent.max_gradient_norm))
        if not math.isfinite(loss) or not math.isfinite(norm):
            raise TrainingError(
                f"Training diverged at update {update.number}: loss {loss}, gradient norm {norm}.\n"
                "  what to do: lower tuning.learning_rate (half of it is a good try) or raise tuning.warmup"
            )
        for group in descent.optimiser.param_groups:
            group["lr"] = rate * group.get("factor", 1.0)
        descent.optimiser.step()
        descent.optimiser.zero_grad()
        for companion in descent.companions:
            companion.after_update(update.number, update.epoch)
        yield Step(
            number=update.number,
            epoch=update.epoch,
            loss=loss,
            learning_rate=rate,
            gradient_norm=norm,
            examples=sum(len(batch.tensors["targets"]) for batch in update.batches),
            targets=targets,
            tokens=sum(batch.tokens for batch in update.batches),
            seconds=time.monotonic() - clock,
        )
