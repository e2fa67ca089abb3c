"""Character encodings: which one a file is in, and its text as a stream.

Byte-order marks (UTF-8, UTF-16, UTF-32) decide; then strict UTF-8; then whichever of GB18030 (which holds GBK and
GB2312), Big5 and UTF-16 without a mark makes the characters that text is made of (see `plausibility`). Every byte is
checked before the first row is read, in chunks, so that a bad byte is named by its place. What stays unclear is
refused, because a wrong guess reads as plausible nonsense.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

from vocation.corpus.opening import open_bytes
from vocation.corpus.plausibility import Evidence, choose
from vocation.corpus.read_errors import read_errors
from vocation.errors import DataError

Encoding = Literal["auto", "utf-8", "gb18030", "big5", "utf-16", "utf-16-le", "utf-16-be"]
Undecodable = Literal["refuse", "replace"]

_CHUNK = 1 << 20
_SAMPLE = 1 << 16
_MARKS = (  # UTF-32 stands first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CODECS = {"big5": "big5hkscs"}
"""Python's codec for an encoding, where it has another name: Big5 with the additions of ETEN and Hong Kong, which is
what files in Big5 are read as on the web."""
_TITLES = {"utf-8-sig": "UTF-8", "big5hkscs": "Big5"}
_LEGACY = ("gb18030", "big5hkscs")
_WIDE = ("utf-16-le", "utf-16-be")
_ALLOWED = "UTF-8, UTF-16, GB18030 (GBK, GB2312) or Big5"
_DAMAGE = 0.1
"""Largest share of bad bytes among those beyond ASCII in a file whose bad bytes may be replaced."""
_ASCII = re.compile(rb"[\x00-\x7f]+")
_EURO = b"\x80"
"""The euro sign in CP936, and no character in GB18030."""
_NUL = "a NUL character"


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


def detect(path: Path, encoding: Encoding = "auto", undecodable: Undecodable = "refuse") -> str:
    """The name of Python's codec that decodes the file, every byte of it checked.

    Args:
        path: the file; unpacked when it ends in .gz or .zst.
        encoding: "auto", or the one that the recipe names; a byte-order mark is honoured in either case.
        undecodable: "replace" accepts bytes that are no characters, as long as it is clear what the others are.

    Raises:
        DataError: the file cannot be read or decoded, or is not text; says at which byte and line.
    """
    with read_errors(path):
        return _detect(path, encoding, strict=undecodable == "refuse")


def open_text(
    path: Path, encoding: Encoding = "auto", newline: str | None = None, undecodable: Undecodable = "refuse"
) -> TextIO:
    """The file opened for reading as text, unpacked, without its byte-order mark. `Format.open` fills in the settings.

    Args:
        path: the file.
        encoding: as in `detect`.
        newline: as in `open`: None turns every line end into a newline, "" keeps them (for CSV cells).
        undecodable: as in `detect`; "replace" puts U+FFFD for every bad piece.

    Raises:
        DataError: as in `detect`.
    """
    codec = detect(path, encoding, undecodable)
    errors = "strict" if undecodable == "refuse" else "replace"
    with read_errors(path):
        return io.TextIOWrapper(open_bytes(path), encoding=codec, errors=errors, newline=newline)


def count_undecodable(path: Path, encoding: Encoding = "auto") -> int:
    """How many bytes of a file are no characters in its encoding.

    Raises:
        DataError: as `detect` with `undecodable="replace"`.
    """
    with read_errors(path):
        return _bad_bytes(path, _detect(path, encoding, strict=False))


def _detect(path: Path, encoding: Encoding, *, strict: bool) -> str:
    with open_bytes(path) as file:
        head = file.read(4)
    named = next((codec for mark, codec in _MARKS if head.startswith(mark)), None)
    if named is None and encoding != "auto":
        named = _CODECS.get(encoding, encoding)
    if named is not None:
        fault = _check(path, named)
        if fault.problem is not None and (strict or fault.problem == _NUL):
            raise _undecodable(path, named, fault, f"The file is not valid {_title(named)}")
        return named
    as_utf8 = _check(path, "utf-8")
    if as_utf8.problem is None:
        return "utf-8"
    if nul := _first_nul(path):
        return _wide(path, nul)
    return _legacy(path, as_utf8) if strict else _least_damaged(path)


def _legacy(path: Path, as_utf8: _Fault) -> str:
    """The codec of a file that is not UTF-8, from those of Chinese text whose every byte is valid."""
    faults = {codec: _check(path, codec) for codec in _LEGACY}
    valid = [codec for codec, fault in faults.items() if fault.problem is None]
    if not valid:
        codec, fault = max({"utf-8": as_utf8, **faults}.items(), key=lambda pair: pair[1].offset)
        raise _undecodable(path, codec, fault, "The file is neither valid UTF-8 nor valid GB18030 nor valid Big5")
    return choose(path, {codec: _evidence(path, codec) for codec in valid})


def _wide(path: Path, nul: _Fault) -> str:
    """UTF-16 without a byte-order mark, where the characters say so; NUL is in no other text."""
    valid = [codec for codec in _WIDE if _check(path, codec).problem is None]
    evidence = {codec: _evidence(path, codec) for codec in valid}
    clear = [codec for codec, found in evidence.items() if found.is_text()]
    if len(clear) != 1:
        raise _undecodable(path, "utf-8", nul, "")
    return clear[0]


def _first_nul(path: Path) -> _Fault | None:
    """Where the first NUL byte stands, if there is one."""
    offset, line = 0, 1
    for chunk in _chunks(path):
        place = chunk.find(b"\0")
        if place >= 0:
            return _Fault(offset + place, line + chunk.count(b"\n", 0, place), _NUL)
        offset, line = offset + len(chunk), line + chunk.count(b"\n")
    return None


def _least_damaged(path: Path) -> str:
    """The codec of a file with some bad bytes: UTF-8 if most beyond ASCII are good (no other text is so by chance),
    else the one that makes text of the others.
    """
    most = _DAMAGE * sum(len(_ASCII.sub(b"", chunk)) for chunk in _chunks(path))
    candidates = [codec for codec in ("utf-8", *_LEGACY) if _bad_bytes(path, codec) <= most]
    if not candidates:
        fault = _check(path, "utf-8")
        raise _undecodable(path, "utf-8", fault, "The file is far from valid UTF-8, GB18030 and Big5")
    if "utf-8" in candidates:
        return "utf-8"
    return choose(path, {codec: _evidence(path, codec) for codec in candidates}, all_valid=False)


def _chunks(path: Path) -> Iterator[bytes]:
    with open_bytes(path) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _evidence(path: Path, codec: str) -> Evidence:
    evidence = Evidence(codec)
    decoder = codecs.getincrementaldecoder(codec)(errors="ignore")
    for chunk in _chunks(path):
        for start in range(0, len(chunk), _SAMPLE):
            evidence.add(decoder.decode(chunk[start : start + _SAMPLE]))
            if evidence.is_enough():
                return evidence
    return evidence


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
            return _Fault(offset + len(text[:before].encode(codec)), line + text.count("\n", 0, before), _NUL)
        if not chunk:
            return _Fault(offset, line, None)
        left = len(decoder.getstate()[0])
        offset += len(pending) - left
        line += text.count("\n")


_bad: ContextVar[list[int]] = ContextVar("_bad")


def _count_bad(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    _bad.get().append(error.end - error.start)
    return "\ufffd", error.end


codecs.register_error("vocation.count", _count_bad)


def _bad_bytes(path: Path, codec: str) -> int:
    decoder = codecs.getincrementaldecoder(codec)(errors="vocation.count")
    total = 0
    token = _bad.set([])
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
            total += sum(_bad.get())
            _bad.get().clear()
        decoder.decode(b"", final=True)
        return total + sum(_bad.get())
    finally:
        _bad.reset(token)


def _undecodable(path: Path, codec: str, fault: _Fault, problem: str) -> DataError:
    if fault.problem == _NUL:
        return DataError(
            "The file is not text, or it is UTF-16 without a byte-order mark and unclear",
            file=path,
            row=fault.line,
            received=f"a NUL character at byte {fault.offset}",
            remedy="save it as UTF-8 text, or name its encoding, such as `encoding: utf-16-le`, for this source; "
            "a spreadsheet is read by `kind: excel`",
        )
    bad = _bytes_at(path, fault.offset)
    euro = codec == "gb18030" and bad.startswith(_EURO)
    return DataError(
        problem,
        file=path,
        row=fault.line,
        received=f"bytes {bad.hex(' ') or 'missing at the end'} at offset {fault.offset}, line {fault.line} "
        f"(as {_title(codec)}: {fault.problem}{'; 80 is the euro sign in CP936, the GBK of Windows' if euro else ''})",
        allowed=_ALLOWED,
        remedy="repair the bytes there; or convert the file from its real encoding "
        f"(iconv -f {'CP936' if euro else 'ENCODING'} -t UTF-8 FILE > NEW); "
        "or set `undecodable: replace` for this source, which puts U+FFFD there and counts it",
    )


def _bytes_at(path: Path, offset: int) -> bytes:
    """Four bytes of what is in the file, from an offset; compressed files can only be read from their start."""
    with open_bytes(path) as file:
        while offset:
            offset -= len(file.read(min(offset, _CHUNK)))
        return file.read(4)


def _title(codec: str) -> str:
    return _TITLES.get(codec, codec.upper())
