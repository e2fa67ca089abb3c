"""Which device trains, and in which precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from vocation.errors import TrainingError
from vocation.training.processes import join, launched

if TYPE_CHECKING:
    from accelerate import Accelerator

Precision = Literal["auto", "float32", "bfloat16"]


def accelerator(precision: Precision = "auto", device: str | None = None) -> Accelerator:
    """The device and its precision, through `accelerate`: CUDA, else MPS, else the processor.

    `auto` is bfloat16 on GPUs that compute in it (NVIDIA from Ampere on) and float32 everywhere else. On a processor
    bfloat16 has to be asked for, and means that matrix products alone are rounded (see `computing`).

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
    lacking = (on_cuda and not native) or (not on_cuda and not torch.mps.is_available() and not processor_rounds())
    if precision == "bfloat16" and lacking:
        raise TrainingError(
            f"tuning.precision is bfloat16, and this {'GPU' if on_cuda else 'processor'} has no bfloat16 units.\n"
            "  what to do: set it to auto or float32"
        )
    mixed = "bf16" if precision == "bfloat16" or (precision == "auto" and native) else "no"
    join()
    AcceleratorState._reset_state(reset_partial_state=True)  # noqa: SLF001 - the only way to a second precision
    # Under a launcher that does not say so, accelerate would take each process on a processor for one that is alone.
    together = launched() and not torch.accelerator.is_available()
    return Accelerator(mixed_precision=mixed, cpu=device == "cpu" or together)


def processor_rounds() -> bool:
    """Whether the processor has units for products of bfloat16 matrices (AMX of Intel's Xeons from 2023 on)."""
    import torch

    return bool(torch.cpu.get_capabilities().get("amx_bf16", False))


@contextmanager
def computing(accelerator: Accelerator) -> Iterator[None]:
    """Within it a forward and a backward pass compute in the accelerator's precision.

    On a GPU the forward pass still has to be within `autocasting`. On a processor bfloat16 rounds the factors of matrix
    products to 8 bits of fraction and sums in float32, which its units do several times as fast; activations and all
    else stay in float32. Casting whole activations, as on a GPU, costs more here than it wins.
    """
    import torch

    if not _rounds(accelerator):
        yield
        return
    backend: Any = torch.backends.mkldnn
    products = backend.matmul
    before = products.fp32_precision
    products.fp32_precision = "bf16"
    try:
        yield
    finally:
        products.fp32_precision = before


@contextmanager
def autocasting(accelerator: Accelerator) -> Iterator[None]:
    """The forward pass on a GPU casts what its units compute; on a processor nothing is cast."""
    if _rounds(accelerator):
        yield
        return
    with accelerator.autocast():
        yield


def _rounds(accelerator: Accelerator) -> bool:
    return bool(accelerator.device.type == "cpu" and accelerator.mixed_precision == "bf16")
