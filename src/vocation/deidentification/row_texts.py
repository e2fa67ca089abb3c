"""The texts inside a row of any format, and the row with new texts in their places.

A text with `spans` beside it, and a `context` with `answers`, keep their offsets: the spans move with the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vocation.errors import DataError
from vocation.text import Span, Text

Place = tuple[str | int, ...]
"""Where a text stands in a row: names of fields and places in lists, outermost first."""

_SHORTEST_NUMBER = 7  # Digits; a shorter whole number is an amount or an age, not an identifier.
_LISTED = 3  # Parts of a span that is written as [start, end, label].
_OFFSETS = {"text": "spans", "context": "answers"}
_NOT_TEXT = frozenset(("role", "spans", "answers"))


def texts_of(fields: Mapping[str, Any], columns: Sequence[str] = ()) -> list[tuple[Place, Text]]:
    """The texts of a row, in order.

    Strings at any depth, and whole numbers of seven digits or more, which may be telephone or account numbers.

    Args:
        fields: the row, as a format reads it.
        columns: its fields to look into; all where there are none.

    Raises:
        DataError: spans or answers do not lie in their text.
    """
    found: list[tuple[Place, Text]] = []
    for name, value in fields.items():
        if columns and name not in columns:
            continue
        beside = fields.get(_OFFSETS[name]) if name in _OFFSETS else None
        if isinstance(value, str) and isinstance(beside, list):
            found.append(((name,), _spanned(value, beside, _OFFSETS[name])))
        elif not (name in _NOT_TEXT and not isinstance(value, str)):
            found += _inside((name,), value)
    return found


def with_texts(fields: Mapping[str, Any], new: Mapping[Place, Text]) -> dict[str, Any]:
    """The row with new texts at their places.

    A label that a removed identifier took away is left out of `spans`; so is an answer.
    """
    changed = {name: _replaced((name,), value, new) for name, value in fields.items()}
    for name, beside in _OFFSETS.items():
        text = new.get((name,))
        if text is not None and isinstance(fields.get(beside), list):
            changed[beside] = [_moved(span, fields[beside], text) for span in text.spans]
    return changed


def _inside(place: Place, value: Any) -> Iterator[tuple[Place, Text]]:
    if isinstance(value, str):
        yield place, Text(value)
    elif isinstance(value, bool):
        return
    elif isinstance(value, int) and len(str(abs(value))) >= _SHORTEST_NUMBER:
        yield place, Text(str(value))
    elif isinstance(value, Mapping):
        for name, part in value.items():
            if name not in _NOT_TEXT:
                yield from _inside((*place, name), part)
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value):
            yield from _inside((*place, number), part)


def _replaced(place: Place, value: Any, new: Mapping[Place, Text]) -> Any:
    if place in new:
        content = new[place].content
        return value if isinstance(value, int) and content == str(value) else content
    if isinstance(value, Mapping):
        return {name: _replaced((*place, name), part, new) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced((*place, number), part, new) for number, part in enumerate(value)]
    return value


def _spanned(content: str, beside: Sequence[Any], name: str) -> Text:
    """A text whose spans are labelled by their place in the list, so that the list can be made again."""
    try:
        return Text(content, tuple(_span(entry, str(number)) for number, entry in enumerate(beside)))
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"An entry of {name!r} does not lie in its text",
            column=name,
            received=str(error)[:60],
            allowed="[start, end, label], or a mapping with start and end (or text), inside the text, in code points",
            remedy="correct the offsets, say which keys the file has with `span_keys`, or name the columns to look "
            "into with --columns",
        ) from error


def _span(entry: Any, label: str) -> Span:
    if isinstance(entry, list | tuple) and len(entry) == _LISTED:
        return Span(int(entry[0]), int(entry[1]), label)
    if not isinstance(entry, Mapping) or "start" not in entry or not {"end", "text"} & entry.keys():
        found = f"a mapping with {', '.join(map(str, entry))}" if isinstance(entry, Mapping) else repr(entry)
        raise ValueError(found)
    start = int(entry["start"])
    return Span(start, int(entry["end"]) if "end" in entry else start + len(entry["text"]), label)


def _moved(span: Span, before: Sequence[Any], text: Text) -> Any:
    """An entry with the place of the span, in the form that it had."""
    entry = before[int(span.label)]
    if not isinstance(entry, Mapping):
        return [span.start, span.end, *entry[2:]]
    moved = dict(entry) | {"start": span.start}
    if "end" in moved:
        moved["end"] = span.end
    if "text" in moved:
        moved["text"] = text.content[span.start : span.end]
    return moved
