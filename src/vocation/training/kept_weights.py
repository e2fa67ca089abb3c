"""The weights of a model on disk, as checkpoints and the best point keep them.

Only weights that train are written, and buffers: the others come from where the model came from, and their checksum is
in the file, so that no others are taken for them. Of weights that are divided over processes (FSDP) all are written,
put together, and divided again when read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.artifacts import sync
from vocation.errors import TrainingError

if TYPE_CHECKING:
    import torch

_FROZEN = "frozen"
"""Name of the metadata that holds the checksum of the weights that do not train."""


def save_weights(path: Path, model: torch.nn.Module, optimiser: torch.optim.Optimizer) -> None:
    """Writes the weights that train, and the buffers, whole or not at all.

    Args:
        path: of the file.
        model: holds them.
        optimiser: holds those that train.
    """
    temporary = path.with_name("partial.safetensors")
    write_weights(temporary, model, optimiser)
    sync(temporary)
    temporary.replace(path)


def write_weights(path: Path, model: torch.nn.Module, optimiser: torch.optim.Optimizer) -> None:
    """`save_weights` into a folder that is itself written whole or not at all."""
    from safetensors.torch import save_file

    divided = whole_weights(model)
    if divided:
        save_file(divided, path)
        return
    kept, frozen = _kept_and_frozen(model, optimiser)
    content = {name: value.detach().contiguous() for name, value in kept.items()}
    save_file(content, path, {_FROZEN: _checksum(frozen)})


def load_weights(path: Path, model: torch.nn.Module, optimiser: torch.optim.Optimizer) -> None:
    """Reads what `save_weights` wrote.

    Raises:
        TrainingError: the weights that do not train, or the names of those that do, are others than then.
    """
    import torch
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file, torch.no_grad():
        checksum = (file.metadata() or {}).get(_FROZEN)
        kept: Mapping[str, Any] = model.state_dict(keep_vars=True)  # Of divided weights all were written.
        if checksum is not None:
            kept, frozen = _kept_and_frozen(model, optimiser)
            if checksum != _checksum(frozen) or set(file.keys()) != set(kept):
                raise _foreign(path, "the weights that do not train are others than when it was written")
        for name, value in kept.items():
            if name not in file.keys() or file.get_slice(name).get_shape() != list(value.shape):  # noqa: SIM118
                raise _foreign(path, f"{name} has another shape, as where other processes divided the weights")
            value.copy_(divided_as(file.get_tensor(name), value))


def _foreign(path: Path, reason: str) -> TrainingError:
    return TrainingError(
        f"{path} belongs to another model: {reason}.\n"
        "  what to do: go on as it was begun, or remove the folder that it is in, and train anew"
    )


def whole_weights(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Divided weights and buffers put together, on every process; empty where each is a tensor of its own already.

    DeepSpeed lays all weights into one piece of memory, of which each then is a copy.
    """
    values: dict[str, Any] = model.state_dict(keep_vars=True)
    if any(hasattr(value, "full_tensor") for value in values.values()):
        return {name: whole(value) for name, value in values.items()}
    in_one_piece = any(value.untyped_storage().nbytes() > value.nbytes for value in values.values())
    return {name: value.detach().clone() for name, value in values.items()} if in_one_piece else {}


def whole(tensor: Any) -> torch.Tensor:
    """A tensor of which each process has a part, put together; others as they are."""
    result: torch.Tensor = tensor.full_tensor().detach().cpu() if hasattr(tensor, "full_tensor") else tensor.detach()
    return result


def divided_as(whole: torch.Tensor, like: Any) -> torch.Tensor:
    """A whole tensor, divided as another one of its shape is."""
    if not hasattr(like, "full_tensor") or whole.shape != like.shape:
        return whole
    from torch.distributed.tensor import distribute_tensor

    return distribute_tensor(whole.to(like.device), like.device_mesh, like.placements)


def _kept_and_frozen(
    model: torch.nn.Module, optimiser: torch.optim.Optimizer
) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """The weights that train with the buffers that are saved, and the weights that do not train, by name."""
    held = {id(parameter) for group in optimiser.param_groups for parameter in group["params"]}
    parameters = dict(model.named_parameters())
    every_name = {name for name, _ in model.named_parameters(remove_duplicate=False)}
    buffers = {name: value for name, value in model.state_dict(keep_vars=True).items() if name not in every_name}
    kept = {name: value for name, value in parameters.items() if id(value) in held}
    return kept | buffers, {name: value for name, value in parameters.items() if id(value) not in held}


def _checksum(tensors: Mapping[str, torch.Tensor]) -> str:
    """A sum of the tensors' bits with their names, which does not depend on how the sum is divided up."""
    import torch

    parts = []
    for name, value in tensors.items():
        plain = value.detach().contiguous().flatten()
        words = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[plain.element_size()]
        parts.append(f"{name}={plain.view(words).sum(dtype=torch.int64).item()}")
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
