"""The source files of a corpus as a table shows them: one by one, or by folder where there are many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

_MOST_FILES = 20  # More are shown by folder.


@dataclass(frozen=True, slots=True)
class FileGroup:
    """A file, or all files of one folder that are alike.

    Args:
        path: of the file; of several, their folder.
        files: how many they are.
        format: kind of their format.
        encoding: of their text.
        split: that the recipe gives them; None where rows are still divided.
        rows: of all of them.
        bytes: likewise.
    """

    path: str
    files: int
    format: str
    encoding: str
    split: str | None
    rows: int
    bytes: int


def file_groups(files: Sequence[Mapping[str, Any]]) -> list[FileGroup]:
    """The files in the order in which they stand in the corpus summary.

    Args:
        files: as the corpus summary has them.
    """
    alike: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for file in files:
        place = file["path"] if len(files) <= _MOST_FILES else str(PurePosixPath(file["path"]).parent)
        alike.setdefault((place, file["format"], file["encoding"], file["split"]), []).append(file)
    groups = []
    for (place, kind, encoding, split), members in alike.items():
        rows, size = (sum(member[key] for member in members) for key in ("rows", "bytes"))
        path = f"{place}/" if len(members) > 1 else members[0]["path"]
        groups.append(FileGroup(path, len(members), kind, encoding, split, rows, size))
    return groups
