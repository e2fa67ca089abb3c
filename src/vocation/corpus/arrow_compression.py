"""Compressed Arrow files: refused before they are unpacked, where they state more than is safe.

Arrow makes room for what a compressed buffer says it will hold before it unpacks it, so that some bytes can ask for all
the memory there is. What each buffer says stands in its first 8 bytes; where the buffers are, in the metadata of their
message: the tables `Message`, `RecordBatch` and `Footer` of the Arrow columnar format (Message.fbs, File.fbs), kept as
FlatBuffers. Only what is needed is read of them, and never a message's body.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from vocation.corpus import opening
from vocation.errors import DataError

_MAGIC = b"ARROW1"
_FOOTER_END = 4 + len(_MAGIC)
_CONTINUATION = 0xFFFFFFFF
_PREFIX, _OLD_PREFIX = 8, 4
_DICTIONARY_BATCH, _RECORD_BATCH = 2, 3
_BLOCK = 24
_NOT_PACKED = -1


def check_compression(path: Path) -> None:
    """Refuses an Arrow file or stream whose compressed buffers state far more bytes than the file has.

    Raises:
        DataError: they do, or the metadata is damaged.
        OSError: the file cannot be read.
    """
    packed = path.stat().st_size
    with path.open("rb") as file:
        try:
            total = 0
            for size in _stated_sizes(file, packed):
                total += size
                if total > opening.HARMLESS and total > opening.LARGEST_RATIO * packed:
                    raise opening.bomb(path, total, packed)
        except (struct.error, ValueError) as error:
            raise DataError(
                "The Arrow file is damaged or cut off, or is no Arrow file",
                file=path,
                received=f"{packed} bytes ({str(error)[:60]})",
                remedy="save the dataset again, or copy it again from where it came; without compression if it has any",
            ) from error


def _stated_sizes(file: BinaryIO, size: int) -> Iterator[int]:
    """What each compressed buffer of a file says it holds unpacked, in bytes."""
    head = file.read(len(_MAGIC))
    for start in _blocks(file, size) if head == _MAGIC else _sequence(file, size):
        message, body = _message(file, start, size)
        for offset, length in _packed_buffers(message):
            if length:
                (stated,) = struct.unpack("<q", _bytes(file, body + offset, 8, size))
                if stated < _NOT_PACKED:
                    raise ValueError("a buffer of a negative size")
                yield max(stated, 0)


def _sequence(file: BinaryIO, size: int) -> Iterator[int]:
    """Where each message of a stream begins."""
    start = 0
    while start < size:
        length, prefix = _metadata_length(file, start, size)
        if not length:
            return
        yield start
        message = _Table.root(_bytes(file, start + prefix, length, size))
        start += prefix + length + message.number(3, "<q")  # Message.bodyLength


def _blocks(file: BinaryIO, size: int) -> list[int]:
    """Where the messages that an Arrow file's footer names begin: those are what is read of it."""
    length, magic = struct.unpack("<i6s", _bytes(file, size - _FOOTER_END, _FOOTER_END, size))
    if magic != _MAGIC:
        raise ValueError("no end mark")
    footer = _Table.root(_bytes(file, size - _FOOTER_END - length, length, size))
    return [
        struct.unpack_from("<q", footer.data, place)[0]
        for field in (2, 3)  # Footer.dictionaries and Footer.recordBatches
        for place in footer.vector(field, _BLOCK)
    ]


def _message(file: BinaryIO, start: int, size: int) -> tuple[_Table, int]:
    """The metadata of a message, and where its body begins."""
    length, prefix = _metadata_length(file, start, size)
    return _Table.root(_bytes(file, start + prefix, length, size)), start + prefix + length


def _metadata_length(file: BinaryIO, start: int, size: int) -> tuple[int, int]:
    """The length of a message's metadata, and that of what says so: 8 bytes, or 4 before Arrow 0.15."""
    (first,) = struct.unpack("<I", _bytes(file, start, _OLD_PREFIX, size))
    if first != _CONTINUATION:
        return first, _OLD_PREFIX
    return struct.unpack("<I", _bytes(file, start + _OLD_PREFIX, 4, size))[0], _PREFIX


def _packed_buffers(message: _Table) -> Iterator[tuple[int, int]]:
    """Offset in the body and length of the buffers of a message, if they are compressed."""
    kind = message.number(1, "<B")  # Message.header's type
    batch = message.table(2) if kind in (_DICTIONARY_BATCH, _RECORD_BATCH) else None
    if batch and kind == _DICTIONARY_BATCH:
        batch = batch.table(1)  # DictionaryBatch.data
    if batch and batch.field(3):  # RecordBatch.compression
        for place in batch.vector(2, 16):  # RecordBatch.buffers
            yield struct.unpack_from("<qq", batch.data, place)


def _bytes(file: BinaryIO, start: int, length: int, size: int) -> bytes:
    """Some bytes of a file of `size`.

    Raises:
        ValueError: they lie outside it.
    """
    if start < 0 or length < 0 or start + length > size:
        raise ValueError("it points beyond its end")
    file.seek(start)
    return file.read(length)


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of FlatBuffers.

    Args:
        data: of the whole buffer.
        place: where the table begins in it.
    """

    data: bytes
    place: int

    @classmethod
    def root(cls, data: bytes) -> _Table:
        """The table that a buffer is about."""
        return cls(data, struct.unpack_from("<I", data)[0])

    def field(self, number: int) -> int:
        """Where a field stands; 0 if the table has none."""
        vtable = self.place - struct.unpack_from("<i", self.data, self.place)[0]
        if vtable < 0:
            raise ValueError("a table beyond its buffer")
        entry = 4 + 2 * number
        if entry + 2 > struct.unpack_from("<H", self.data, vtable)[0]:
            return 0
        offset: int = struct.unpack_from("<H", self.data, vtable + entry)[0]
        return self.place + offset if offset else 0

    def number(self, field: int, form: str) -> int:
        """A number; 0 if the table has none."""
        place = self.field(field)
        value: int = struct.unpack_from(form, self.data, place)[0] if place else 0
        if value < 0:
            raise ValueError("a negative length")
        return value

    def table(self, field: int) -> _Table | None:
        """A table within the table."""
        place = self.field(field)
        return _Table(self.data, place + struct.unpack_from("<I", self.data, place)[0]) if place else None

    def vector(self, field: int, width: int) -> range:
        """Where the elements of a vector begin, each of `width` bytes."""
        place = self.field(field)
        if not place:
            return range(0)
        start = place + struct.unpack_from("<I", self.data, place)[0]
        count = struct.unpack_from("<I", self.data, start)[0]
        if start + 4 + count * width > len(self.data):
            raise ValueError("a vector beyond its buffer")
        return range(start + 4, start + 4 + count * width, width)
