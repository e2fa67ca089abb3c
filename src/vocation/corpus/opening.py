"""Doors of data files: bytes through .gz and .zst, long lines refused, and files that are written whole or not at all.

What comes from outside may be cut off, damaged, or made to fill the memory; each of these is a `DataError` here, so
that a format reads from a door as from a plain file.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, TextIO, cast

from vocation.corpus.read_errors import read_errors
from vocation.errors import ArtifactError, DataError
from vocation.whole_files import written_beside

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

COMPRESSIONS = (".gz", ".zst")
"""Endings of compressed files that are read and written as the files inside them."""
LONGEST_LINE = 1 << 26
"""Characters of one line, cell or JSON value; what is longer was not meant as one row."""
LARGEST_RATIO = 250
"""A file that unpacks to more than so many times its size was made to do harm: text packs to a fifth or a tenth,
tables of the same words over and over to a hundredth, DEFLATE at most to 1/1032."""
HARMLESS = 1 << 26
"""Bytes that may be unpacked whatever the ratio: a small file of blanks is no bomb."""
LARGEST_STREAM = 1 << 38
"""Bytes that one compressed stream may hold (256 GiB)."""
LARGEST_CONTAINER = 1 << 30
"""Bytes that a container which is read into memory (.xlsx, .docx) may hold unpacked (1 GiB)."""
_CHUNK = 1 << 20


def content_suffix(path: Path) -> str:
    """The ending that says what is in a file, in lower case: ".csv" of "Rows.CSV" and of "rows.csv.gz"."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if suffixes and suffixes[-1] in COMPRESSIONS:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


_opened: ContextVar[list[BinaryIO] | None] = ContextVar("_opened", default=None)


@contextmanager
def watched() -> Iterator[Callable[[], int]]:
    """Gives what tells how many bytes have been read of the file that was opened last, as it lies on the disk."""
    files: list[BinaryIO] = []
    token = _opened.set(files)

    def position() -> int:
        return files[-1].tell() if files and not files[-1].closed else 0

    try:
        yield position
    finally:
        _opened.reset(token)


def open_bytes(path: Path) -> BinaryIO:
    """The file opened for reading, unpacked when it ends in .gz or .zst.

    Reading raises DataError when the compressed stream is damaged, ends too early, or unpacks to more than is safe.

    Raises:
        DataError: the file cannot be opened.
    """
    with read_errors(path):
        file = path.open("rb")
    if (files := _opened.get()) is not None:
        files.append(file)
    if path.suffix.lower() not in COMPRESSIONS:
        return file
    return cast("BinaryIO", io.BufferedReader(_Unpacked(path, file), _CHUNK))


class _Unpacked(io.RawIOBase):
    """A compressed file as a stream of what is in it, with limits on its size."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file
        self._size, self._packed = 0, path.stat().st_size
        self._stream = _unpacking(path, file)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data: bytes = self._stream.read(len(view))
        except (EOFError, zlib.error, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # The disk's fault, not the file's.
            raise self._damaged(error) from error
        self._size += len(data)
        if self._size > LARGEST_STREAM or (self._size > HARMLESS and self._size > LARGEST_RATIO * self._packed):
            raise bomb(self._path, self._size, self._packed)
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._file.close()
        super().close()

    def _damaged(self, error: Exception) -> DataError:
        return DataError(
            "The compressed file is damaged or cut off",
            file=self._path,
            received=f"{self._packed} bytes, of which {self._size} could be unpacked ({str(error)[:60]})",
            allowed=f"a whole {self._path.suffix.lower()} file",
            remedy="copy or download it again",
        )


def _unpacking(path: Path, file: BinaryIO) -> Any:
    if path.suffix.lower() == ".gz":
        return gzip.GzipFile(fileobj=file)
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(cast("io.IOBase", file)), "zstd")


def bomb(path: Path, size: int, packed: int) -> DataError:
    """The error for a file that unpacks to more than is safe."""
    return DataError(
        "The file unpacks to far more than it holds, as files that are made to do harm",
        file=path,
        received=f"{packed} bytes that unpack to {size} or more",
        allowed=f"{LARGEST_RATIO} times its own size, and less than {LARGEST_STREAM >> 30} GiB "
        f"(for Office files: {LARGEST_CONTAINER >> 30} GiB)",
        remedy="unpack it elsewhere and look at it; a file that is truly like this can be given unpacked or in parts",
    )


def check_container(path: Path) -> None:
    """Unpacks every member of a ZIP container (.xlsx, .docx) once and throws it away, within safe sizes.

    The sizes that a container states of itself are not believed.

    Raises:
        DataError: it is no whole ZIP file, or unpacks to more than is safe.
    """
    with read_errors(path):
        size, packed = 0, path.stat().st_size
        try:
            with zipfile.ZipFile(path) as container:
                for member in container.infolist():
                    with container.open(member) as file:
                        while chunk := file.read(_CHUNK):
                            size += len(chunk)
                            if size > LARGEST_CONTAINER or (size > HARMLESS and size > LARGEST_RATIO * packed):
                                raise bomb(path, size, packed)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
            raise DataError(
                "The file is damaged, cut off, encrypted, or not of the format that its ending says",
                file=path,
                received=f"{packed} bytes that are no whole ZIP container ({str(error)[:60]})",
                remedy="open it in the program that made it and save it again, without a password",
            ) from error


def lines(file: TextIO, path: Path) -> Iterator[tuple[int, str]]:
    """The lines of an open file with their numbers from 1, each with its line end.

    Raises:
        DataError: a line is longer than `LONGEST_LINE`; it never stands in memory whole.
    """
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise too_long(path, number)
        yield number, line


def too_long(path: Path, number: int) -> DataError:
    """The error for a line, cell or value that is longer than `LONGEST_LINE`."""
    return DataError(
        "The row is too long to be one row",
        file=path,
        row=number,
        received=f"more than {LONGEST_LINE} characters",
        remedy="check that the file is of this format, that its lines end where rows end, and that quotes are closed; "
        "divide a text that is truly so long",
    )


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text file that appears under its name only when the block has ended well; see `writing_bytes`.

    Line ends are written as they are given. Half of a surrogate pair raises UnicodeEncodeError.
    """
    with writing_bytes(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        try:
            yield text
        finally:
            text.detach()


@contextmanager
def writing_bytes(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name only when the block has ended well: written beside it, synced, renamed.

    What stood under the name is replaced. A name that ends in .gz or .zst is compressed.

    Raises:
        ArtifactError: the file cannot be written.
    """
    try:
        with written_beside(path) as temporary, temporary.open("wb") as plain, _packing(path, plain) as file:
            yield cast("BinaryIO", file)
    except OSError as error:
        raise ArtifactError(
            f"{path} cannot be written: {error.strerror or error}\n"
            "  what to do: check that the folder is there, may be written to and has space left"
        ) from error


def _packing(path: Path, file: IO[bytes]) -> Any:
    suffix = path.suffix.lower()
    if suffix == ".gz":
        return gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0)  # Equal rows make equal bytes.
    if suffix == ".zst":
        import pyarrow as pa

        return pa.CompressedOutputStream(pa.PythonFile(cast("io.IOBase", file)), "zstd")
    return file
