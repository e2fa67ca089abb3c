"""Updates of low rank beside the linear maps of a model, and scales of their outputs; by `peft`, in place.

LoRA (Hu et al., 2022)          W x + s B A x      s = α / r, or α / √r (rsLoRA, Kalajdzievski, 2023)
DoRA (Liu et al., 2024)         m ⊙ (W + s B A) / ‖W + s B A‖ x, the norm taken of each row
(IA)³ (Liu et al., 2022)        l ⊙ W x, or W (l ⊙ x) in front of the feed-forward network's output
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from vocation.errors import TrainingError, did_you_mean
from vocation.modeling.anatomy import Linear, feed_forward_outputs, keys_and_values, linears_of, parent_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Targets = Literal["all"] | tuple[str, ...]
"""Which linear maps: all in the layers, or those whose name ends in one of the names given."""


@dataclass(frozen=True, slots=True)
class LowRank:
    """What an update of low rank is made of.

    Args:
        rank: r, columns of B and rows of A.
        alpha: α, scales the update.
        targets: linear maps that get one.
        dropout: of what A reads.
        rank_stabilised: s = α / √r instead of α / r.
        decomposed: direction and magnitude are trained apart (DoRA).
    """

    rank: int
    alpha: float
    targets: Targets
    dropout: float
    rank_stabilised: bool = False
    decomposed: bool = False


def add_low_rank(model: PreTrainedModel, update: LowRank, seed: int, kind: str) -> None:
    """Adds an update of low rank to every target; B is zero, so that the model starts as it was.

    Args:
        model: is changed in place; its weights stop to train.
        update: what is added.
        seed: of A.
        kind: of the strategy that asks, for errors.

    Raises:
        TrainingError: a target is not there, or the rank exceeds a target's width.
    """
    from peft import LoraConfig

    chosen = choose(linears_of(model), update.targets, f"{kind}.targets")
    narrow = min(chosen, key=lambda linear: min(linear.inputs, linear.outputs))
    if update.rank > (width := min(narrow.inputs, narrow.outputs)):
        raise TrainingError(
            f"{kind}.rank is {update.rank}, and {narrow.name} maps {narrow.inputs} to {narrow.outputs} values, so that "
            f"what is added to it has rank {width} at most.\n"
            f"  what to do: set {kind}.rank to {width} or less; 4 to 64 is usual"
        )
    alpha: Any = update.alpha  # An int by its annotation, used as a number.
    config = LoraConfig(
        r=update.rank,
        lora_alpha=alpha,
        lora_dropout=update.dropout,
        use_rslora=update.rank_stabilised,
        use_dora=update.decomposed,
        target_modules=[linear.name for linear in chosen],
        fan_in_fan_out=_stored_transposed(chosen),
    )
    _inject(model, config, seed)


def add_scales(model: PreTrainedModel, outputs: Sequence[str] | None, inputs: Sequence[str] | None, kind: str) -> None:
    """Adds a vector of scales, all 1, to the outputs of some linear maps and the inputs of others.

    Args:
        model: is changed in place; its weights stop to train.
        outputs: maps whose outputs are scaled; None means keys and values.
        inputs: maps whose inputs are scaled; None means the outputs of the feed-forward networks.
        kind: of the strategy that asks, for errors.

    Raises:
        TrainingError: a target is not there, or the model's own cannot be told.
    """
    from peft import IA3Config

    linears = linears_of(model)
    scaled = choose(linears, tuple(outputs), f"{kind}.targets") if outputs is not None else keys_and_values(linears)
    fed = (
        choose(linears, tuple(inputs), f"{kind}.feed_forward")
        if inputs is not None
        else feed_forward_outputs(linears, model.config.hidden_size)
    )
    if not scaled or (inputs is None and not fed):
        missing, setting = ("keys and values", "targets") if not scaled else ("feed-forward outputs", "feed_forward")
        raise TrainingError(
            f"The maps to the {missing} of a {model.config.model_type} model were not found.\n"
            f"  what to do: name them in {kind}.{setting}; the model has {', '.join(_short_names(linears))}"
        )
    config = IA3Config(
        target_modules=[linear.name for linear in (*scaled, *fed)],
        feedforward_modules=[linear.name for linear in fed],
        fan_in_fan_out=_stored_transposed([*scaled, *fed]),
    )
    _inject(model, config, seed=0)  # Nothing is drawn.


def merge(model: PreTrainedModel) -> None:
    """Writes the updates and scales into the weights; the model is a plain one again."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    for name, module in list(model.named_modules()):
        if isinstance(module, BaseTunerLayer):
            module.merge()
            parent, last = parent_of(model, name)
            setattr(parent, last, module.get_base_layer())


def choose(linears: Sequence[Linear], targets: Targets, setting: str) -> list[Linear]:
    """The linear maps that are meant.

    Args:
        linears: to choose from.
        targets: their names, or the ends of their names after a dot.
        setting: where the targets stand, for the error.

    Raises:
        TrainingError: a name fits none.
    """
    if targets == "all":
        return list(linears)
    for target in targets:
        if not any(_fits(linear, target) for linear in linears):
            known = _short_names(linears)
            raise TrainingError(
                f"{setting} names {target!r}, and no linear map in the model's layers is called so."
                f"{did_you_mean(target, known)}\n"
                f"  allowed: all, or any of {', '.join(known)}"
            )
    return [linear for linear in linears if any(_fits(linear, target) for target in targets)]


def _fits(linear: Linear, target: str) -> bool:
    return linear.name == target or linear.name.endswith(f".{target}")


def _short_names(linears: Sequence[Linear]) -> list[str]:
    """What the maps of a layer are called, as short as tells them apart."""
    first = linears[0].name.split(".")
    stem = next(index for index, part in enumerate(first) if part.isdigit()) + 1
    inside = list(dict.fromkeys(".".join(linear.name.split(".")[stem:]) for linear in linears))
    ends = [name.rpartition(".")[2] for name in inside]
    return [end if ends.count(end) == 1 else name for name, end in zip(inside, ends, strict=True)]


def _stored_transposed(linears: Sequence[Linear]) -> bool:
    return any(type(linear.module).__name__ == "Conv1D" for linear in linears)


def _inject(model: PreTrainedModel, config: Any, seed: int) -> None:
    import torch
    from peft import inject_adapter_in_model

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        inject_adapter_in_model(config, model)
