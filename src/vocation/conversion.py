"""One data file turned into another format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import ValidationError

from vocation.corpus.finding import find_files
from vocation.corpus.format_choice import format_of, require_free
from vocation.corpus.formats import Format, WritableFormat
from vocation.corpus.opening import content_suffix
from vocation.corpus.read_errors import read_errors
from vocation.corpus.reading import InvalidRows
from vocation.corpus.reading_bar import reading_bar
from vocation.corpus.span_form import check_spans
from vocation.errors import DataError, RecipeError, did_you_mean
from vocation.progress import SILENT, Progress
from vocation.records import Row

_MEANINGLESS = {"kind", "path", "missing", "fill"}
"""Settings of a source in a recipe that say nothing here: no task asks for fields, and the paths are given."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What is to be converted, and how.

    Args:
        source: a file, or a folder of files of the format.
        target: the file to write.
        source_kind: the format of the source; None to tell it by its ending.
        target_kind: the same of the target.
        settings: settings of the formats, as "field=value" with YAML values. `from.` or `to.` before the field says
            whose it is; without, it is the one's that has it, the source's if both do.
        invalid_rows: "refuse" or "drop": whether a row that cannot be used stops the conversion, or is left out and
            counted.
        overwrite: whether a target that is there already is replaced.
    """

    source: Path
    target: Path
    source_kind: str | None = None
    target_kind: str | None = None
    settings: Sequence[str] = ()
    invalid_rows: str = "refuse"
    overwrite: bool = False

    def run(self, progress: Progress = SILENT) -> Converted:
        """Reads the source with one format and writes the target with the other, as a stream; whole or not at all.

        `columns` and `constants` of the source are applied: a column gets the name of its field.

        Raises:
            RecipeError: a format or a setting is not known, or the ending of a file leaves its format open.
            DataError: the source cannot be read, or has a row that cannot be used or that the target cannot keep.
            ArtifactError: the target is there already, or cannot be written.
        """
        if self.invalid_rows not in get_args(InvalidRows):
            raise RecipeError(f"--invalid-rows {self.invalid_rows}\n  allowed: {', '.join(get_args(InvalidRows))}")
        source, target = _formats(self)
        require_free(self.source, self.target, overwrite=self.overwrite)
        files = find_files(source, Path(), "the source")
        reader = _Reader(source, files, progress, drop=self.invalid_rows == "drop")
        rows: Iterator[Mapping[str, Any]] = reader.rows("converting")
        if target.tabular:  # One more reading, to know all columns before the first row is written.
            names = dict.fromkeys(name for row in reader.rows("reading the columns") for name in row)
            reader.dropped = 0
            rows = ({name: row.get(name) for name in names} for row in rows)
        lost = dict[str, None]()
        count = target.write(self.target, _noted(rows, target.keeps, lost))
        replaced = sum(source.replaced(file) for file in files)
        kinds = _title(source, self.source), _title(target, self.target)
        return Converted(self.target, count, reader.dropped, replaced, *kinds, tuple(lost))


@dataclass(frozen=True, slots=True)
class Converted:
    """What came of a conversion.

    Args:
        target: the file that was written.
        rows: how many were written.
        dropped: how many were left out because they could not be used.
        replaced: how many undecodable bytes were replaced.
        source_kind: the format that was read; the ending of the file, such as tsv, where it is one of several that
            belong to the format beside its name.
        target_kind: the same of the format that was written.
        lost: fields that the format has no place for.
    """

    target: Path
    rows: int
    dropped: int
    replaced: int
    source_kind: str
    target_kind: str
    lost: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The same in words."""
        text = f"Wrote {self.rows:,} rows to {self.target}, from {self.source_kind} to {self.target_kind}"
        text += f"; left out {self.dropped:,} rows that cannot be used" if self.dropped else ""
        text += f"; left out the fields {', '.join(self.lost)}, for which there is no place in it" if self.lost else ""
        return text + (f"; replaced {self.replaced:,} undecodable bytes" if self.replaced else "") + "."


class _Reader:
    """The rows of some files with their fields renamed; counts those that are left out.

    Args:
        source: the format of the files.
        files: where they lie.
        progress: shows how far it is.
        drop: whether a faulty row is left out.
    """

    def __init__(self, source: Format, files: Sequence[Path], progress: Progress, *, drop: bool) -> None:
        self._source, self._files, self._progress, self._drop = source, files, progress, drop
        self.dropped = 0

    def rows(self, description: str) -> Iterator[dict[str, Any]]:
        """The fields of all rows that can be used, under a bar of this description."""
        with reading_bar(self._progress, description, self._files) as bar:
            for file in self._files:
                with read_errors(file), bar.file(file):
                    for row in self._source.rows(file):
                        bar.row()
                        try:
                            yield self._sound(row, file)
                        except DataError:
                            if not self._drop:
                                raise
                            self.dropped += 1

    def _sound(self, row: Row, file: Path) -> dict[str, Any]:
        """The fields of a row, whose spans are sound: the target may be read by a task that takes them as they are."""
        fields = self._fields(row, file)
        try:
            check_spans(fields)
        except DataError as fault:
            raise fault.at(file, row.number) from fault
        return fields

    def _fields(self, row: Row, file: Path) -> dict[str, Any]:
        if row.fault:
            raise row.fault
        fields = {field: column for field, column in self._source.columns.items() if field != column}
        for field, column in fields.items():
            if column not in row.fields:
                raise DataError(
                    f"There is no column {column!r}.{did_you_mean(column, map(str, row.fields))}",
                    file=file,
                    row=row.number,
                    received=f"columns {', '.join(map(str, row.fields))}"[:200],
                    remedy=f"correct `--set columns.{field}={column}`",
                )
        renamed = {column: field for field, column in fields.items()}
        return {renamed.get(name, name): value for name, value in row.fields.items()} | dict(self._source.constants)


def _noted(
    rows: Iterator[Mapping[str, Any]], keeps: frozenset[str] | None, lost: dict[str, None]
) -> Iterator[Mapping[str, Any]]:
    """The rows as they are; the names of fields that will not be kept go into `lost`, in their order."""
    for row in rows:
        if keeps is not None:
            lost.update(dict.fromkeys(name for name in row if name not in keeps))
        yield row


def _formats(conversion: Conversion) -> tuple[Format, WritableFormat]:
    """The two formats with their settings."""
    source = format_of(conversion.source, Format, conversion.source_kind, "--from")
    target = format_of(conversion.target, WritableFormat, conversion.target_kind, "--to")
    given: dict[str, dict[str, Any]] = {"from": {}, "to": {}}
    own = set(target.model_fields) - set(Format.model_fields) - _MEANINGLESS
    allowed = {"from": set(source.model_fields) - _MEANINGLESS, "to": own}
    for assignment in conversion.settings:
        side, trail, value = _setting(assignment, allowed)
        place = given[side]
        for part in trail[:-1]:
            place = place.setdefault(part, {})
        place[trail[-1]] = value
    reader = _validated(source, {**given["from"], "path": str(conversion.source)})
    writer = _validated(target, {**given["to"], "path": str(conversion.target)})
    assert isinstance(writer, WritableFormat)
    return reader, writer


def _title(format_: Format, path: Path) -> str:
    """The name of a format; for one that is named for its first ending, the ending that the file has: csv or tsv."""
    suffix, known = content_suffix(path), format_.suffixes
    return suffix[1:] if suffix in known and known[0] == f".{format_.kind}" else format_.kind


def _setting(assignment: str, allowed: Mapping[str, set[str]]) -> tuple[str, list[str], Any]:
    """Whose setting an assignment is ("from" or "to"), where it stands, and its value."""
    name, separator, value = assignment.partition("=")
    trail = name.strip().split(".")
    side = trail.pop(0) if trail[0] in allowed and len(trail) > 1 else None
    if side is None:
        side = next((side for side in ("from", "to") if trail[0] in allowed[side]), None)
    if not separator or side is None or trail[0] not in allowed[side]:
        known = sorted(allowed["from"] | allowed["to"])
        raise RecipeError(
            f"--set {assignment}: this is not a setting of these formats.{did_you_mean(trail[0], known)}\n"
            f"  allowed: {', '.join(known)}, as --set delimiter=';' or --set to.delimiter=';'"
        )
    try:
        plain = not value.strip() or (len(value) == 1 and not value.isalnum())  # `|` and `>` have a meaning in YAML.
        return side, trail, value if plain else yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise RecipeError(f"--set {assignment}: the value is not YAML: {error}") from error


def _validated(kind: type[Format], settings: Mapping[str, Any]) -> Format:
    try:
        return kind.model_validate(settings)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RecipeError(f"--set {place}: {first['msg']}\n  received: {first['input']!r}"[:400]) from None
