"""Work on several cores: batches sent to processes, with a bounded number in flight, and compiled code on threads."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from vocation.errors import ResourceError

Item = TypeVar("Item")
Result = TypeVar("Result")
_AHEAD = 3
"""Batches for each process that may be read before the first of them is written."""
_SECONDS_BETWEEN_LOOKS = 0.5
"""How often a process looks whether the one that started it is still there."""


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # Not on macOS and Windows.
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(work: Callable[[Item], Result], items: Iterable[Item], threads: int) -> list[Result]:
    """The results of the work on each item, in order, on threads of this process.

    Args:
        work: compiled code that releases the interpreter's lock; other code is better off in `map_batches`.
        items: what is worked on.
        threads: how many at once; 1 works in this thread.
    """
    if threads == 1:
        return [work(item) for item in items]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))


def map_batches(
    work: Callable[[list[Item]], Result], batches: Iterable[list[Item]], processes: int
) -> Iterator[tuple[list[Item], Result]]:
    """Batches with what the work makes of each, in order; at most a few batches are in memory.

    Args:
        work: picklable where there is more than one process.
        batches: read as the work goes on.
        processes: how many work at once; 1 works in this process.

    Raises:
        ResourceError: a process died, most often for want of memory.
    """
    if processes == 1:
        for batch in batches:
            yield batch, work(batch)
        return
    from concurrent.futures.process import BrokenProcessPool

    from joblib.externals.loky import get_reusable_executor

    executor = get_reusable_executor(max_workers=processes, initializer=_end_with_parent, initargs=(os.getpid(),))
    waiting: deque[tuple[list[Item], Any]] = deque()
    try:
        for batch in batches:
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
            "  what to do: work in one process (`corpus.processes: 1` in a recipe, --processes 1 of a command), or "
            "free some memory, and run again; what is finished stays"
        ) from error
    finally:
        for _, future in waiting:
            future.cancel()


def _end_with_parent(parent: int) -> None:
    """Ends this process soon after the one that started it was killed, which could not say so.

    Left alone it would wait for more work, and keep its memory, for most of a minute. On Windows, where an orphan keeps
    the number of its parent, it does.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
