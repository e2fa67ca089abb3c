"""File formats, one module each: how the rows of a data file are read, and written where the format is for that too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from vocation.component import Component
from vocation.records import Row

Encoding = Literal["auto", "utf-8", "gb18030"]


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

    path: str = Field(description="File or glob, relative to the recipe. `**` descends into folders.")
    split: Literal["train", "validation", "test", "unlabelled"] | None = Field(
        default=None,
        description="The split that all its rows belong to. Without one, they are split as `corpus.splitting` says.",
    )
    columns: Mapping[str, str] = Field(
        default_factory=dict,
        description="Which column holds which field, as `field: column`. A field that is not named here is looked for "
        "under its own name. `group` names the column whose equal values stay on one side of a split.",
    )
    constants: Mapping[str, str] = Field(
        default_factory=dict,
        description="Fields that are the same for every row of the file, as `field: value`.",
    )
    encoding: Encoding = Field(
        default="auto",
        description="Character encoding. `auto` finds a byte-order mark, then tries UTF-8, then GB18030.",
    )

    def rows(self, path: Path) -> Iterator[Row]:
        """The rows of one file, read as a stream. A row that is wrong by itself comes with its `fault`.

        Raises:
            DataError: the file is empty or not of this format, or holds bytes that its encoding does not allow.
        """
        raise NotImplementedError


class WritableFormat(Format, family=True):
    """A format that rows can also be written in; what was written reads back as the same fields."""

    def write(self, path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
        """Writes rows as a stream, atomically: the file is whole or absent.

        Args:
            path: the file to write; it is replaced. With .gz or .zst it is compressed, where the format reads streams.
            rows: fields by name, as `rows` gives them.

        Returns:
            How many rows there were.

        Raises:
            DataError: a row lacks what the format needs, or holds what it cannot keep; names the row, from 1.
        """
        raise NotImplementedError
