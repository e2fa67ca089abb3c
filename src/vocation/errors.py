"""The exceptions that Vocation raises.

    VocationError
    ├── RecipeError        the recipe is malformed, or asks for something impossible
    ├── DataError          a data file, row or column cannot be used
    ├── ModelError         weights cannot be found, verified or loaded
    ├── TrainingError      training cannot start or go on
    ├── ResourceError      the machine has not enough of something
    ├── ArtifactError      a folder cannot be read or written, or is in use
    ├── AbandonedError     one of several processes was left alone by the main one
    └── MissingExtraError  an optional package is needed and absent

Every message says what was wrong, what was received, what is allowed and what to do next; `DataError` also says
where (file, row, column). The command line prints the message without a traceback and exits with status 1.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path


class VocationError(Exception):
    """Root of every error that Vocation raises on purpose."""


class RecipeError(VocationError):
    """The recipe cannot be read, or its settings contradict each other."""


class DataError(VocationError):
    """A data file cannot be used as the recipe asks.

    Args:
        problem: what is wrong, in one sentence.
        file: the data file.
        row: 1-based line or record number as a person would count it in an editor or a sheet.
        column: name of the column or field.
        received: what stands there now.
        allowed: what may stand there.
        remedy: what to do next.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | Path | None = None,
        row: int | None = None,
        column: str | None = None,
        received: str | None = None,
        allowed: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.problem, self.file, self.row, self.column = problem, file, row, column
        self.received, self.allowed, self.remedy = received, allowed, remedy
        super().__init__(self._message())

    def at(self, file: str | Path, row: int | None) -> DataError:
        """The same error with its place, for a reader that knows it where the raiser did not."""
        return DataError(
            self.problem,
            file=file,
            row=row,
            column=self.column,
            received=self.received,
            allowed=self.allowed,
            remedy=self.remedy,
        )

    def _message(self) -> str:
        place = [str(self.file)] if self.file is not None else []
        place += [f"row {self.row}"] if self.row is not None else []
        place += [f"column {self.column!r}"] if self.column is not None else []
        head = f"{', '.join(place)}: {self.problem}" if place else self.problem
        details = (("received", self.received), ("allowed", self.allowed), ("what to do", self.remedy))
        return "\n".join([head, *(f"  {name}: {value}" for name, value in details if value)])


class ModelError(VocationError):
    """Pretrained weights cannot be found, verified or loaded."""


class TrainingError(VocationError):
    """Training cannot start with these settings, or cannot go on."""


class ArtifactError(VocationError):
    """An artifact folder cannot be read or written, is damaged, or is in use by another run."""


class ResourceError(VocationError):
    """The machine has not enough of something, such as memory."""


class AbandonedError(VocationError):
    """The main one of several processes ended with an error, which it has told; the others cannot go on."""


class MissingExtraError(VocationError):
    """An optional package is needed for what the recipe asks, and is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"The package {package!r} is needed for this and is not installed.\n"
            f"  what to do: pip install 'vocation[{extra}]'"
        )


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """The allowed name most like `name`, or None when nothing is close."""
    folded = {candidate.casefold(): candidate for candidate in allowed}
    matches = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    return folded[matches[0]] if matches else None


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """A clause such as " Did you mean 'text'?" for the end of a sentence; empty when nothing is close."""
    match = nearest(name, allowed)
    return f" Did you mean {match!r}?" if match else ""
