"""Files that are whole or absent: written beside their place, synced, and renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from vocation.artifacts import sync


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Another name for a file, under which the block writes it; it gets its own when the block has ended well.

    What stood under its own name is replaced. What processes that were killed had begun to write goes.

    Raises:
        OSError: the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    _remove_leftovers(path)
    try:
        yield temporary
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def open_private(path: Path, encoding: str, newline: str | None = None) -> TextIO:
    """A text file opened for writing that nobody but its owner can read, from its first byte on.

    Args:
        path: the file, which is not there or whose content goes.
        encoding: a codec's name.
        newline: as in `open`.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(descriptor, "w", encoding=encoding, newline=newline)


def _remove_leftovers(path: Path) -> None:
    """Removes what processes that were killed wrote beside a file: their numbers are at its end, and nobody's now.

    Whether a process lives can be asked without harm on POSIX alone; elsewhere leftovers stay.
    """
    if os.name != "posix" or not path.parent.is_dir():
        return
    for leftover in path.parent.iterdir():
        stem, _, number = leftover.name.rpartition(".")
        if stem == f".{path.name}" and number.isdecimal() and not _alive(int(number)):
            leftover.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True
