"""Arrow batches from files of others: sound, and in pieces that fit into memory however often a value is repeated.

A dictionary page lets a file of a few bytes hold a long text a million times. Its columns are therefore measured as
they lie in the dictionary, before each row gets a text of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.corpus import opening
from vocation.corpus.opening import bomb, too_long

if TYPE_CHECKING:
    import pyarrow as pa

_PIECE = 1 << 26
"""Bytes of text that are decoded at once; a longer row is decoded alone."""


def safe_batches(batches: Iterable[pa.RecordBatch], schema: pa.Schema, path: Path) -> Iterator[pa.RecordBatch]:
    """Batches of a file, checked, cut where their texts would fill the memory, and without dictionaries.

    Args:
        batches: as they are read, with dictionaries where the file has them.
        schema: the columns with the types that they are to have.
        path: the file.

    Raises:
        DataError: a text is longer than `opening.LONGEST_LINE`, or all are far more than the file holds.
        pa.ArrowInvalid: a batch is damaged.
    """
    packed, total, number = path.stat().st_size, 0, 1
    for batch in batches:
        batch.validate(full=True)  # Offsets that point anywhere would end the process.
        for piece in _pieces(batch):
            longest, size = _text_sizes(piece)
            total += size
            if longest > opening.LONGEST_LINE:
                raise too_long(path, number)
            if total > opening.HARMLESS and total > opening.LARGEST_RATIO * packed:
                raise bomb(path, total, packed)
            number += len(piece)
            yield _decoded(piece, schema)


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """A batch, in halves of halves until each is small or one row."""
    waiting = [batch]
    while waiting:
        piece = waiting.pop()
        if len(piece) <= 1 or _text_sizes(piece)[1] <= _PIECE:
            yield piece
        else:
            half = len(piece) // 2
            waiting += [piece.slice(half), piece.slice(0, half)]


def _text_sizes(batch: pa.RecordBatch) -> tuple[int, int]:
    """The size of the longest text in a batch and of all together, in bytes of UTF-8."""
    longest, total = 0, 0
    arrays: list[Any] = list(batch.columns)
    while arrays:
        array = arrays.pop()
        inner = _inside(array)
        arrays += inner
        if not inner:
            one, all_of_them = _lengths(array)
            longest, total = max(longest, one), total + all_of_them
    return longest, total


def _inside(array: Any) -> list[Any]:
    """The arrays that a nested one is made of; none for a plain one."""
    from pyarrow import types

    kind = array.type
    if types.is_struct(kind):
        return list(array.flatten())
    if types.is_map(kind):
        entries = array.offsets
        first, count = entries[0].as_py(), entries[-1].as_py() - entries[0].as_py()
        return [array.keys.slice(first, count), array.items.slice(first, count)]
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return [array.flatten()]
    return []


def _lengths(array: Any) -> tuple[int, int]:
    """Bytes of the longest text of an array and of all; nothing for arrays of other things."""
    import pyarrow.compute
    from pyarrow import types

    held = array.dictionary if types.is_dictionary(array.type) else array
    if not (types.is_string(held.type) or types.is_large_string(held.type) or types.is_binary(held.type)):
        return 0, 0
    compute: Any = pyarrow.compute
    sizes = compute.binary_length(held)
    if held is not array:
        sizes = sizes.take(array.indices)
    return compute.max(sizes).as_py() or 0, compute.sum(sizes).as_py() or 0


def _decoded(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    arrays = []
    for array, field in zip(batch.columns, schema, strict=True):
        wanted = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        try:
            arrays.append(array if array.type == wanted else array.cast(wanted))
        except pa.ArrowNotImplementedError:  # A rare type: its values are the same, only slower to read.
            arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, names=schema.names)
