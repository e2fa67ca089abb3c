"""What to do when the memory of a device runs out: smaller micro-batches."""

from __future__ import annotations

import gc

_SIGNS = (
    "out of memory",  # CUDA, MPS, XPU
    "not enough memory",  # the processor's allocator
    "defaultcpuallocator",
    "cublas_status_alloc_failed",
    "cudnn_status_alloc_failed",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, whichever device says it.

    torch has `OutOfMemoryError` for the memory of GPUs; its other allocators raise a `RuntimeError` that is told by its
    words (as `accelerate.utils.memory.should_reduce_batch_size` tells it).
    """
    import torch

    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in _SIGNS)


def release() -> None:
    """Gives back what is not used any more, so that smaller pieces can be had."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif torch.backends.mps.is_available():
        torch.mps.empty_cache()


def smaller_budget(token_budget: int, failed: int) -> int:
    """The token budget, halved until a part of the size at which memory ran out exceeds it, and is divided.

    Args:
        token_budget: padded tokens of a micro-batch so far.
        failed: padded tokens of the one for which memory did not suffice.
    """
    while token_budget >= failed:
        token_budget //= 2
    return token_budget
