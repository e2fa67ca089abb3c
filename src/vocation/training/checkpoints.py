"""Checkpoints: everything that a killed run needs to go on to the same bits. safetensors and JSON, never pickle.

The order of the data, the dropout masks and the learning rate are functions of the update's number, so a checkpoint
holds the weights, the optimiser's moments and a small state of the caller's.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.artifacts import publish, write_json

if TYPE_CHECKING:
    import torch

_STATE = "state.json"
_PARTIAL = "checkpoint-partial"


def save(
    folder: Path, number: int, model: torch.nn.Module, optimiser: torch.optim.Optimizer, state: Mapping[str, Any]
) -> None:
    """Writes `checkpoint-<number>` into a folder, whole or not at all, and removes the older ones.

    Args:
        folder: where checkpoints lie.
        number: updates done.
        model: its weights are saved.
        optimiser: its moments are saved.
        state: plain JSON values of the caller's.
    """
    target = folder / f"checkpoint-{number:08d}"
    if not target.exists():  # Otherwise it is a rerun of the same updates, whose bits are the same.
        _write(folder / _PARTIAL, model, optimiser, state)
        publish(folder / _PARTIAL, target)
    for older in _found(folder):
        if older != target:
            shutil.rmtree(older)


def restore(folder: Path, model: torch.nn.Module, optimiser: torch.optim.Optimizer) -> dict[str, Any] | None:
    """Loads the newest checkpoint into model and optimiser; returns its state, or None when there is no checkpoint."""
    from safetensors.torch import load_file, load_model

    found = _found(folder)
    if not found:
        return None
    newest = found[-1]
    load_model(model, str(newest / "model.safetensors"))
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in load_file(newest / "optimiser.safetensors").items():
        index, _, moment = name.partition(".")
        state.setdefault(int(index), {})[moment] = value
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
    result: dict[str, Any] = json.loads((newest / _STATE).read_text(encoding="utf-8"))
    return result


def _write(partial: Path, model: torch.nn.Module, optimiser: torch.optim.Optimizer, state: Mapping[str, Any]) -> None:
    from safetensors.torch import save_file, save_model

    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(parents=True)
    save_model(model, str(partial / "model.safetensors"))
    moments = {
        f"{index}.{name}": value.contiguous()
        for index, values in optimiser.state_dict()["state"].items()
        for name, value in values.items()
    }
    save_file(moments, partial / "optimiser.safetensors")
    write_json(partial / _STATE, state)


def _found(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("checkpoint-*") if path.name != _PARTIAL)
