"""Compiled kernels on the very threads on which torch computes: a second pool would fight them for the cores.

A kernel is a C function of one argument, a task: an array of 64-bit integers, which tells what to do and where. Every
thread runs the kernel on the same task and takes one part of the work after the other until none is left, so that a
thread that others hold up takes fewer. Torch's threads are those of its OpenMP library; where that is not GCC's (beside
torch on Linux), a kernel runs on the calling thread alone, with the same result.
"""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

SIGNATURE = "void(CPointer(int64))"
"""Of a kernel, for `numba.cfunc`."""

NEXT, COUNT, PART, FIRST = 0, 1, 2, 3
"""Places in a task: the next item that nobody has taken, how many there are, how many make a part, and where the
kernel's own arguments begin."""


def compiled(*tensors: torch.Tensor) -> bool:
    """Whether the kernels serve; torch's operations do where not."""
    return all(
        tensor.device.type == "cpu" and tensor.dtype == torch.float32 and tensor.is_contiguous() for tensor in tensors
    )


def run(kernel: Any, count: int, part: int, *arguments: torch.Tensor | int | float) -> None:
    """Runs a kernel on all threads of torch; returns when all is done.

    Args:
        kernel: made by `numba.cfunc(SIGNATURE)`.
        count: items, such as rows.
        part: items that a thread takes at a time.
        arguments: tensors, of which the kernel gets the address, whole numbers, and 32-bit floats (`number`).
    """
    task = np.array([0, count, part, *(_plain(argument) for argument in arguments)], dtype=np.int64)
    threads = min(torch.get_num_threads(), -(-count // part))
    parallel = _openmp() if threads > 1 else None
    if parallel is None:
        kernel.ctypes(task.ctypes.data_as(ctypes.POINTER(ctypes.c_int64)))
    else:
        parallel(kernel.address, task.ctypes.data, threads, 0)


def _plain(argument: torch.Tensor | int | float) -> int:
    if isinstance(argument, torch.Tensor):
        return argument.data_ptr()
    if isinstance(argument, float):
        return int(np.float32(argument).view(np.int32))
    return argument


@cache
def _openmp() -> Any:
    """GCC's entry into a parallel region, from the library that torch itself has loaded; None where there is none."""
    path = Path(torch.__file__).parent / "lib" / "libgomp.so.1"
    if not path.exists():
        return None
    function = ctypes.CDLL(str(path)).GOMP_parallel
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint]
    function.restype = None
    return function


def _take(_: Any, _task: Any) -> Any:
    def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        part = builder.load(builder.gep(arguments[0], [ir.Constant(ir.IntType(64), PART)]))
        return builder.atomic_rmw("add", arguments[0], part, "monotonic")

    return types.int64(types.CPointer(types.int64)), code


def _pointer(element: Any, size: Any) -> Any:
    def typed(_: Any, _address: Any) -> Any:
        def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            return builder.inttoptr(arguments[0], size.as_pointer())

        return types.CPointer(element)(types.int64), code

    return intrinsic(typed)


def _number(_: Any, _bits: Any) -> Any:
    def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(builder.trunc(arguments[0], ir.IntType(32)), ir.FloatType())

    return types.float32(types.int64), code


take: Any = intrinsic(_take)
"""The first item of the next part of a task; its count or more when all are taken. Several threads may ask."""
floats: Any = _pointer(types.float32, ir.FloatType())
"""A pointer to 32-bit floats, given their address."""
integers: Any = _pointer(types.int64, ir.IntType(64))
"""A pointer to 64-bit integers, given their address."""
number: Any = intrinsic(_number)
"""The 32-bit float whose bits are the lower half of a 64-bit integer."""
