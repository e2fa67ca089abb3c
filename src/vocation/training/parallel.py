"""How the weights lie on the processes, and how an update's gradients come together.

Every process has all weights (`Replicas`, also with one process), or `accelerate` divides them or the optimiser's
state (`Divided`: FSDP version 2, DeepSpeed's ZeRO stages 1 and 2), as the launcher's configuration says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

from vocation.errors import TrainingError
from vocation.training.processes import ALONE, Team, join

if TYPE_CHECKING:
    import torch
    from accelerate import Accelerator


class Gradients(Protocol):
    """How gradients of micro-batches become those of an update, and of all processes."""

    team: Team
    can_repeat: bool
    """Whether an update for which the memory of one process does not suffice can be repeated."""

    def backward(self, loss: torch.Tensor, *, last: bool) -> None:
        """Adds the gradients of a micro-batch's loss; `last` is that of the update."""

    def finish(self, parameters: Sequence[torch.nn.Parameter], largest: float) -> float:
        """Sums the gradients over the processes, scales them down to the largest norm; the norm before that."""


class Replicas:
    """Every process has all weights, adds up the gradients of its share of the update, and all are summed once.

    This is what torch's DistributedDataParallel computes, without its wrapper around the model, which expects one
    forward and one backward pass of every process at a time. Here processes may have different numbers of
    micro-batches, or none, and an objective may run the model several times or differentiate on its own.
    """

    can_repeat = True

    def __init__(self, accelerator: Accelerator, team: Team) -> None:
        self._accelerator, self.team = accelerator, team

    def backward(self, loss: torch.Tensor, *, last: bool) -> None:
        self._accelerator.backward(loss)

    def finish(self, parameters: Sequence[torch.nn.Parameter], largest: float) -> float:
        import torch

        self.team.sum_gradients(parameters)
        return float(torch.nn.utils.clip_grad_norm_(parameters, largest))


class Divided:
    """FSDP or DeepSpeed, through `accelerate`.

    Both take the mean over the processes at each backward pass, so a loss is multiplied by their number; every pass is
    one of all processes together, so each must have equally many (see `batches.Share`), and none can be repeated.
    DeepSpeed clips by its own configuration and changes the weights within the last backward pass.
    """

    can_repeat = False

    def __init__(self, accelerator: Accelerator, team: Team, model: torch.nn.Module) -> None:
        self._accelerator, self.team, self._model = accelerator, team, model

    def backward(self, loss: torch.Tensor, *, last: bool) -> None:
        self._accelerator.sync_gradients = last
        self._accelerator.backward(loss * self.team.count)

    def finish(self, parameters: Sequence[torch.nn.Parameter], largest: float) -> float:
        norm = self._accelerator.clip_grad_norm_(self._model.parameters(), largest)  # It knows models by all of them.
        return float(norm.full_tensor() if hasattr(norm, "full_tensor") else norm)


def gradients(accelerator: Accelerator, model: torch.nn.Module) -> Gradients:
    """How the gradients of a model, or of what is called in its place, come together."""
    team = join() if accelerator.num_processes > 1 else ALONE
    return Divided(accelerator, team, model) if is_divided(accelerator) else Replicas(accelerator, team)


def is_divided(accelerator: Accelerator) -> bool:
    """Whether FSDP or DeepSpeed is in use."""
    return is_sharded(accelerator) or is_deepspeed(accelerator)


def is_sharded(accelerator: Accelerator) -> bool:
    """Whether FSDP is in use: no process has all weights."""
    return bool(accelerator.distributed_type.value == "FSDP")


def is_deepspeed(accelerator: Accelerator) -> bool:
    """Whether DeepSpeed is in use: no process has the whole state of the optimiser."""
    return bool(accelerator.distributed_type.value == "DEEPSPEED")


def divide(
    accelerator: Accelerator, model: torch.nn.Module, optimiser: torch.optim.Optimizer, largest_norm: float
) -> tuple[Any, torch.optim.Optimizer]:
    """What is called in place of the model, and its optimiser, after `accelerate` has divided them.

    Args:
        accelerator: made under a launcher's configuration for FSDP or DeepSpeed.
        model: with its strategies attached; FSDP changes it in place.
        optimiser: over its weights.
        largest_norm: to which gradients are scaled down.

    Raises:
        TrainingError: the configuration asks for FSDP version 1 or for ZeRO stage 3.
    """
    if is_sharded(accelerator):
        _prepare_fsdp(accelerator, model)
    else:
        _prepare_deepspeed(accelerator, largest_norm)
    engine, divided = accelerator.prepare(model, optimiser)
    return engine, cast("torch.optim.Optimizer", divided)


def _prepare_fsdp(accelerator: Accelerator, model: torch.nn.Module) -> None:
    """Names the layers that are divided one by one, unless the configuration does.

    `accelerate` would take `_no_split_modules`, which for BERT and its relatives holds the embeddings too; those it
    divides once more on its own, and torch refuses a module that was divided twice.
    """
    plugin = accelerator.state.fsdp_plugin
    if plugin.fsdp_version != 2:
        raise TrainingError(
            "The launcher's configuration asks for FSDP version 1.\n"
            "  what to do: set `fsdp_version: 2` in it, as examples/accelerate/fsdp.yaml does"
        )
    if plugin.transformer_cls_names_to_wrap is None:
        plugin.transformer_cls_names_to_wrap = sorted(layer_classes(model))


def _prepare_deepspeed(accelerator: Accelerator, largest_norm: float) -> None:
    plugin = accelerator.state.deepspeed_plugin
    if plugin.zero_stage == 3:
        raise TrainingError(
            "The launcher's configuration asks for DeepSpeed's ZeRO stage 3, which leaves no process all weights.\n"
            "  what to do: set `zero_stage: 2`, or divide the weights with FSDP (examples/accelerate/fsdp.yaml)"
        )
    # What an update consists of is Vocation's affair: to DeepSpeed every backward pass is one whole batch.
    config = plugin.deepspeed_config
    config["train_micro_batch_size_per_gpu"], config["gradient_accumulation_steps"] = 1, 1
    config["train_batch_size"] = accelerator.num_processes
    config["gradient_clipping"] = largest_norm


def layer_classes(model: torch.nn.Module) -> set[str]:
    """Names of the classes of the layers that a model repeats."""
    from torch.nn import ModuleList

    lists = [module for module in model.modules() if isinstance(module, ModuleList) and len(module) > 1]
    return {type(layer).__name__ for layers in lists for layer in layers if any(True for _ in layer.parameters())}
