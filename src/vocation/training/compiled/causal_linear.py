"""Linear maps, with or without an update of low rank, computed outside autograd by those who write down the gradient.

    y = W x + b + s B A d(x)      s scales the update, d is dropout

Only the gradients that somebody needs are computed: of a frozen W none. Shapes: N tokens, I inputs, O outputs, r rank.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from vocation.training.compiled.dropout import Mask, draw_mask


class Map(NamedTuple):
    """The tensors of a linear map.

    Args:
        weight: W, [O, I].
        bias: b, [O], or None.
        down: A, [r, I], or None.
        up: B, [O, r], or None.
    """

    weight: torch.Tensor
    bias: torch.Tensor | None
    down: torch.Tensor | None
    up: torch.Tensor | None


class Update(NamedTuple):
    """What an update of low rank has besides its matrices.

    Args:
        scaling: s.
        dropout: probability of an input of A to be dropped.
    """

    scaling: float = 0.0
    dropout: float = 0.0


Kept = tuple[torch.Tensor | None, Mask | None]
"""Of a map for its backward pass: s A d(x), [N, r], and the mask of the dropout."""


def read(module: torch.nn.Module) -> tuple[Map, Update] | None:
    """The tensors of a module: a linear layer, or one with an update of low rank by `peft`; None of anything else."""
    if type(module) is torch.nn.Linear:
        return Map(module.weight, module.bias, None, None), Update()
    base: Any = getattr(module, "base_layer", None)
    if type(base) is not torch.nn.Linear or not _is_plain_update(module):
        return None
    adapted: Any = module
    (name,) = adapted.active_adapters
    dropout = adapted.lora_dropout[name]
    probability = dropout.p if adapted.training and isinstance(dropout, torch.nn.Dropout) else 0.0
    tensors = Map(base.weight, base.bias, adapted.lora_A[name].weight, adapted.lora_B[name].weight)
    return tensors, Update(float(adapted.scaling[name]), probability)


def _is_plain_update(module: Any) -> bool:
    """Whether the module adds s B A to its base, and nothing else."""
    from peft.tuners.lora.layer import Linear

    if type(module) is not Linear or module.merged or module.disable_adapters or len(module.active_adapters) != 1:
        return False
    (name,) = module.active_adapters
    varied = name in module.lora_variant or name not in module.lora_A
    return not varied and module.lora_B[name].bias is None and not module.fan_in_fan_out


def forward(tensors: Map, update: Update, values: torch.Tensor, result: torch.Tensor, *, add: bool = False) -> Kept:
    """Writes y.

    Args:
        tensors: of the map.
        update: of the map.
        values: x, [N, I].
        result: where y goes, [N, O]; its rows may be apart.
        add: whether y is added to what stands there.
    """
    if add:
        result.addmm_(values, tensors.weight.t())
    else:
        torch.mm(values, tensors.weight.t(), out=result)
    if tensors.bias is not None:
        result += tensors.bias
    if tensors.down is None or tensors.up is None:
        return None, None
    mask = draw_mask(update.dropout) if update.dropout else None
    narrow = torch.mm(mask.apply(values) if mask else values, tensors.down.t()).mul_(update.scaling)  # [N, r]
    result.addmm_(narrow, tensors.up.t())
    return narrow, mask


class Gradients(NamedTuple):
    """Of the tensors of a map, None where not needed."""

    weight: torch.Tensor | None
    bias: torch.Tensor | None
    down: torch.Tensor | None
    up: torch.Tensor | None


def inner_gradient(tensors: Map, update: Update, gradient: torch.Tensor) -> torch.Tensor | None:
    """The gradient of A d(x), [N, r], given that of y, [N, O]; None without an update."""
    return None if tensors.up is None else torch.mm(gradient, tensors.up).mul_(update.scaling)


def backward(
    tensors: Map,
    kept: Kept,
    gradient: torch.Tensor,
    inner: torch.Tensor | None,
    result: torch.Tensor,
    *,
    add: bool = False,
) -> None:
    """Writes the gradient of x.

    Args:
        tensors: of the map.
        kept: what `forward` gave.
        gradient: of y, [N, O].
        inner: what `inner_gradient` gave.
        result: where it goes, [N, I].
        add: whether it is added to what stands there.
    """
    if add:
        result.addmm_(gradient, tensors.weight)
    else:
        torch.mm(gradient, tensors.weight, out=result)
    if inner is None or tensors.down is None:
        return
    _, mask = kept
    if mask is None:
        result.addmm_(inner, tensors.down)
    else:
        result += mask.apply_in_place(inner @ tensors.down)


def gradients(
    tensors: Map, kept: Kept, gradient: torch.Tensor, inner: torch.Tensor | None, values: torch.Tensor | None
) -> Gradients:
    """The gradients of the tensors that train.

    Args:
        tensors: of the map.
        kept: what `forward` gave.
        gradient: of y, [N, O].
        inner: what `inner_gradient` gave.
        values: x, [N, I]; None where `wants_values` is false.
    """
    of_weight = gradient.t() @ values if tensors.weight.requires_grad and values is not None else None
    of_bias = gradient.sum(0) if tensors.bias is not None and tensors.bias.requires_grad else None
    of_down = of_up = None
    narrow, mask = kept
    if tensors.up is not None and tensors.up.requires_grad and narrow is not None:
        of_up = (narrow.t() @ gradient).t()  # Twice as fast as the other way round: the long side stands behind.
    if tensors.down is not None and tensors.down.requires_grad and inner is not None and values is not None:
        of_down = inner.t() @ (mask.apply(values) if mask else values)
    return Gradients(of_weight, of_bias, of_down, of_up)


def wants_values(maps: Sequence[Map]) -> bool:
    """Whether the gradient of some tensor needs what the maps read."""
    return any(
        tensors.weight.requires_grad or (tensors.down is not None and tensors.down.requires_grad) for tensors in maps
    )
