"""brat standoff: a text file and, beside it, a file with one annotation a line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from vocation.corpus import folders
from vocation.corpus.formats import WritableFormat
from vocation.corpus.offsets import Mark, OffsetUnit, located
from vocation.corpus.opening import LONGEST_LINE, lines, too_long
from vocation.corpus.row_faults import empty
from vocation.corpus.standoff import OTHER, RELATION, write_standoff
from vocation.errors import DataError
from vocation.records import Row
from vocation.text import is_quoted

_ENTITY = re.compile(r"(T\S+)\t(\S+) (\d+ \d+(?:;\d+ \d+)*)\t(.*)")


@dataclass(frozen=True, slots=True)
class _Entity:
    """A text-bound annotation as its line states it; offsets in the file's unit."""

    line: int
    id: str
    label: str
    pieces: tuple[tuple[int, int], ...]
    quoted: str


@dataclass(slots=True)
class _Annotations:
    """What an annotation file holds.

    Args:
        entities: the text-bound annotations.
        relations: binary ones between Arg1 and Arg2.
        notes: the lines of everything else, as they stand.
    """

    entities: list[_Entity] = field(default_factory=list)
    relations: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Brat(WritableFormat):
    """Annotations of brat: `NAME.ann` with its text in `NAME.txt`. Each document is one row.

    Fields are `text`, `spans`, and `document` (the name). Relations (R lines) are in `relations`, mappings with `id`,
    `from_id`, `to_id` and `type`; all other lines (events, attributes, normalisations, notes) are in `notes`, as they
    stand; where a row has either, its spans carry their `id`. An empty .ann file is a text without labels.

    What is written is a folder with two files a row, named by the field `document` or else by number; a name that ends
    in .ann takes one row. Read it as a folder or a glob. A span over several lines is written as brat does, one piece a
    line.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".ann",)
    keeps: ClassVar[frozenset[str] | None] = frozenset(("document", "text", "spans", "relations", "notes"))

    offsets: OffsetUnit = Field(
        default="code_points",
        description="What offsets count. brat counts Unicode code points; other programs that write its format may "
        "count UTF-16 units or bytes. They are checked against the text that each line quotes.",
    )
    discontinuous: Literal["refuse", "envelope"] = Field(
        default="refuse",
        description="A span of several pieces with words between them: refuse the row, or take everything from its "
        "first piece to its last. Pieces with only blanks between them are one span in either case.",
    )

    def files(self, folder: Path) -> list[Path]:
        return folders.files_below(folder, self.suffixes, compressed=False)

    def companions(self, path: Path) -> tuple[Path, ...]:
        return (path.with_suffix(".txt"),)

    def rows(self, path: Path) -> Iterator[Row]:
        if path.suffix != ".ann":
            raise DataError(
                "The file is not one of annotations",
                file=path,
                allowed="NAME.ann, with NAME.txt beside it",
                remedy="name the .ann files, as in `texts/*.ann`",
            )
        text = self._text(path)
        found, fault = _Annotations(), None
        try:
            found = self._annotations(path)
            fields = self._fields(path, text, found)
        except DataError as error:
            fields, fault = {"text": text, "spans": []}, error.at(path, error.row or 1)
        yield Row(1, {"document": path.stem, **fields}, fault)

    def write(self, path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
        return write_standoff(path, rows)

    def _text(self, path: Path) -> str:
        partner = path.with_suffix(".txt")
        if not partner.is_file():
            raise DataError(
                f"The annotations have no text: {partner.name} is missing",
                file=path,
                allowed="NAME.ann and NAME.txt in the same folder",
                remedy="put the text beside the annotations, or remove the .ann file",
            )
        if partner.is_symlink():
            folders.require_inside(partner, path.parent)
        with self.open(partner, newline="") as file:  # Offsets count every character, line ends too.
            text = file.read(LONGEST_LINE + 1)
        if len(text) > LONGEST_LINE:
            raise too_long(partner, 1)
        if not text.strip():
            raise empty(partner, "a text")
        return text

    def _annotations(self, path: Path) -> _Annotations:
        found = _Annotations()
        if not path.stat().st_size:
            return found
        with self.open(path) as file:
            for number, line in lines(file, path):
                stripped = line.rstrip("\n")
                if entity := _ENTITY.fullmatch(stripped):
                    found.entities.append(_entity(entity, path, number))
                elif relation := RELATION.fullmatch(stripped):
                    found.relations.append(
                        dict(zip(("id", "type", "from_id", "to_id"), relation.groups(), strict=True))
                    )
                elif OTHER.fullmatch(stripped):
                    found.notes.append(stripped)
                elif stripped.strip():
                    raise _no_annotation(stripped, path, number)
        return found

    def _fields(self, path: Path, text: str, found: _Annotations) -> dict[str, Any]:
        counts = Counter(entity.id for entity in found.entities)
        twice = [name for name, count in counts.items() if count > 1]
        if twice:
            raise DataError("Two annotations have the same id", received=twice[0][:60], remedy="give each its own id")
        named = bool(found.relations or found.notes)
        pieces = iter(self._located(path, text, found.entities))
        spans: list[dict[str, Any]] = []
        for entity in found.entities:
            bounds = [(piece["start"], piece["end"]) for piece in islice(pieces, len(entity.pieces))]
            span: dict[str, Any] = {"start": bounds[0][0], "end": bounds[-1][1], "label": entity.label}
            spans.append(span | {"id": entity.id} if named else span)
            if len(bounds) > 1:
                self._check_pieces(path, text, entity, bounds)
        fields: dict[str, Any] = {"text": text, "spans": spans}
        fields |= {"relations": found.relations} if found.relations else {}
        return fields | ({"notes": found.notes} if found.notes else {})

    def _located(self, path: Path, text: str, entities: Sequence[_Entity]) -> list[dict[str, Any]]:
        """The pieces of all annotations, in code points; the text of those in one piece is checked."""
        marks = [
            Mark(start, end, entity.label, quoted=entity.quoted if len(entity.pieces) == 1 else None)
            for entity in entities
            for start, end in entity.pieces
        ]
        try:
            return located(text, marks, self.offsets)
        except DataError as error:
            for entity in entities:  # Which line it was.
                own = [
                    Mark(*piece, entity.label, entity.quoted) for piece in entity.pieces[:1] if len(entity.pieces) == 1
                ]
                own += [Mark(*piece, entity.label) for piece in entity.pieces if len(entity.pieces) > 1]
                try:
                    located(text, own, self.offsets)
                except DataError as precise:
                    raise precise.at(path, entity.line) from error
            raise

    def _check_pieces(self, path: Path, text: str, entity: _Entity, bounds: Sequence[tuple[int, int]]) -> None:
        covered = " ".join(text[start:end] for start, end in bounds)
        if not is_quoted(covered, entity.quoted):
            raise DataError(
                "The offsets of a span do not fit the text that the file quotes for it",
                file=path,
                row=entity.line,
                received=repr(covered[:60]),
                allowed=repr(entity.quoted[:60]),
                remedy="correct the line; where offsets count UTF-16 units or bytes, set `offsets`",
            )
        gaps = [text[left[1] : right[0]] for left, right in pairwise(bounds)]
        if self.discontinuous == "refuse" and any(gap.strip() for gap in gaps):
            raise DataError(
                "A span has several pieces with words between them",
                file=path,
                row=entity.line,
                received=repr(covered[:60]),
                allowed="spans in one piece",
                remedy="set `discontinuous: envelope` to take everything from the first piece to the last, or "
                "`corpus.invalid_rows: drop` to leave such documents out",
            )


def _entity(match: re.Match[str], path: Path, number: int) -> _Entity:
    name, label, places, quoted = match.groups()
    pieces = tuple((int(start), int(end)) for start, end in (place.split(" ") for place in places.split(";")))
    if any(left[1] > right[0] for left, right in pairwise(pieces)):
        raise DataError(
            "The pieces of a span are out of order or overlap",
            file=path,
            row=number,
            received=places[:60],
            allowed="START END;START END;…, each piece behind the one before",
            remedy="correct the line",
        )
    return _Entity(number, name, label, pieces, quoted)


def _no_annotation(line: str, path: Path, number: int) -> DataError:
    return DataError(
        "The line is not an annotation",
        file=path,
        row=number,
        received=repr(line[:60]),
        allowed="such as: T1<tab>Disease 0 4<tab>gout",
        remedy="correct the line (tabs, not spaces, stand between its parts), or set `corpus.invalid_rows: drop` to "
        "leave the document out",
    )
