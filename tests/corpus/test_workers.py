"""A function over batches: in order, with a bounded number in flight, the same on one process and on several."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from itertools import islice

import pytest

from vocation.corpus.workers import map_batches, spread
from vocation.errors import ResourceError


def batched(numbers: Iterable[int], size: int) -> Iterator[list[int]]:
    rest = iter(numbers)
    while batch := list(islice(rest, size)):
        yield batch


def doubled(numbers: list[int]) -> list[int]:
    return [2 * number for number in numbers]


def die(numbers: list[int]) -> list[int]:
    os.kill(os.getpid(), signal.SIGKILL)
    return numbers


def fail(numbers: list[int]) -> list[int]:
    raise ZeroDivisionError(numbers[0])


@pytest.mark.parametrize("processes", [1, 2])
def test_batches_come_with_their_results_in_order(processes: int) -> None:
    found = list(map_batches(doubled, batched(range(10), 4), processes))
    assert found == [([0, 1, 2, 3], [0, 2, 4, 6]), ([4, 5, 6, 7], [8, 10, 12, 14]), ([8, 9], [16, 18])]


@pytest.mark.parametrize("processes", [1, 2])
def test_items_are_read_only_a_few_batches_ahead(processes: int) -> None:
    read: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1000):
            read.append(number)
            yield number

    results = map_batches(doubled, batched(items(), 10), processes)
    next(results)
    assert len(read) <= 10 * (3 * processes + 1)


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_of_the_work_is_the_callers(processes: int) -> None:
    with pytest.raises(ZeroDivisionError):
        list(map_batches(fail, batched(range(10), 4), processes))


def test_a_process_that_is_killed_is_told() -> None:
    with pytest.raises(ResourceError, match=r"work in one process \(`corpus\.processes: 1`"):
        list(map_batches(die, batched(range(10), 4), 2))


@pytest.mark.parametrize("threads", [1, 3])
def test_results_of_threads_come_in_order(threads: int) -> None:
    assert spread(doubled, ([number] for number in range(20)), threads) == [[2 * number] for number in range(20)]


_SLEEPING = """
import time
from vocation.corpus.workers import map_batches

def work(batch):
    print("at work", flush=True)
    time.sleep(60)
    print("still here", flush=True)

list(map_batches(work, [[1], [2]], 2))
"""


def test_processes_end_with_a_parent_that_was_killed() -> None:
    script = [sys.executable, "-c", _SLEEPING]
    with subprocess.Popen(script, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "at work\n"
        parent.kill()
        rest = parent.stdout.read()  # Ends when the last process that could write has.
    assert "still here" not in rest
