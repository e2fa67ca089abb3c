"""File formats, one module each: how the rows of a data file are read, and written where the format is for that too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, TextIO

from pydantic import Field, model_validator

from vocation.component import Component
from vocation.corpus import encodings, folders
from vocation.corpus.encodings import Encoding, Undecodable
from vocation.corpus.line_ends import LineEnds
from vocation.records import Row


class Format(Component, family=True):
    """A data file, or several named by a glob or a folder, of one format.

    What a row's fields are called: `text`; `spans`, a list of mappings with `start`, `end` (code points, half open)
    and `label`; `label`; `messages`, a list of mappings with `role` (system, user, assistant or tool) and `content`;
    `context`, `question` and `answers`, a list of mappings with `text` and `start`. Formats that let their user name
    columns keep those names instead.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()
    """Endings of the files that belong to the format, in lower case with their dot: what is read of a folder. The same
    with .gz or .zst behind it, where the format reads streams."""

    binary: ClassVar[bool] = False
    """Whether its files are containers (Parquet, Excel, PDF): they have no character encoding of their own, and are
    read at random places, so that .gz and .zst are not for them."""

    cells: ClassVar[bool] = False
    """Whether its rows are those of a sheet, with a cell for each column: a line break in one may be meant, or be what
    a tool made of two rows.
    """

    def claims(self, fields: Mapping[str, Any]) -> bool:
        """Whether a row of plain JSON is one of this format that would lose by being taken as it stands: it has
        offsets, and they would no longer be known as such.
        """
        return False

    path: str = Field(
        description="File, glob, or folder (all files of the format below it), relative to the recipe. `**` descends "
        "into folders."
    )
    split: Literal["train", "validation", "test", "unlabelled"] | None = Field(
        default=None,
        description="The split that all its rows belong to. Without one, they are split as `corpus.splitting` says.",
    )
    columns: Mapping[str, str] = Field(
        default_factory=dict,
        description="Which column holds which field, as `field: column`. A field that is not named here is looked for "
        "under its own name. `group` names the column whose equal values stay on one side of a split, `time` the "
        "column of times.",
    )
    constants: Mapping[str, str] = Field(
        default_factory=dict,
        description="Fields that are the same for every row of the file, as `field: value`.",
    )
    missing: Literal["refuse", "drop", "fill"] = Field(
        default="refuse",
        description="A row without a value that the task needs (no cell, an empty one, null): refuse it as "
        "`corpus.invalid_rows` says, drop it into the ledger, or take the value from `fill`.",
    )
    fill: Mapping[str, str] = Field(
        default_factory=dict, description="With `missing: fill`: what stands for a missing value, as `field: value`."
    )
    encoding: Encoding = Field(
        default="auto",
        description="Character encoding. `auto` finds a byte-order mark, then tries UTF-8, then tells GB18030, Big5 "
        "and UTF-16 apart, and refuses what is unclear.",
    )
    undecodable: Undecodable = Field(
        default="refuse",
        description="Bytes that are no characters in the file's encoding: refuse the file, or replace them by U+FFFD "
        "and count them in the ledger.",
    )

    @model_validator(mode="after")
    def _fill_is_meant(self) -> Format:
        if (self.missing == "fill") != bool(self.fill):
            raise ValueError("`missing: fill` and `fill: {field: value}` go together")
        return self

    def open(self, path: Path, newline: str | None = None) -> TextIO:
        """One file opened for reading as text, unpacked and decoded as the settings say; `newline` as in `open`.

        Raises:
            DataError: the file cannot be read, or holds bytes that its encoding does not allow.
        """
        return encodings.open_text(path, self.encoding, newline, self.undecodable)

    def without_column(self) -> str:
        """What else can be done where a column is not found, for the end of a message; empty for nothing."""
        return ""

    def other_columns(self) -> tuple[str, ...]:
        """Names besides the task's fields that `columns` may map, because the format looks for them."""
        return ()

    def files(self, folder: Path) -> list[Path]:
        """The files below a folder that belong to the format, by name.

        Raises:
            DataError: a link leads out of the folder.
        """
        return folders.files_below(folder, self.suffixes, compressed=not self.binary)

    def companions(self, path: Path) -> tuple[Path, ...]:
        """Other files whose content the rows of a file have, such as the text that annotations are about."""
        return ()

    def decoded_as(self, path: Path) -> str:
        """What a file's characters were decoded from, for the manifest: a codec's name, or "binary".

        Raises:
            DataError: as `open`.
        """
        return "binary" if self.binary else encodings.detect(path, self.encoding, self.undecodable)

    def line_ends(self, path: Path) -> LineEnds | None:
        """How often each line end stands in a file; None for a container.

        Raises:
            DataError: as `open`.
        """
        return None if self.binary else encodings.line_ends(path, self.encoding, self.undecodable)

    def replaced(self, path: Path) -> int:
        """How many bytes of a file are replaced because they are no characters in its encoding."""
        if self.binary or self.undecodable == "refuse":
            return 0
        return encodings.count_undecodable(path, self.encoding)

    def rows(self, path: Path) -> Iterator[Row]:
        """The rows of one file, read as a stream. A row that is wrong by itself comes with its `fault`.

        Raises:
            DataError: the file is empty or not of this format, or holds bytes that its encoding does not allow.
        """
        raise NotImplementedError


class WritableFormat(Format, family=True):
    """A format that rows can also be written in; what was written reads back as the same fields."""

    tabular: ClassVar[bool] = False
    """Whether all rows of a file have the same fields, those of its first row."""

    keeps: ClassVar[frozenset[str] | None] = None
    """Names of the fields that a file has a place for; None for all. Others that a row has are not written."""

    def write(self, path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
        """Writes rows as a stream, atomically: the file is whole or absent.

        Args:
            path: the file to write; it is replaced. With .gz or .zst it is compressed, where the format reads streams.
            rows: fields by name, as `rows` gives them.

        Returns:
            How many rows there were.

        Raises:
            DataError: there is no row, or a row lacks what the format needs, or holds what it cannot keep; names the
                row, from 1.
        """
        raise NotImplementedError
