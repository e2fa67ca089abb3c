"""From a path in the recipe to files: one file, those of a glob, or those of a folder."""

from __future__ import annotations

from pathlib import Path

from vocation.corpus.folders import require_inside
from vocation.corpus.formats import Format
from vocation.corpus.read_errors import read_errors
from vocation.errors import DataError, did_you_mean


def find_files(source: Format, base: Path, key: str) -> list[Path]:
    """The files that a source names, in order.

    Args:
        source: its `path` is a file, a glob, or a folder.
        base: the folder that relative paths start from.
        key: what the path is called in messages, such as "corpus.sources[0].path".

    Raises:
        DataError: there is no such file, a folder may not be entered, or a link leads out of the folder or of the
            part of a glob that has no marks.
    """
    with read_errors(source.path):
        path = base / source.path
        if path.is_file():
            return [path]
        found = _in_folder(source, path, key) if path.is_dir() else _matches(source.path, base)
        return found or _nothing(source.path, base, key)


def _in_folder(source: Format, folder: Path, key: str) -> list[Path]:
    found = source.files(folder)
    if found:
        return found
    packed = "" if source.binary else ", also with .gz or .zst behind it"
    raise DataError(
        f"{key} is a folder without a file of the format {source.kind!r}",
        file=source.path,
        allowed=f"files that end in {', '.join(source.suffixes)}{packed}",
        remedy="check the folder; files of this format with other endings are named by a glob",
    )


def _matches(pattern: str, base: Path) -> list[Path]:
    # The base's own name may hold the marks of a glob, and is none.
    start, below = (Path(Path(pattern).anchor), Path(pattern)) if Path(pattern).anchor else (base, Path(pattern))
    below = below.relative_to(below.anchor)
    matches = start.absolute().glob(str(below))
    found = sorted(match for match in matches if match.is_file() and not match.name.startswith("."))
    fixed = start
    for part in below.parts:
        if any(mark in part for mark in "*?["):
            break
        fixed /= part
    for match in found:
        require_inside(match, fixed if fixed.is_dir() else fixed.parent)
    return found


def _nothing(pattern: str, base: Path, key: str) -> list[Path]:
    path = base / pattern
    if any(mark in pattern for mark in "*?["):
        raise DataError(
            f"{key} finds no file",
            file=pattern,
            received=f"a glob, looked for from {base}",
            remedy="check the pattern; relative paths start at the recipe's folder",
        )
    folder = path.parent
    while not folder.is_dir():
        folder = folder.parent
    names = [entry.name for entry in folder.iterdir()]
    wanted = path.relative_to(folder).parts[0]
    raise DataError(
        f"The file does not exist.{did_you_mean(wanted, names)}",
        file=pattern,
        received=f"{key}, looked for in {folder}, which has {', '.join(sorted(names)[:8]) or 'no files'}",
        remedy="correct the path; relative paths start at the recipe's folder",
    )
