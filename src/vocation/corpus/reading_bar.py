"""How far the reading of the source files is: a bar over their kilobytes, with the rows beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from vocation.corpus.opening import watched
from vocation.progress import Bar, Progress

_ROWS = 512
"""How many rows are read before the bar moves."""


class ReadingBar:
    """Told of each file and row, moves a bar.

    Args:
        bar: counts kilobytes.
    """

    def __init__(self, bar: Bar) -> None:
        self._bar, self._clock, self._rows = bar, time.monotonic(), 0
        self._position: Callable[[], int] = lambda: 0
        self._counted = 0

    @contextmanager
    def file(self, file: Path) -> Iterator[None]:
        """Around the reading of a file."""
        self._counted = 0
        with watched() as self._position:
            yield
        self._bar.advance(_kilobytes(file) - self._counted, self._status())

    def row(self) -> None:
        """One more row."""
        self._rows += 1
        if self._rows % _ROWS == 0:
            read = self._position() >> 10
            self._bar.advance(read - self._counted, self._status())
            self._counted = read

    def _status(self) -> str:
        return f"{self._rows:,} rows, {self._rows / max(time.monotonic() - self._clock, 1e-9):,.0f} rows/s"


@contextmanager
def reading_bar(progress: Progress, description: str, files: Sequence[Path], finished: int = 0) -> Iterator[ReadingBar]:
    """A bar over all files.

    Args:
        progress: shows it.
        description: what is done, in a word or two.
        files: all, in order.
        finished: how many of the first an earlier run read.
    """
    sizes = [_kilobytes(file) for file in files]
    with progress.bar(description, sum(sizes), "KB", sum(sizes[:finished])) as bar:
        yield ReadingBar(bar)


def file_size(file: Path) -> int:
    """Bytes of a file, or of all files of a folder that is one source."""
    if file.is_dir():
        return sum(path.stat().st_size for path in file.rglob("*") if path.is_file())
    return file.stat().st_size


def _kilobytes(file: Path) -> int:
    return -(-file_size(file) >> 10)  # a file of a few bytes is one
