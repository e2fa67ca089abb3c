"""A function over batches: in order, with a bounded number in flight, the same on one process and on several."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from vocation.corpus.workers import map_batches
from vocation.errors import ResourceError


def doubled(numbers: list[int]) -> list[int]:
    return [2 * number for number in numbers]


def die(numbers: list[int]) -> list[int]:
    os.kill(os.getpid(), signal.SIGKILL)
    return numbers


def fail(numbers: list[int]) -> list[int]:
    raise ZeroDivisionError(numbers[0])


@pytest.mark.parametrize("processes", [1, 2])
def test_batches_come_with_their_results_in_order(processes: int) -> None:
    found = list(map_batches(doubled, range(10), 4, processes))
    assert found == [([0, 1, 2, 3], [0, 2, 4, 6]), ([4, 5, 6, 7], [8, 10, 12, 14]), ([8, 9], [16, 18])]


@pytest.mark.parametrize("processes", [1, 2])
def test_items_are_read_only_a_few_batches_ahead(processes: int) -> None:
    read: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1000):
            read.append(number)
            yield number

    results = map_batches(doubled, items(), 10, processes)
    next(results)
    assert len(read) <= 10 * (3 * processes + 1)


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_of_the_work_is_the_callers(processes: int) -> None:
    with pytest.raises(ZeroDivisionError):
        list(map_batches(fail, range(10), 4, processes))


def test_a_process_that_is_killed_is_told() -> None:
    with pytest.raises(ResourceError, match=r"set `corpus\.processes: 1`"):
        list(map_batches(die, range(10), 4, 2))
