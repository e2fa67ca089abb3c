"""What `vocation deidentify` has done of a file: what a killed run need not look for again.

In a folder that only its owner can enter, a part keeps of a few thousand rows where in their texts something was found
and what took its place, and nothing that the new file does not hold. A later run reads the rows again, which takes
little, and puts the same in the same places, so that whatever it writes (file, vault, audit) is what a run without an
interruption writes. When the run has ended the folder is gone.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from vocation.artifacts import locked, write_json
from vocation.corpus.parts import Place, finished, new_part, reached, write_state
from vocation.deidentification import Finding
from vocation.deidentification.deidentifier import Known, Put
from vocation.deidentification.rows import RowResult, RowWork
from vocation.errors import ArtifactError, DataError
from vocation.progress import Progress
from vocation.records import Row
from vocation.text import Text

_ROWS, _CHARACTERS = 2048, 1 << 19
"""Rows, and characters of their texts, from which on a part is full: a second of work, or a few. To publish one takes
some 20 milliseconds."""
UNFINISHED = ".unfinished"
_LOCK, _FACTS, _PARTS, _GONE, _TEXTS = "run.lock", "made-of.json", "parts", "gone", "texts.json.gz"

Seal = Callable[[str], str]
"""A digest of a value that says as little of it as can be; see `Deidentifier.sealed`."""


def unfinished_folder(target: Path) -> Path:
    """The folder beside a file for what is there until it is whole."""
    place = target.absolute()
    return place.with_name(f".{place.name}{UNFINISHED}")


@contextmanager
def one_writer(result: Path, folder: Path, elsewhere: str = "another file with --out") -> Iterator[Path]:
    """Keeps a second run out while the block writes a file, and its unfinished parts until the block has ended well.

    Args:
        result: the file. If it is younger than the parts that lie there, the run that made them had come to its end,
            and they go.
        folder: for what is not kept; made, for its owner alone.
        elsewhere: how to say that this run is to write something else.

    Returns:
        The folder of the parts, which is there if an earlier run left some.

    Raises:
        ArtifactError: another process writes the file, or the folder cannot be written.
    """
    parts, ended = folder / _PARTS, False
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        with locked(folder / _LOCK, str(result), elsewhere):
            if parts.exists() and result.exists() and result.stat().st_mtime_ns >= parts.stat().st_mtime_ns:
                _drop(parts)
            try:
                yield parts
                ended = True
            finally:
                if ended:
                    _drop(parts)
                if not parts.exists():
                    shutil.rmtree(folder)
    except OSError as error:
        raise ArtifactError(
            f"{result} cannot be written: {error.strerror or error}\n"
            "  what to do: check that the folder is there, may be written to and has space left, and run again; what "
            "is finished stays"
        ) from error


def require_facts(parts: Path, facts: Mapping[str, str], progress: Progress) -> None:
    """Removes the parts of an earlier run that was made of something else, and says so.

    Args:
        parts: their folder.
        facts: a digest of each thing that the result depends on, by what a message calls it; the key, with which the
            others are made, is the first.
        progress: is told.

    Raises:
        ArtifactError: what is there is damaged.
    """
    if not parts.exists():
        return
    place = parts / _FACTS
    try:
        known = json.loads(place.read_text(encoding="utf-8")) if place.exists() else {}
        changed = [name for name in facts if known.get(name) != facts[name]]
    except (OSError, ValueError, AttributeError) as error:
        raise _damaged(place) from error
    if changed:
        _drop(parts)
    if changed and known:
        changed = changed[:1] if changed[0] == next(iter(facts)) else changed
        progress.note(f"starting anew: {' and '.join(changed)} changed since the run that was not finished")


def _drop(parts: Path) -> None:
    """Removes all parts at once: whoever is killed in between leaves none under their name."""
    gone = parts.with_name(_GONE)
    if gone.exists():
        shutil.rmtree(gone)
    if parts.exists():
        parts.rename(gone)
        shutil.rmtree(gone)


class Parts:
    """The finished parts of a run, and those that it adds.

    Args:
        folder: where they lie.
        facts: what the folder has to say that it was made of.
        seal: makes a digest of the texts of a part.
        source: the file, for messages.
    """

    def __init__(self, folder: Path, facts: Mapping[str, str], seal: Seal, source: Path) -> None:
        self._folder, self._facts, self._seal, self._source = folder, facts, seal, source
        self._done = finished(folder)
        self._part = _Part()

    def rows(self) -> int:
        """How many rows are done."""
        return reached(self._done).rows

    def again(self, work: RowWork, take: Callable[[int], Sequence[Row]]) -> Iterator[RowResult]:
        """What came of the rows that are done.

        Args:
            work: puts the same in the same places.
            take: gives the next rows of the file, so many.

        Raises:
            ArtifactError: a part is damaged.
            DataError: the rows are no longer those that the part was made of.
        """
        for place in self._done:
            content = _read(place)
            yield from work.again(take(content["rows"]), partial(self._known, content))

    def add(self, row: RowResult) -> None:
        """One more row; publishes the part when it is full."""
        self._part.add(row)
        if self._part.full():
            if not self._done:
                self._folder.mkdir(exist_ok=True)
                write_json(self._folder / _FACTS, self._facts)
            content = self._part.content(self._seal)
            with new_part(self._folder, len(self._done)) as place:
                (place / _TEXTS).write_bytes(gzip.compress(json.dumps(content).encode(), compresslevel=1))
                write_state(place, (), Place(rows=self.rows() + content["rows"]))
            self._done = finished(self._folder)
            self._part = _Part()

    def _known(self, content: Mapping[str, Any], texts: Sequence[Text]) -> list[Known]:
        part = _Part()
        for text in texts:
            part.look(text)
        if part.digest(self._seal) != content["digest"]:
            raise DataError(
                "The file changed while it was read",
                file=self._source,
                received="other content than at the start",
                allowed="a file that stays as it is until it has been read",
                remedy="wait until nothing writes to it, and run again",
            )
        found = content["texts"]
        return [_known(found[str(number)]) if str(number) in found else Known() for number in range(len(texts))]


@dataclass(slots=True)
class _Part:
    """What is kept of some rows."""

    _texts: dict[int, Known] = field(default_factory=dict)
    _rows: int = 0
    _count: int = 0
    _characters: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    def add(self, row: RowResult) -> None:
        for one in row.texts:
            if one.result.findings:
                self._texts[self._count] = Known.of(one.result)
            self.look(one.before)
        self._rows += 1

    def look(self, text: Text) -> None:
        data = text.content.encode("utf-8", errors="surrogatepass")
        self._hash.update(len(data).to_bytes(8, "big") + data)
        self._count += 1
        self._characters += len(text.content)

    def full(self) -> bool:
        return self._rows >= _ROWS or self._characters >= _CHARACTERS

    def digest(self, seal: Seal) -> str:
        return seal(self._hash.hexdigest())

    def content(self, seal: Seal) -> dict[str, Any]:
        texts = {number: [known.findings, known.places] for number, known in self._texts.items()}
        return {"rows": self._rows, "digest": self.digest(seal), "texts": texts}


def _known(entry: Any) -> Known:
    findings, places = entry
    return Known(tuple(Finding(*one) for one in findings), tuple(Put(*one) for one in places))


def _read(part: Path) -> Any:
    place = part / _TEXTS
    try:
        return json.loads(gzip.decompress(place.read_bytes()))
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise _damaged(place) from error


def _damaged(place: Path) -> ArtifactError:
    return ArtifactError(
        f"{place}, which a run that was not finished left, is damaged.\n"
        f"  what to do: delete the folder {place.parent} and run again, from the start"
    )
