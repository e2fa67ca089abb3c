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
from functools import lru_cache
from pathlib import Path
from typing import Literal, TextIO

from vocation.corpus.file_types import mistaken
from vocation.corpus.line_ends import LineEndCounter, LineEnds, count_line_ends
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
_NO_MARK = "no byte-order mark; without one, say utf-16-le or utf-16-be"
_HEAD = 8
"""Bytes that tell the type of a file."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """The first thing that is wrong with a file in some encoding.

    Args:
        offset: of the first bad byte, from 0; the file's size when nothing is wrong with its bytes.
        line: 1-based.
        problem: None when every byte is valid.
        line_ends: of the whole file, when every byte is valid.
    """

    offset: int
    line: int
    problem: str | None
    line_ends: LineEnds | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found out about a file.

    Args:
        codec: Python's name of its encoding.
        line_ends: of the whole file; None where they were not counted on the way.
    """

    codec: str
    line_ends: LineEnds | None = None


def detect(path: Path, encoding: Encoding = "auto", undecodable: Undecodable = "refuse") -> str:
    """The name of Python's codec that decodes the file, every byte of it checked.

    Args:
        path: the file; unpacked when it ends in .gz or .zst.
        encoding: "auto", or the one that the recipe names; a byte-order mark is honoured in either case.
        undecodable: "replace" accepts bytes that are no characters, as long as it is clear what the others are.

    Raises:
        DataError: the file cannot be read or decoded, or is not text; says at which byte and line.
    """
    return _remembered(path, encoding, strict=undecodable == "refuse").codec


def line_ends(path: Path, encoding: Encoding = "auto", undecodable: Undecodable = "refuse") -> LineEnds:
    """How often each line end stands in a file; mostly counted while `detect` checked its bytes.

    Raises:
        DataError: as in `detect`.
    """
    found = _remembered(path, encoding, strict=undecodable == "refuse")
    return found.line_ends or line_ends_as(path, found.codec)


def line_ends_as(path: Path, codec: str) -> LineEnds:
    """How often each line end stands in a file, decoded by one of Python's codecs.

    Raises:
        DataError: the file cannot be read.
    """
    with read_errors(path):
        return count_line_ends(_chunks(path), codec)


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
    codec = _remembered(path, encoding, strict=False).codec
    with read_errors(path):
        return _bad_bytes(path, codec)


def _remembered(path: Path, encoding: Encoding, *, strict: bool) -> _Found:
    """What `_detect` found, or finds now if the file is another than it was: a file is opened several times a run."""
    with read_errors(path):
        stat = path.stat()
        return _detect_once(path, (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns), encoding, strict)


@lru_cache(maxsize=1 << 14)
def _detect_once(path: Path, _state: tuple[int, ...], encoding: Encoding, strict: bool) -> _Found:
    return _detect(path, encoding, strict=strict)


def _detect(path: Path, encoding: Encoding, *, strict: bool) -> _Found:
    with open_bytes(path) as file:
        head = file.read(_HEAD)
    if other := mistaken(path, head, "text"):
        raise other
    named = next((codec for mark, codec in _MARKS if head.startswith(mark)), None)
    if named is not None:
        return _as_named(path, named, encoding="auto", strict=strict)
    if encoding != "auto":
        return _as_named(path, _CODECS.get(encoding, encoding), encoding=encoding, strict=strict)
    as_utf8 = _check(path, "utf-8")
    if as_utf8.problem is None:
        return _Found("utf-8", as_utf8.line_ends)
    if nul := _first_nul(path):
        return _wide(path, nul)
    return _legacy(path, as_utf8) if strict else _Found(_least_damaged(path))


def _as_named(path: Path, codec: str, *, encoding: Encoding, strict: bool) -> _Found:
    """A file in the encoding that its byte-order mark, or the recipe (`encoding`, else "auto"), names."""
    markless = codec == encoding == "utf-16"  # Python's codec then refuses the first byte.
    fault = _Fault(0, 1, _NO_MARK) if markless else _check(path, codec)
    if fault.problem is not None and (strict or fault.problem in (_NUL, _NO_MARK)):
        other = None if encoding == "auto" else _valid_in(path)
        raise _undecodable(path, codec, fault, f"The file is not valid {_title(codec)}", other)
    return _Found(codec, fault.line_ends)


def _valid_in(path: Path) -> str | None:
    """The codec that would be found if none were named, if there is one."""
    try:
        return _detect(path, "auto", strict=True).codec
    except DataError:
        return None


def _legacy(path: Path, as_utf8: _Fault) -> _Found:
    """The codec of a file that is not UTF-8, from those of Chinese text whose every byte is valid."""
    faults = {codec: _check(path, codec) for codec in _LEGACY}
    valid = [codec for codec, fault in faults.items() if fault.problem is None]
    if not valid:
        codec, fault = max({"utf-8": as_utf8, **faults}.items(), key=lambda pair: pair[1].offset)
        raise _undecodable(path, codec, fault, "The file is neither valid UTF-8 nor valid GB18030 nor valid Big5")
    chosen = choose(path, {codec: _evidence(path, codec) for codec in valid})
    return _Found(chosen, faults[chosen].line_ends)


def _wide(path: Path, nul: _Fault) -> _Found:
    """UTF-16 without a byte-order mark, where the characters say so; NUL is in no other text."""
    faults = {codec: _check(path, codec) for codec in _WIDE}
    evidence = {codec: _evidence(path, codec) for codec, fault in faults.items() if fault.problem is None}
    clear = [codec for codec, found in evidence.items() if found.is_text()]
    if len(clear) != 1:
        raise _undecodable(path, "utf-8", nul, "")
    return _Found(clear[0], faults[clear[0]].line_ends)


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
        problem = "Of the bytes beyond ASCII, too few are characters to tell the encoding"
        raise _undecodable(path, "utf-8", fault, problem, replacing=True)
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
    decoder, counter = codecs.getincrementaldecoder(codec)(), LineEndCounter()
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
        counter.add(text)
        if not chunk:
            return _Fault(offset, line, None, counter.total())
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


def _undecodable(
    path: Path, codec: str, fault: _Fault, problem: str, other: str | None = None, *, replacing: bool = False
) -> DataError:
    """The error for a file with a fault; `other` is the codec in which every byte of it is valid, and `replacing` says
    that bad bytes are to be replaced already.
    """
    if other is not None:
        return DataError(
            problem,
            file=path,
            row=fault.line,
            received=f"{fault.problem} (offset {fault.offset}, line {fault.line})",
            remedy=f"it is valid {_title(other)}: set `encoding: {_setting(other)}` for this source, or leave it out",
        )
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
        + (
            "or name the encoding that the rest is in, such as `encoding: utf-8`, for this source"
            if replacing
            else "or set `undecodable: replace` for this source, which puts U+FFFD there and counts it"
        ),
    )


def _bytes_at(path: Path, offset: int) -> bytes:
    """Four bytes of what is in the file, from an offset; compressed files can only be read from their start."""
    with open_bytes(path) as file:
        while offset:
            offset -= len(file.read(min(offset, _CHUNK)))
        return file.read(4)


def _setting(codec: str) -> str:
    """What the recipe calls a codec."""
    return next((name for name, known in _CODECS.items() if known == codec), codec)


def _title(codec: str) -> str:
    return _TITLES.get(codec, codec.upper())
