"""Character encodings: which one a file is in, and its text as a stream.

Byte-order marks (UTF-8, UTF-16, UTF-32) decide; then strict UTF-8, then GB18030 (which holds GBK and GB2312). Every
byte is checked before the first row is read, in chunks, so that a bad byte is named by its place and nothing is
guessed. Other encodings are not guessed at, because a wrong guess reads as plausible nonsense.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from vocation.corpus.read_errors import read_errors
from vocation.errors import DataError

if TYPE_CHECKING:
    from vocation.corpus.formats import Encoding

_CHUNK = 1 << 20
_MARKS = (  # UTF-32 stands first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_EURO = b"\x80"
"""The euro sign in CP936, and no character in GB18030."""
_ASCII = re.compile("[\x00-\x7f]+")
_COMMON_SHARE = 0.2
"""Smallest share of GB2312 characters among the non-ASCII ones of a file that is taken for GB18030. Chinese in
simplified characters has about 0.99, in traditional ones about 0.5; Western text in Latin-1 that happens to be valid
GB18030 has about 0 (an accented letter and the ASCII letter behind it make a rare character)."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """The first thing that is wrong with a file in some encoding.

    Args:
        offset: of the first bad byte, from 0; the file's size when nothing is wrong with its bytes.
        line: 1-based.
        problem: None when every byte is valid.
    """

    offset: int
    line: int
    problem: str | None


def detect(path: Path, encoding: Encoding = "auto") -> str:
    """The name of Python's codec that decodes the file, every byte of it checked.

    Args:
        path: the file.
        encoding: "auto", or the one that the recipe names; a byte-order mark is honoured in either case.

    Raises:
        DataError: the file cannot be read or decoded, or is not text; says at which byte and line.
    """
    with read_errors(path):
        return _detect(path, encoding)


def _detect(path: Path, encoding: Encoding) -> str:
    marked = _mark(path)
    if marked:
        _require(path, marked, _check(path, marked))
        return marked
    if encoding != "auto":
        _require(path, encoding, _check(path, encoding))
        return encoding
    as_utf8 = _check(path, "utf-8")
    if as_utf8.problem is None:
        return "utf-8"
    as_gb18030 = _check(path, "gb18030")
    if as_gb18030.problem is None:
        _require_chinese(path)
        return "gb18030"
    codec, fault = max((("utf-8", as_utf8), ("gb18030", as_gb18030)), key=lambda pair: pair[1].offset)
    raise _undecodable(path, codec, fault, "The file is neither valid UTF-8 nor valid GB18030")


def open_text(path: Path, encoding: Encoding = "auto", newline: str | None = None) -> TextIO:
    """The file opened for reading as text, without its byte-order mark.

    Args:
        path: the file.
        encoding: as in `detect`.
        newline: as in `open`: None turns every line end into a newline, "" keeps them (for CSV cells).

    Raises:
        DataError: as in `detect`.
    """
    codec = detect(path, encoding)
    with read_errors(path):
        return path.open(encoding=codec, newline=newline)


def _mark(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(4)
    return next((codec for mark, codec in _MARKS if head.startswith(mark)), None)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _check(path: Path, codec: str) -> _Fault:
    decoder = codecs.getincrementaldecoder(codec)()
    offset, line = 0, 1  # Of the start of the bytes that the decoder has yet to turn into characters.
    chunks = _chunks(path)
    while True:
        chunk = next(chunks, b"")
        pending = decoder.getstate()[0] + chunk
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return _Fault(offset + error.start, line + pending.count(b"\n", 0, error.start), error.reason)
        if "\0" in text:
            before = text.index("\0")
            return _Fault(
                offset + len(text[:before].encode(codec)), line + text.count("\n", 0, before), "a NUL character"
            )
        if not chunk:
            return _Fault(offset, line, None)
        left = len(decoder.getstate()[0])
        offset += len(pending) - left
        line += text.count("\n")


def _require(path: Path, codec: str, fault: _Fault) -> None:
    if fault.problem is not None:
        raise _undecodable(path, codec, fault, f"The file is not valid {_title(codec)}")


def _require_chinese(path: Path) -> None:
    """Refuses a file whose bytes are valid GB18030 by chance."""
    characters, common = 0, 0
    decoder = codecs.getincrementaldecoder("gb18030")()
    for chunk in _chunks(path):
        text = _ASCII.sub("", decoder.decode(chunk))
        characters += len(text)
        common += len(text.encode("gb2312", errors="ignore")) // 2
    if common < _COMMON_SHARE * characters:
        raise DataError(
            "The file is not UTF-8, and its characters would be unlikely ones in GB18030",
            file=path,
            received=f"{characters} characters beyond ASCII, {common} of them common in Chinese",
            allowed="UTF-8, UTF-16 with a byte-order mark, or GB18030 (GBK, GB2312)",
            remedy="convert it to UTF-8 (for Western text: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW), "
            "or set `encoding: gb18030` for this source if that is what it is",
        )


def _undecodable(path: Path, codec: str, fault: _Fault, problem: str) -> DataError:
    if fault.problem == "a NUL character":
        return DataError(
            "The file is not text, or it is UTF-16 without a byte-order mark",
            file=path,
            row=fault.line,
            received=f"a NUL character at byte {fault.offset}",
            remedy="save it as UTF-8 text; a spreadsheet must be exported as CSV",
        )
    with path.open("rb") as file:
        file.seek(fault.offset)
        bad = file.read(4)
    euro = codec == "gb18030" and bad.startswith(_EURO)
    return DataError(
        problem,
        file=path,
        row=fault.line,
        received=f"bytes {bad.hex(' ') or 'missing at the end'} at offset {fault.offset}, line {fault.line} "
        f"(as {_title(codec)}: {fault.problem}{'; 80 is the euro sign in CP936, the GBK of Windows' if euro else ''})",
        allowed="UTF-8, UTF-16 with a byte-order mark, or GB18030 (GBK, GB2312)",
        remedy="repair the bytes there; or convert the file from its real encoding "
        f"(iconv -f {'CP936' if euro else 'ENCODING'} -t UTF-8 FILE > NEW); "
        f"or drop every such byte (iconv -c -f {_title(codec)} -t UTF-8 FILE > NEW)",
    )


def _title(codec: str) -> str:
    return codec.removesuffix("-sig").upper()
