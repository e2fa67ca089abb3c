"""Kernels run on torch's threads: every part once, whoever takes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from numba import cfunc
from numba.np.numpy_support import carray

from vocation.training.compiled import threads
from vocation.training.compiled.threads import COUNT, FIRST, PART, SIGNATURE, floats, integers, number, run, take


@cfunc(SIGNATURE)
def multiply(task: Any) -> None:
    """Adds `factor` × its place to each number, and counts the parts."""
    own, count = carray(task, (FIRST + 3,)), task[COUNT]
    factor = number(own[FIRST])
    values = carray(floats(own[FIRST + 1]), (count,))
    parts = carray(integers(own[FIRST + 2]), (count,))
    start = take(task)
    while start < count:
        parts[start] += 1
        for index in range(start, min(start + own[PART], count)):
            values[index] += factor * np.float32(index)
        start = take(task)


@pytest.fixture(params=[1, 2, 3])
def thread_count(request: pytest.FixtureRequest) -> Iterator[int]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 100_001])
def test_every_part_is_done_once(thread_count: int, size: int) -> None:
    values, parts = torch.ones(size), torch.zeros(size, dtype=torch.int64)
    run(multiply, size, 8, 0.5, values, parts)
    assert torch.equal(values, 1 + 0.5 * torch.arange(size))
    assert int(parts.sum()) == -(-size // 8)
    assert torch.equal(parts[::8], torch.ones_like(parts[::8]))


def test_without_that_library_one_thread_does_it(monkeypatch: pytest.MonkeyPatch, thread_count: int) -> None:
    monkeypatch.setattr(threads, "_openmp", lambda: None)
    values, parts = torch.ones(1000), torch.zeros(1000, dtype=torch.int64)
    run(multiply, 1000, 8, -2.0, values, parts)
    assert torch.equal(values, 1 - 2 * torch.arange(1000.0))


def test_a_torch_without_gcc_s_library_is_told_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(torch, "__file__", str(tmp_path / "__init__.py"))
    threads._openmp.cache_clear()
    try:
        assert threads._openmp() is None
    finally:
        threads._openmp.cache_clear()
