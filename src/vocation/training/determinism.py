"""What of a training would not come out the same to the bit if it were run again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from accelerate import Accelerator


LIMITS = ("threads", "atomics", "cublas", "cudnn_benchmark", "tf32", "bfloat16", "device_unknown", "processes")
"""Everything that can stand in the way."""


def determinism(accelerator: Accelerator, model: torch.nn.Module) -> dict[str, Any]:
    """The conditions under which a training is repeated to the bit, and what stands in the way on its device.

    `limits` are names, which the report puts into words:

    - `threads`: on a processor equal seeds give equal bits with the same number of threads and processes, the same
      packages and the same kind of processor; sums are added in another order otherwise.
    - `atomics`: on CUDA some kernels add in the order in which threads happen to finish (torch's list at
      `torch.use_deterministic_algorithms`): the backward passes of fused attention and of scattered sums.
    - `cublas`: cuBLAS may choose another algorithm for a matrix product from run to run where
      CUBLAS_WORKSPACE_CONFIG does not fix its workspace.
    - `cudnn_benchmark`: cuDNN times its algorithms and takes the fastest, which may be another one each time.
    - `tf32`: matrix products are rounded to 10 bits of fraction; the bits differ from those of other devices.
    - `bfloat16`: activations are rounded to 7 bits of fraction, which makes the differences above larger.
    - `device_unknown`: torch promises nothing for this device (MPS and others).
    - `processes`: gradients are summed in an order that follows from the number of processes, and each draws its own
      dropout.
    """
    import torch

    device = accelerator.device.type
    conditions: dict[str, Any] = {
        "device": device,
        "threads": torch.get_num_threads(),
        "processes": accelerator.num_processes,
        "attention": getattr(getattr(model, "config", None), "_attn_implementation", None),
        "deterministic_algorithms": torch.are_deterministic_algorithms_enabled(),
    }
    if device == "cuda":
        conditions |= {
            "cublas_workspace": os.environ.get("CUBLAS_WORKSPACE_CONFIG"),
            "cudnn_benchmark": torch.backends.cudnn.benchmark,
            "tf32": torch.get_float32_matmul_precision() != "highest",
        }
    return {**conditions, "limits": limits(conditions, accelerator.mixed_precision)}


def limits(conditions: dict[str, Any], mixed_precision: str) -> list[str]:
    """The names of what stands in the way, given the conditions that `determinism` finds."""
    found = []
    match conditions["device"]:
        case "cpu":
            found.append("threads")
        case "cuda":
            if not conditions["deterministic_algorithms"]:
                found.append("atomics")
            if conditions["cublas_workspace"] not in (":4096:8", ":16:8"):
                found.append("cublas")
            found += [name for name in ("cudnn_benchmark", "tf32") if conditions[name]]
        case _:
            found.append("device_unknown")
    if mixed_precision == "bf16":
        found.append("bfloat16")
    if conditions["processes"] > 1:
        found.append("processes")
    return found
