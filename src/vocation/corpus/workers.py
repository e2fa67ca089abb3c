"""A function over batches, on several processes with a bounded number of batches in flight, results in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from vocation.errors import ResourceError

Item = TypeVar("Item")
Result = TypeVar("Result")
_AHEAD = 3
"""Batches for each process that may be read before the first of them is written."""


def map_batches(
    work: Callable[[list[Item]], Result], items: Iterable[Item], size: int, processes: int
) -> Iterator[tuple[list[Item], Result]]:
    """Batches of the items with what the work makes of each, in order; at most a few batches are in memory.

    Args:
        work: picklable where there is more than one process.
        items: read as the work goes on.
        size: items in a batch.
        processes: how many work at once; 1 works in this process.

    Raises:
        ResourceError: a process died, most often for want of memory.
    """
    if processes == 1:
        for batch in _batches(items, size):
            yield batch, work(batch)
        return
    from concurrent.futures.process import BrokenProcessPool

    from joblib.externals.loky import get_reusable_executor

    executor = get_reusable_executor(max_workers=processes)
    waiting: deque[tuple[list[Item], Any]] = deque()
    try:
        for batch in _batches(items, size):
            waiting.append((batch, executor.submit(work, batch)))
            if len(waiting) > _AHEAD * processes:
                done, future = waiting.popleft()
                yield done, future.result()
        while waiting:
            done, future = waiting.popleft()
            yield done, future.result()
    except BrokenProcessPool as error:
        raise ResourceError(
            "A process that cleaned texts died, most often because memory ran out.\n"
            "  what to do: set `corpus.processes: 1`, or free some memory, and run again; what is finished stays"
        ) from error
    finally:
        for _, future in waiting:
            future.cancel()


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
