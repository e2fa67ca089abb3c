"""Hugging Face datasets: the folder that `save_to_disk` writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from vocation.corpus.arrow_compression import check_compression
from vocation.corpus.arrow_rows import rows_of
from vocation.corpus.file_types import mistaken_binary
from vocation.corpus.folders import require_inside
from vocation.corpus.formats import Format
from vocation.corpus.row_faults import empty
from vocation.corpus.span_form import SpanForm, SpanKeys, SpanOffsets
from vocation.errors import DataError
from vocation.records import Row

_STATE, _DICT = "state.json", "dataset_dict.json"
_FILE_MAGIC = b"ARROW1"
_LARGEST_STATE = 1 << 24


class Datasets(Format):
    """A dataset that Hugging Face `datasets` saved: name its folder, or one of its .arrow files.

    A folder with several splits needs `split`, which chooses the one of that name, or the path of one of its
    subfolders. Class labels become their names; dates and times become ISO 8601. A row's number is its place in its
    file, from 1.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".arrow",)
    binary: ClassVar[bool] = True

    span_keys: SpanKeys = Field(default_factory=dict)
    offsets: SpanOffsets = "code_points"

    def other_columns(self) -> tuple[str, ...]:
        return self._form().other_columns()

    def files(self, folder: Path) -> list[Path]:
        if (folder / _DICT).is_file():
            folder = self._part(folder)
        if not (folder / _STATE).is_file():
            return super().files(folder)
        # A folder also holds what later steps left there (cache-….arrow); the state names the dataset's own files.
        try:
            names = [str(entry["filename"]) for entry in _read_json(folder / _STATE)["_data_files"]]
        except (KeyError, TypeError) as error:
            raise _malformed(folder / _STATE) from error
        files = [folder / name for name in names]
        for file in files:
            require_inside(file, folder)
            if not file.is_file():
                raise DataError(
                    "A file of the dataset is missing",
                    file=file,
                    allowed=f"every file that {_STATE} names",
                    remedy="copy the whole folder again",
                )
        return files

    def rows(self, path: Path) -> Iterator[Row]:
        import pyarrow as pa

        with path.open("rb") as file:
            head = file.read(len(_FILE_MAGIC))
        if not head:
            raise empty(path, "an Arrow file")
        if other := mistaken_binary(path, "an Arrow file"):
            raise other
        check_compression(path)
        try:
            with pa.OSFile(str(path), "rb") as source:
                reader: Any
                if head == _FILE_MAGIC:
                    reader = pa.ipc.open_file(source)
                    batches: Iterator[pa.RecordBatch] = (reader.get_batch(n) for n in range(reader.num_record_batches))
                else:
                    reader = pa.ipc.open_stream(source)
                    batches = iter(reader)
                found = False
                for row in self._form().rows(rows_of(batches, reader.schema, path), path):
                    found = True
                    yield row
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise DataError(
                "The Arrow file is damaged or cut off, or is no Arrow file",
                file=path,
                received=str(error)[:120],
                remedy="save the dataset again, or copy it again from where it came",
            ) from error
        if not found:
            raise empty(path, "a table with at least one row", found="a table without rows")

    def _form(self) -> SpanForm:
        return SpanForm(self.span_keys, self.offsets, self.columns)

    def _part(self, folder: Path) -> Path:
        """The folder of the split that is meant, in one with several."""
        try:
            names = [str(name) for name in _read_json(folder / _DICT)["splits"]]
        except (KeyError, TypeError) as error:
            raise _malformed(folder / _DICT) from error
        name = self.split if self.split in names else names[0] if len(names) == 1 else None
        if name is None:
            raise DataError(
                "The dataset has several splits, and it is not said which is meant",
                file=folder,
                received=", ".join(names),
                remedy=f"give `split`, or the path of one, such as `{self.path.rstrip('/')}/{(names or ['train'])[0]}`",
            )
        require_inside(folder / name, folder)
        return folder / name


def _read_json(path: Path) -> Any:
    if path.stat().st_size > _LARGEST_STATE:
        raise _malformed(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise _malformed(path) from error


def _malformed(path: Path) -> DataError:
    return DataError(
        "The file is not as `datasets` writes it",
        file=path,
        remedy="save the dataset again with `save_to_disk`, or name its .arrow files",
    )
