"""The training loop: a generator of steps. It knows batches, an objective and an optimiser, nothing else.

Whoever iterates logs, evaluates, saves and stops.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vocation.errors import ResourceError
from vocation.training.batches import Batch, Update
from vocation.training.companions import Companion
from vocation.training.divergence import DivergedError, Watch
from vocation.training.memory import is_out_of_memory, release, smaller_budget
from vocation.training.objective import Objective
from vocation.training.parallel import Gradients, gradients
from vocation.training.precision import autocasting, computing

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
        token_budget: padded tokens of a micro-batch at most; less than was given after memory ran out.
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
    token_budget: int = 0


@dataclass(frozen=True, slots=True)
class Descent:
    """How gradients become new weights.

    Args:
        optimiser: holds the weights that train; a group's `factor`, where it has one, multiplies the learning rate.
        learning_rate: of each update, by its 1-based number.
        max_gradient_norm: gradients are scaled down to this L2 norm (Pascanu et al., 2013).
        companions: act before and after each update.
        watch: looks whether training has diverged; of a run that goes on, one that has seen the earlier updates.
    """

    optimiser: torch.optim.Optimizer
    learning_rate: Callable[[int], float]
    max_gradient_norm: float
    companions: Sequence[Companion] = ()
    watch: Watch = field(default_factory=Watch)


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
    micro-batches and over processes. The random numbers of an update (dropout) depend on the seed, the update's number
    and the process alone, so a resumed run draws the same ones.

    An update for which memory does not suffice is repeated from its beginning with a smaller token budget, and so are
    those that follow divided.

    Raises:
        DivergedError: the loss or the gradient is not a finite number, or has been absurd for some updates.
        ResourceError: memory does not suffice for a single example.
    """
    import torch

    together, optimiser = gradients(accelerator, model), descent.optimiser
    accumulation = _Accumulation(model, objective, optimiser, accelerator, together, seed)
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    budget: int | None = None
    for given in updates:
        clock = time.monotonic()
        model.train()
        for companion in descent.companions:
            companion.before_update(given.number, given.epoch)
        rate = descent.learning_rate(given.number)
        for group in optimiser.param_groups:
            group["lr"] = rate * group.get("factor", 1.0)
        update = given if budget is None else given.within(budget)
        loss, update = accumulation.run(update)
        budget = update.token_budget if update.token_budget != given.token_budget else None
        norm = together.finish(parameters, descent.max_gradient_norm)
        if descent.watch.look(loss, norm):
            raise DivergedError(update, loss, norm, rate, descent.watch.reason(loss, norm))
        if together.team.count > 1:  # What companions draw is the same in every process.
            torch.manual_seed(_seed(seed, update.number))
        with _memory_of_optimiser(update):
            optimiser.step()
        optimiser.zero_grad()
        for companion in descent.companions:
            companion.after_update(update.number, update.epoch)
        yield Step(
            number=update.number,
            epoch=update.epoch,
            loss=loss,
            learning_rate=rate,
            gradient_norm=norm,
            examples=update.size.examples,
            targets=update.size.targets,
            tokens=update.size.tokens,
            seconds=time.monotonic() - clock,
            token_budget=update.token_budget,
        )


@dataclass(frozen=True, slots=True)
class _Accumulation:
    """Adds up the gradients of an update's micro-batches."""

    model: torch.nn.Module
    objective: Objective
    optimiser: torch.optim.Optimizer
    accelerator: Accelerator
    together: Gradients
    seed: int

    def run(self, update: Update) -> tuple[float, Update]:
        """Leaves the gradients in the parameters; gives the loss, and the update as it was divided in the end."""
        while True:
            loss, failed = self._passes(update)
            examples, tokens = (len(failed.tensors["targets"]), _padded(failed)) if failed else (0, 0)
            reports = self.together.team.gathered([loss, examples, tokens])
            short = [(int(examples), int(tokens)) for _, examples, tokens in reports if examples]
            if not short:
                return sum(loss for loss, _, _ in reports), update
            self.optimiser.zero_grad()
            release()
            if update.divide is None or any(examples == 1 for examples, _ in short):
                raise _too_long(update, max(tokens for _, tokens in short))
            before = update.token_budget or max(tokens for _, tokens in short)
            update = update.within(min(smaller_budget(before, tokens) for _, tokens in short))

    def _passes(self, update: Update) -> tuple[float, Batch | None]:
        """Forward and backward; the loss, and the micro-batch for which memory did not suffice."""
        import torch

        targets, device = max(1, update.size.targets), self.accelerator.device
        torch.manual_seed(_seed(self.seed, update.number, self.together.team.index))
        loss = 0.0
        for place, batch in enumerate(update.batches, start=1):
            try:
                tensors = {name: tensor.to(device) for name, tensor in batch.tensors.items()}
                with computing(self.accelerator):
                    with autocasting(self.accelerator):
                        batch_loss = self.objective(self.model, tensors).loss
                    self.together.backward(batch_loss / targets, last=place == len(update.batches))
                loss += batch_loss.item() / targets
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                if not self.together.can_repeat:
                    raise _cannot_repeat(update) from error
                return loss, batch  # What the failed pass held is freed with the error.
        return loss, None


def _seed(seed: int, number: int, process: int = 0) -> int:
    """Of the random numbers of an update. The golden ratio's bits keep the processes' numbers apart."""
    return seed * 1_000_003 + number + process * 0x9E37_79B1


def _padded(batch: Batch) -> int:
    return batch.tensors["attention_mask"].numel()


_LESS = "let fewer weights train (tuning.strategies), free memory that other programs hold, or take a smaller model"


def _too_long(update: Update, tokens: int) -> ResourceError:
    return ResourceError(
        f"Memory ran out at update {update.number}, where a single example of {tokens:,} tokens is too much.\n"
        f"  what to do: lower task.max_length, turn tuning.gradient_checkpointing on, {_LESS}; the same command goes "
        "on from the last checkpoint"
    )


def _cannot_repeat(update: Update) -> ResourceError:
    return ResourceError(
        f"Memory ran out at update {update.number}, and with FSDP or DeepSpeed an update cannot be repeated.\n"
        "  what to do: halve tuning.token_budget, which does not change the result, or turn "
        "tuning.gradient_checkpointing on"
    )


@contextmanager
def _memory_of_optimiser(update: Update) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise ResourceError(
            f"Memory ran out at update {update.number} for what the optimiser keeps of each weight.\n"
            f"  what to do: {_LESS}"
        ) from error
