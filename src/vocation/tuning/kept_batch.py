"""Keeps what the model was given at the update at which training diverged, for whoever wants to know why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vocation.artifacts import write_json
from vocation.records import Record
from vocation.tasks import Example
from vocation.training.batches import Padding, pad
from vocation.training.divergence import DivergedError

_RECENT = 20


def keep_batch(
    diverged: DivergedError,
    examples: Sequence[Example],
    padding: Padding,
    records: Sequence[Record],
    steps: Sequence[Mapping[str, Any]],
    folder: Path,
) -> None:
    """Writes `batch.safetensors` and `batch.json` into a folder.

    The first holds the padded inputs and targets of the whole update, an example a row; the second its numbers, the ids
    of the records that the rows came from, and the loss and gradient norm of the updates before.

    Args:
        diverged: tells the update and its numbers.
        examples: of the training.
        padding: how they are padded.
        records: that the examples came from.
        steps: what happened so far.
        folder: made where it is not there.
    """
    from safetensors.torch import save_file

    update = diverged.update
    assert update.indices is not None
    chosen = [examples[index] for index in update.indices]
    folder.mkdir(parents=True, exist_ok=True)
    save_file(dict(pad(chosen, padding).tensors), folder / "batch.safetensors")
    write_json(
        folder / "batch.json",
        {
            "update": update.number,
            "epoch": update.epoch,
            "loss": _plain(diverged.loss),
            "gradient_norm": _plain(diverged.gradient_norm),
            "learning_rate": diverged.learning_rate,
            "reason": diverged.reason,
            "records": [records[example.record].id for example in chosen],
            "before": [
                {name: step[name] for name in ("step", "loss", "gradient_norm", "learning_rate")}
                for step in steps[-_RECENT:]
            ],
        },
    )


def _plain(value: float) -> float | str:
    """A number as JSON has it; it has none for what is not finite."""
    return value if math.isfinite(value) else str(value)
