"""Data files that the system does not let us read: what it says of them, as a `DataError`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vocation.errors import DataError


@contextmanager
def read_errors(file: str | Path) -> Iterator[None]:
    """Turns what the system says of a file that cannot be read into a `DataError`.

    Args:
        file: the file, as the message names it.

    Raises:
        DataError: in the place of any OSError.
    """
    try:
        yield
    except OSError as error:
        remedy = "check that another program can open the file and that its disk is connected, then run again"
        if isinstance(error, PermissionError):
            remedy = "give the user who runs this the permission to read the file and to enter its folder"
        raise DataError(f"The file cannot be read: {error.strerror or error}", file=file, remedy=remedy) from error
