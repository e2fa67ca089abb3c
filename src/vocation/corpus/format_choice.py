"""Which format a file is of: the one that is named, or the one that its ending means."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TypeVar

from vocation.component import kinds
from vocation.corpus.formats import Format, WritableFormat
from vocation.corpus.opening import COMPRESSIONS, content_suffix
from vocation.errors import ArtifactError, DataError, RecipeError, did_you_mean

_FAMILY = "vocation.corpus.formats"
_FIRST = 50
"""Rows that are looked at; of annotated texts some have no span."""
_Family = TypeVar("_Family", bound=Format)


def format_of(path: Path, family: type[_Family], name: str | None = None, option: str = "") -> type[_Family]:
    """The format of a file.

    An ending that several formats have means the one that bears an ending's name: .json is `json`, .jsonl and .ndjson
    are `jsonl`. A file
    to be read whose first rows say that it is another one's, with offsets that plain JSON knows nothing of, is refused.

    Args:
        path: the file, which need not be there.
        family: `Format` for a file to be read, `WritableFormat` for one to be written.
        name: what the user says it is; None where nothing is said.
        option: where the user says it, such as "--from"; empty where it cannot be said.

    Raises:
        RecipeError: the name is none of the family's, or the ending leaves the format open.
    """
    known = {kind: found for kind, found in kinds(_FAMILY).items() if issubclass(found, Format)}
    usable = {kind: found for kind, found in known.items() if issubclass(found, family)}
    if name is not None:
        if name not in usable:
            reason = "cannot be written" if name in known else "is not known"
            raise RecipeError(
                f"{option} {name}: this format {reason}.{did_you_mean(name, usable)}\n  allowed: {', '.join(usable)}"
            )
        return usable[name]
    suffix = content_suffix(path)
    packed = path.suffix.lower() in COMPRESSIONS
    fitting = {
        kind: found for kind, found in usable.items() if suffix in found.suffixes and not (packed and found.binary)
    }
    plain = [kind for kind, found in fitting.items() if found.suffixes[0] == f".{kind}"]
    chosen = next(iter(plain if len(plain) == 1 else fitting), None)
    if chosen is None or (len(fitting) > 1 and len(plain) != 1):
        raise _open_question(path, usable, fitting, option)
    if family is not WritableFormat and (meant := _claimed_by(path, chosen, fitting)):
        raise _another(path, chosen, meant, option)
    return fitting[chosen]


def require_free(source: Path, target: Path, *, overwrite: bool) -> None:
    """Refuses to write a file over the one that is read, or, unless told to, over another.

    Raises:
        ArtifactError: as said.
    """
    if target.exists() and target.resolve() == source.resolve():
        raise ArtifactError(f"{target} is the file that is read.\n  what to do: give the new file another name")
    if target.exists() and not overwrite:
        raise ArtifactError(f"{target} is there already.\n  what to do: give another name, or --force to replace it")


def _claimed_by(path: Path, chosen: str, fitting: dict[str, type[_Family]]) -> str | None:
    """The format, if any, that one of the first rows of a file says it is of."""
    others = {kind: found(path=str(path)) for kind, found in fitting.items() if kind != chosen}
    if not others or not path.is_file():
        return None
    try:
        rows = islice(fitting[chosen](path=str(path)).rows(path), _FIRST)
        sound = (row.fields for row in rows if not row.fault)
        claims = (kind for fields in sound for kind, other in others.items() if other.claims(fields))
        return next(claims, None)
    except (DataError, OSError):
        return None  # Whoever reads it will be told, or has settings with which it can be read.


def _open_question(
    path: Path, usable: dict[str, type[_Family]], fitting: dict[str, type[_Family]], option: str
) -> RecipeError:
    if option:
        remedy = f"  what to do: give {option}, one of {', '.join(fitting or usable)}"
    elif fitting:
        remedy = f"  what to do: give the file an ending that one format has alone; now it may be {', '.join(fitting)}"
    else:
        endings = sorted({suffix for found in usable.values() for suffix in found.suffixes})
        remedy = f"  allowed: {', '.join(endings)}"
    return RecipeError(f"The ending of {path} does not say its format.\n{remedy}")


def _another(path: Path, chosen: str, meant: str, option: str) -> RecipeError:
    remedy = f"give {option} {meant}, or {option} {chosen} to take its rows as they stand"
    if not option:
        remedy = f"make rows with text and spans of it first: vocation convert {path} NEW.jsonl --from {meant}"
    return RecipeError(
        f"{path} is named as {chosen!r}, and has rows of {meant!r}, whose offsets would be lost.\n"
        f"  what to do: {remedy}"
    )
