"""Which device trains, and in which precision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from vocation.errors import TrainingError
from vocation.training.processes import join, launched

if TYPE_CHECKING:
    from accelerate import Accelerator

Precision = Literal["auto", "float32", "bfloat16"]


def accelerator(precision: Precision = "auto", device: str | None = None) -> Accelerator:
    """The device and its precision, through `accelerate`: CUDA, else MPS, else the processor.

    `auto` is bfloat16 on GPUs that compute in it (NVIDIA from Ampere on) and float32 everywhere else: on processors
    without bfloat16 units autocasting makes a step several times slower.

    Under a launcher each process has the device of its own number, and without GPUs they share the processor.

    Args:
        precision: of activations; weights and optimiser stay in float32.
        device: "cpu" keeps training off a GPU that is there.

    Raises:
        TrainingError: bfloat16 was asked for and the device does not have it.
    """
    import torch
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    on_cuda = torch.cuda.is_available() and device != "cpu"
    native = on_cuda and torch.cuda.get_device_capability()[0] >= 8
    if precision == "bfloat16" and on_cuda and not native:
        raise TrainingError(
            "tuning.precision is bfloat16, and this GPU has no bfloat16 units.\n  what to do: set it to auto or float32"
        )
    mixed = "bf16" if precision == "bfloat16" or (precision == "auto" and native) else "no"
    join()
    AcceleratorState._reset_state(reset_partial_state=True)  # noqa: SLF001 - the only way to a second precision
    # Under a launcher that does not say so, accelerate would take each process on a processor for one that is alone.
    together = launched() and not torch.accelerator.is_available()
    return Accelerator(mixed_precision=mixed, cpu=device == "cpu" or together)
