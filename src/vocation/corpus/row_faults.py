"""What formats say of files without rows, and of values that a file of their kind cannot keep."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from vocation.errors import DataError

HEADER_REMEDY = "; if the first line is data already, name the columns: `header: [label, text]`"
"""What else may be the matter with a table in which a column is not found."""
_NO_CHARACTER = re.compile("[\ud800-\udfff]")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def empty(path: Path, allowed: str, *, found: str = "nothing") -> DataError:
    """The error for a file that holds no row."""
    return DataError(
        "The file is empty" if found == "nothing" else "The file has no rows",
        file=path,
        received=found,
        allowed=allowed,
        remedy="give a file with data, or take this source out of the recipe",
    )


def nothing_to_write(path: Path) -> DataError:
    """The error for a file that would get no row: it could not be read back."""
    return DataError(
        "There are no rows to write",
        file=path,
        allowed="at least one row",
        remedy="check that the file that is read has rows, and that not all were left out",
    )


def unkeepable(path: Path, row: int, column: str | None, problem: str, received: Any, remedy: str) -> DataError:
    """The error for a value that a file of this kind cannot keep; shows a short part of it."""
    return DataError(problem, file=path, row=row, column=column, received=repr(received)[:60], remedy=remedy)


def require_text(text: str, path: Path, row: int, column: str | None = None) -> None:
    """Refuses a string that no text file can keep.

    Raises:
        DataError: it has a NUL character, or half of a surrogate pair.
    """
    if _NO_TEXT.search(text):
        raise unkeepable(
            path,
            row,
            column,
            "The value has a NUL character, or half of a surrogate pair, which text files cannot keep",
            text,
            "remove the character",
        )


def require_characters(text: str, path: Path, row: int) -> None:
    """Refuses a string with half of a surrogate pair, which is no character.

    Raises:
        DataError: it has one.
    """
    if found := _NO_CHARACTER.search(text):
        raise unkeepable(
            path,
            row,
            None,
            "A value has half of a surrogate pair, which is no character",
            found.group(),
            "remove the character",
        )
