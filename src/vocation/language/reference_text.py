"""Files of good text that other text is compared with."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vocation.errors import DataError

Encoding = Literal["utf-8", "gb18030", "utf-16"]

SMALLEST = 30_000
"""Bytes of UTF-8, white space counted once, from which on a tenth of a text says what to expect of others."""
_LARGEST = 1 << 28
_REMEDY = "correct `reference`; relative paths start at the recipe's folder"


@dataclass(frozen=True, slots=True)
class Reference:
    """What stands in the files.

    Args:
        texts: of each file.
        sha256: of the content of all, in hexadecimal digits.
    """

    texts: tuple[str, ...]
    sha256: str


def read_reference(paths: Sequence[Path], encoding: Encoding) -> Reference:
    """Reads the files.

    Args:
        paths: plain text.
        encoding: of all of them.

    Raises:
        DataError: a file cannot be read, is in another encoding, no text, too small, or too large.
    """
    texts, digest = [], hashlib.sha256()
    for path in paths:
        data = _bytes(path)
        digest.update(hashlib.sha256(data).digest())
        texts.append(_text(data, path, encoding))
    return Reference(tuple(texts), digest.hexdigest())


def _bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise DataError("The reference is no file", file=path, allowed="a plain text file", remedy=_REMEDY)
        if (size := status.st_size) > _LARGEST:
            raise DataError(
                "The reference is too large",
                file=path,
                received=f"{size:,} bytes",
                allowed=f"{_LARGEST:,} bytes at most",
                remedy="give a part of it: no more than a million characters are used",
            )
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            f"The reference cannot be read: {error.strerror or error}", file=path, remedy=_REMEDY
        ) from error


def _text(data: bytes, path: Path, encoding: Encoding) -> str:
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        raise DataError(
            f"The reference is not in {encoding.upper()}",
            file=path,
            received=f"byte {error.start}",
            allowed="plain text, of which `encoding` says utf-8, gb18030 or utf-16",
            remedy="set `encoding` to what the file is in, or save the file as UTF-8",
        ) from error
    if "\0" in text:
        raise DataError(
            "The reference is no plain text",
            file=path,
            received=f"a zero byte at character {text.index(chr(0))}",
            remedy="save its text as a plain text file, or set `encoding` to what the file is in",
        )
    size = len(" ".join(text.split()).encode(errors="surrogatepass"))
    if size < SMALLEST:
        raise DataError(
            "The reference is too small to say what a good text is like",
            file=path,
            received=f"{size:,} bytes of text",
            allowed=f"{SMALLEST:,} bytes or more, better a million",
            remedy="add more good texts to it, or put several small files of one language into one",
        )
    return text
