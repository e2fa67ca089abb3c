"""How much memory a piece of work takes at its peak, beyond what the process had before: Linux's own account."""

from __future__ import annotations

import ctypes
import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SECONDS = 0.05


@dataclass
class Peak:
    """What was found.

    Args:
        own: bytes of this process at its peak, less what it had at the beginning.
        others: bytes of all processes that it started, at the time when they had most together, memory that several
            share counted once.
    """

    own: int = 0
    others: int = 0

    @property
    def total(self) -> int:
        """The most that was taken, if both peaks were at one time."""
        return self.own + self.others


@contextmanager
def peak_memory() -> Iterator[Peak]:
    """Fills what it gives when the block has ended."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # What the process has free already would not be seen to be taken.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # The high-water mark falls to the present level.
    before = _status("VmRSS")
    found, done = Peak(), threading.Event()
    watch = threading.Thread(target=_watch, args=(found, done))
    watch.start()
    try:
        yield found
    finally:
        done.set()
        watch.join()
        found.own = _status("VmHWM") - before


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(name))


def _watch(found: Peak, done: threading.Event) -> None:
    while not done.wait(_SECONDS):
        found.others = max(found.others, sum(map(_proportional, _descendants())))


def _descendants() -> list[int]:
    """The processes below this one."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue  # It has ended.
        children.setdefault(parent, []).append(int(path.parent.name))
    found, waiting = list[int](), [os.getpid()]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _proportional(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0  # It has ended.
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)
