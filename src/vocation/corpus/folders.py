"""Folders of data files: what lies below them, and nothing that only a link brings in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from vocation.corpus.opening import COMPRESSIONS
from vocation.errors import DataError


def files_below(folder: Path, suffixes: Sequence[str], *, compressed: bool) -> list[Path]:
    """All files below a folder that have one of the endings, in the order of their paths.

    What begins with a dot is left out. Links to folders are not followed.

    Args:
        folder: where to look.
        suffixes: endings in lower case, with their dot.
        compressed: whether .gz or .zst may stand behind the ending.

    Raises:
        DataError: a link leads out of the folder.
    """
    endings = tuple(suffixes)
    if compressed:
        endings += tuple(suffix + packed for suffix in suffixes for packed in COMPRESSIONS)
    found = []
    for parent, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in folders:
            if (Path(parent) / name).is_symlink():
                require_inside(Path(parent) / name, folder)
        for name in names:
            path = Path(parent) / name
            if name.lower().endswith(endings) and not name.startswith(".") and path.is_file():
                require_inside(path, folder)
                found.append(path)
    return sorted(found)


def require_inside(path: Path, folder: Path) -> None:
    """Refuses a path that leads out of a folder, by a link or by `..`.

    Raises:
        DataError: it does.
    """
    target = path.resolve()
    if not target.is_relative_to(folder.resolve()):
        raise DataError(
            "The path leads out of its folder",
            file=path,
            received=f"a way to {target}",
            allowed=f"files below {folder}",
            remedy="copy the file into the folder, or name it in the recipe by itself",
        )


def _refuse(error: OSError) -> None:
    raise error
