"""Offsets of other programs: UTF-16 units and bytes turned into code points, and checked against quoted text.

JavaScript, Java and Windows count UTF-16 units (a character beyond U+FFFF is two of them), C, Go and Rust often UTF-8
bytes, Python code points, as does everything in this package. An offset that points into the middle of a character, or
a span that is not what its file quotes, is an error and never rounded: a span that is wrong by one teaches a model
wrong borders.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from vocation.errors import DataError
from vocation.text import is_quoted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OffsetUnit = Literal["code_points", "utf16", "bytes"]
"""What an offset counts: Unicode code points, UTF-16 units, or bytes of UTF-8."""
_NAMES = {"code_points": "code points", "utf16": "UTF-16 units", "bytes": "bytes"}
_BEYOND_16_BITS = re.compile("[\U00010000-\U0010ffff]")
_EXCERPT = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled span as a file states it, before its offsets are understood.

    Args:
        start: offset of the first character, in the file's unit.
        end: offset behind the last character.
        label: what it is.
        quoted: the text that the file says stands there; None where it does not say.
        id: name of the span, for relations that refer to it.
    """

    start: Any
    end: Any
    label: str
    quoted: str | None = None
    id: str | None = None


def to_code_points(text: str, offsets: Sequence[int], unit: OffsetUnit) -> list[int]:
    """Offsets of another unit as offsets in code points, in time linear in the text.

    Args:
        text: what they point into.
        offsets: in `unit`, in any order.
        unit: what they count.

    Raises:
        ValueError: an offset lies outside the text or inside a character.
    """
    size = len(text)
    if _is_same(text, unit):
        for offset in offsets:
            if not 0 <= offset <= size:
                raise ValueError(f"offset {offset} lies outside a text of {size} {_NAMES[unit]}")
        return list(offsets)
    starts = _starts(text, unit)  # [len(text) + 1]
    places: NDArray[np.int64] = starts.searchsorted(offsets)
    for offset, place in zip(offsets, places, strict=True):
        if not 0 <= offset <= starts[-1]:
            raise ValueError(f"offset {offset} lies outside a text of {starts[-1]} {_NAMES[unit]}")
        if starts[place] != offset:
            raise ValueError(f"offset {offset}, counted in {_NAMES[unit]}, lies inside a character")
    return [int(place) for place in places]


def from_code_points(text: str, offsets: Sequence[int], unit: OffsetUnit) -> list[int]:
    """Offsets in code points as offsets of another unit; the inverse of `to_code_points`.

    Raises:
        IndexError: an offset lies outside the text.
    """
    if _is_same(text, unit):
        return list(offsets)
    return [int(place) for place in _starts(text, unit)[list(offsets)]]


def located(text: str, marks: Sequence[Mark], unit: OffsetUnit) -> list[dict[str, Any]]:
    """Marks as spans: mappings with `start` and `end` in code points, `label`, and `id` where the mark has one.

    Args:
        text: what the marks point into.
        marks: in any order, which is kept.
        unit: what their offsets count.

    Raises:
        DataError: a span is empty, lies outside the text, cuts a character, has no label, or is not what the file
            quotes; it has no file and row yet, see `DataError.at`.
    """
    for mark in marks:
        _check_form(mark)
    try:
        bounds = to_code_points(text, [offset for mark in marks for offset in (mark.start, mark.end)], unit)
    except ValueError as error:
        raise _outside(text, marks, unit, str(error)) from error
    spans = []
    for mark, start, end in zip(marks, bounds[::2], bounds[1::2], strict=True):
        if mark.quoted is not None and not is_quoted(text[start:end], mark.quoted):
            raise _mismatch(text, mark, unit)
        span = {"start": start, "end": end, "label": mark.label}
        spans.append(span if mark.id is None else span | {"id": mark.id})
    return spans


def fits(text: str, marks: Sequence[Mark], unit: OffsetUnit) -> bool:
    """Whether every mark, counted in the unit, lies in the text and is what the file quotes."""
    try:
        bounds = to_code_points(text, [offset for mark in marks for offset in (mark.start, mark.end)], unit)
    except ValueError:
        return False
    return all(
        mark.quoted is None or is_quoted(text[start:end], mark.quoted)
        for mark, start, end in zip(marks, bounds[::2], bounds[1::2], strict=True)
    )


def depends_on_unit(text: str) -> bool:
    """Whether code points and UTF-16 units differ in a text: it has a character beyond U+FFFF."""
    return not text.isascii() and _BEYOND_16_BITS.search(text) is not None


def _is_same(text: str, unit: OffsetUnit) -> bool:
    return unit == "code_points" or text.isascii() or (unit == "utf16" and not depends_on_unit(text))


def _starts(text: str, unit: OffsetUnit) -> NDArray[np.int64]:
    """[len(text) + 1] where each character begins, in the unit, and where the text ends."""
    import numpy as np

    codes = np.frombuffer(text.encode("utf-32-le", errors="surrogatepass"), dtype="<u4")
    widths = 1 + (codes > 0xFFFF).astype(np.int64)
    if unit == "bytes":
        widths += (codes > 0x7F).astype(np.int64) + (codes > 0x7FF)
    return np.concatenate([[0], np.cumsum(widths)])


def _check_form(mark: Mark) -> None:
    whole = all(isinstance(value, int) and not isinstance(value, bool) for value in (mark.start, mark.end))
    if not whole or not isinstance(mark.label, str) or not mark.label:
        raise DataError(
            "A span has no whole offsets or no label",
            column="spans",
            received=f"start {mark.start!r}, end {mark.end!r}, label {mark.label!r}"[:60],
            allowed="two whole numbers and a name",
            remedy="correct the span, or set `corpus.invalid_rows: drop` to leave such rows out",
        )
    if mark.start >= mark.end:
        raise DataError(
            "A span is empty",
            column="spans",
            received=f"start {mark.start}, end {mark.end} ({mark.label[:_EXCERPT]})",
            allowed="start < end",
            remedy="remove the span, or set `corpus.invalid_rows: drop` to leave such rows out",
        )


def _outside(text: str, marks: Sequence[Mark], unit: OffsetUnit, problem: str) -> DataError:
    return DataError(
        f"A span does not lie in its text: {problem}",
        column="spans",
        received=f"offsets in {_NAMES[unit]}",
        allowed=f"0 <= start < end <= {from_code_points(text, [len(text)], unit)[0]}",
        remedy=_other_unit(text, marks, unit) + "correct the offset, or set `corpus.invalid_rows: drop`",
    )


def _mismatch(text: str, mark: Mark, unit: OffsetUnit) -> DataError:
    start, end = to_code_points(text, [mark.start, mark.end], unit)
    return DataError(
        "The offsets of a span do not fit the text that the file quotes for it",
        column="spans",
        received=f"{text[start:end][:_EXCERPT]!r} at {mark.start}:{mark.end} in {_NAMES[unit]}",
        allowed=f"{(mark.quoted or '')[:_EXCERPT]!r}",
        remedy=_other_unit(text, [mark], unit) + "export the file again with the text that was annotated, or set "
        "`corpus.invalid_rows: drop` to leave such rows out",
    )


def _other_unit(text: str, marks: Sequence[Mark], unit: OffsetUnit) -> str:
    others: tuple[OffsetUnit, ...] = tuple(other for other in get_args(OffsetUnit) if other != unit)
    fitting = next((other for other in others if fits(text, marks, other)), None)
    return f"they fit when they count {_NAMES[fitting]}: set `offsets: {fitting}`; otherwise " if fitting else ""
