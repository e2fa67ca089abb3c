"""Checkpoints: everything that a killed run needs to go on to the same bits. safetensors and JSON, never pickle.

The order of the data, the dropout masks and the learning rate are functions of the update's number, so a checkpoint
holds the weights that train, the optimiser's moments and a small state of the caller's. It is the same however many
processes trained, and whether or not they divided the weights (FSDP): whole tensors are written, and divided again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.artifacts import publish, write_json
from vocation.training.companions import Companion
from vocation.training.kept_weights import divided_as, load_weights, whole, whole_weights, write_weights

if TYPE_CHECKING:
    import torch

_STATE = "state.json"
_PARTIAL = "checkpoint-partial"


def save(
    folder: Path,
    number: int,
    model: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    state: Mapping[str, Any],
    companions: Sequence[Companion] = (),
) -> None:
    """Writes `checkpoint-<number>` into a folder, whole or not at all, and removes the older ones.

    Args:
        folder: where checkpoints lie.
        number: updates done.
        model: its weights are saved.
        optimiser: its moments are saved.
        state: plain JSON values of the caller's.
        companions: what they keep is saved.
    """
    target = folder / f"checkpoint-{number:08d}"
    if not target.exists():  # Otherwise it is a rerun of the same updates, whose bits are the same.
        _write(folder / _PARTIAL, model, optimiser, companions)
        write_json(folder / _PARTIAL / _STATE, state)
        publish(folder / _PARTIAL, target)
    for older in _found(folder):
        if older != target:
            shutil.rmtree(older)


def restore(
    folder: Path, model: torch.nn.Module, optimiser: torch.optim.Optimizer, companions: Sequence[Companion] = ()
) -> dict[str, Any] | None:
    """Loads the newest checkpoint into model, optimiser and companions.

    Returns:
        Its state, or None when there is no checkpoint.
    """
    from safetensors.torch import load_file

    newest = newest_of(folder)
    if newest is None:
        return None
    load_weights(newest / "model.safetensors", model, optimiser)
    trained = dict(enumerate(value for group in optimiser.param_groups for value in group["params"]))
    moments = {
        number: {name: divided_as(value, trained[number]) for name, value in values.items()}
        for number, values in _by_number(load_file(newest / "optimiser.safetensors")).items()
    }
    optimiser.load_state_dict({"state": moments, "param_groups": optimiser.state_dict()["param_groups"]})
    kept = _by_number(load_file(newest / "companions.safetensors"))
    for number, companion in enumerate(companions):
        companion.load(kept.get(number, {}))
    result: dict[str, Any] = json.loads((newest / _STATE).read_text(encoding="utf-8"))
    return result


def newest_of(folder: Path) -> Path | None:
    """The newest checkpoint in a folder."""
    found = _found(folder)
    return found[-1] if found else None


def take_part(model: torch.nn.Module, optimiser: torch.optim.Optimizer | None = None) -> None:
    """What the other processes do while the main one saves weights (and moments) that are divided among them."""
    whole_weights(model)
    if optimiser is not None:
        _moments(optimiser)


def _write(
    partial: Path, model: torch.nn.Module, optimiser: torch.optim.Optimizer, companions: Sequence[Companion]
) -> None:
    from safetensors.torch import save_file

    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(parents=True)
    write_weights(partial / "model.safetensors", model, optimiser)
    save_file(_numbered(_moments(optimiser)), partial / "optimiser.safetensors")
    kept = {number: companion.tensors() for number, companion in enumerate(companions)}
    save_file(_numbered(kept), partial / "companions.safetensors")


def _moments(optimiser: torch.optim.Optimizer) -> dict[int, dict[str, torch.Tensor]]:
    state = optimiser.state_dict()["state"]
    return {number: {name: whole(value) for name, value in values.items()} for number, values in state.items()}


def _numbered(tensors: Mapping[int, Mapping[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    return {
        f"{number}.{name}": value.contiguous() for number, values in tensors.items() for name, value in values.items()
    }


def _by_number(tensors: Mapping[str, torch.Tensor]) -> dict[int, dict[str, torch.Tensor]]:
    result: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in tensors.items():
        number, _, rest = name.partition(".")
        result.setdefault(int(number), {})[rest] = value
    return result


def _found(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("checkpoint-*") if path.name != _PARTIAL)
