"""File formats, one module each: how the rows of a data file are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from vocation.component import Component
from vocation.records import Row

Encoding = Literal["auto", "utf-8", "gb18030"]


class Format(Component, family=True):
    """A data file, or several named by a glob, of one format."""

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
