"""Spans as files write them: under names of their own, counting what they count, or as JSON in the cell of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from json import JSONDecodeError
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from vocation.corpus.json_values import decode
from vocation.corpus.offsets import Mark, OffsetUnit, located
from vocation.errors import DataError
from vocation.records import Row

SpanOffsets = Annotated[
    Literal["code_points", "utf16", "bytes", "tokens"],
    Field(
        description="What the starts and ends of spans count. With `tokens`, they count the tokens of the row, a list "
        "in the column `tokens` (or the one that `columns` names), whose order in the text gives their places; the "
        "end is the first token that is not in the span."
    ),
]
"""The setting `offsets` of formats that let their user name columns."""
SpanKeys = Annotated[
    Mapping[Literal["start", "end", "label", "text"], str],
    Field(
        description="What the file calls the parts of a span, as `part: key`, such as `{label: entity_type}`. `text` "
        "is the text of the span, which is compared with what stands there."
    ),
]
"""The setting `span_keys` of the same formats."""
TEXT, SPANS, TOKENS = "text", "spans", "tokens"
_PARTS = ("start", "end", "label")
_DROP = "or set `corpus.invalid_rows: drop` to leave such rows out"


@dataclass(frozen=True, slots=True)
class SpanForm:
    """How a file writes spans.

    Args:
        keys: the setting `span_keys`.
        offsets: the setting `offsets`.
        columns: the source's `columns`, which say where the text, the spans and the tokens are.
    """

    keys: Mapping[Any, str]
    offsets: Literal["code_points", "utf16", "bytes", "tokens"]
    columns: Mapping[str, str]

    def other_columns(self) -> tuple[str, ...]:
        """What `columns` may map for the sake of spans."""
        return (TOKENS,) if self.offsets == "tokens" else ()

    def rows(self, rows: Iterable[Row], path: Path) -> Iterator[Row]:
        """The rows with their spans as `start`, `end` (code points, half open) and `label`, and what else they have.

        A row whose spans are not as the settings say comes with its fault. Without settings, rows stay as they are.
        """
        if not self.keys and self.offsets == "code_points":
            yield from rows
            return
        for row in rows:
            if row.fault:
                yield row
                continue
            try:
                yield Row(row.number, self._read(row.fields))
            except DataError as fault:
                yield Row(row.number, row.fields, fault.at(path, row.number))

    def _read(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        column = self.columns.get(SPANS, SPANS)
        text, raw = fields.get(self.columns.get(TEXT, TEXT)), fields.get(column)
        if not isinstance(text, str) or not isinstance(raw, Sequence) or isinstance(raw, str):
            return fields  # Whoever needs them will say so.
        marks = [self._mark(item) for item in raw]
        unit: OffsetUnit = "code_points"
        if self.offsets == "tokens":
            marks = _in_characters(marks, _places(text, fields.get(self.columns.get(TOKENS, TOKENS))))
        else:
            unit = self.offsets
        known = {*_PARTS, *self.keys.values()}
        rest = [
            {key: value for key, value in item.items() if key not in known} if isinstance(item, Mapping) else {}
            for item in raw
        ]
        return {**fields, column: [more | span for more, span in zip(rest, located(text, marks, unit), strict=True)]}

    def _mark(self, item: Any) -> Mark:
        if isinstance(item, list | tuple) and len(item) == len(_PARTS):
            return Mark(*item)
        names = {part: self.keys.get(part, part) for part in _PARTS}
        if not isinstance(item, Mapping) or not all(name in item for name in names.values()):
            found = f"a mapping with {', '.join(map(str, item))}" if isinstance(item, Mapping) else repr(item)
            raise DataError(
                "A span has other keys than the recipe says",
                column=SPANS,
                received=found[:60],
                allowed=", ".join(names.values()),
                remedy=f"set `span_keys: {{start: …, end: …, label: …}}` to the keys that the file has, {_DROP}",
            )
        quoted = item.get(self.keys.get(TEXT, TEXT))
        start, end, label = (item[name] for name in names.values())
        return Mark(start, end, label, quoted if isinstance(quoted, str) else None)


def check_spans(fields: Mapping[str, Any]) -> None:
    """Checks the `spans` of a row against its `text`, in code points, where no task does; other forms are let pass.

    Raises:
        DataError: a span lies outside the text, is empty, or is not what it quotes; it has no file and row yet.
    """
    text, raw = fields.get(TEXT), fields.get(SPANS)
    if not isinstance(text, str) or not isinstance(raw, list | tuple):
        return
    marks = []
    for item in raw:
        if isinstance(item, Mapping) and item.keys() >= set(_PARTS):
            quoted = item.get(TEXT)
            start, end, label = (item[part] for part in _PARTS)
            marks.append(Mark(start, end, label, quoted if isinstance(quoted, str) else None))
        elif isinstance(item, list | tuple) and [type(part) for part in item] == [int, int, str]:
            marks.append(Mark(*item))
    located(text, marks, "code_points")


def spans_of_cells(rows: Iterable[Row], columns: Mapping[str, str]) -> Iterator[Row]:
    """The rows of a table with their spans as lists, where a cell holds them as JSON, as tables are written.

    Args:
        rows: rows whose cells are strings.
        columns: the source's `columns`, which may say where the spans are.
    """
    column = columns.get(SPANS, SPANS)
    for row in rows:
        spans = None if row.fault else _list_in(row.fields.get(column))
        yield row if spans is None else replace(row, fields={**row.fields, column: spans})


def _list_in(cell: Any) -> list[Any] | None:
    """The list of lists or mappings that a cell holds as JSON; None where it is another text, as a cell may be."""
    if not isinstance(cell, str) or not cell.lstrip().startswith("["):
        return None
    try:
        value = decode(cell)
    except (JSONDecodeError, DataError, RecursionError):
        return None  # The task that needs spans shows the text.
    return value if all(isinstance(item, list | dict) for item in value) else None


def _places(text: str, tokens: Any) -> list[tuple[int, int]]:
    """Where each token begins and ends in the text, in code points; between two there are only blanks.

    Raises:
        DataError: there are no tokens, or they are not those of the text.
    """
    if not isinstance(tokens, Sequence) or not all(isinstance(token, str) for token in tokens):
        raise DataError(
            "The tokens that the spans count are missing",
            column=TOKENS,
            received=repr(tokens)[:60],
            allowed="a list of texts",
            remedy=f"name the column that holds them with `columns: {{tokens: …}}`, {_DROP}",
        )
    places, end = [], 0
    for number, token in enumerate(tokens):
        start = text.find(token, end)
        if start < 0 or text[end:start].strip():
            raise DataError(
                "The tokens that the spans count are not those of the text",
                column=TOKENS,
                received=f"token {number} is {token[:40]!r}, where the text goes on with {text[end : end + 40]!r}"[
                    :120
                ],
                allowed="the words of the text in their order, with nothing but blanks between them",
                remedy=f"correct the text or the tokens, {_DROP}",
            )
        end = start + len(token)
        places.append((start, end))
    if text[end:].strip():
        raise DataError(
            "The text goes on behind the last of its tokens",
            column=TOKENS,
            received=repr(text[end : end + 40]),
            allowed="the words of the text in their order, all of them",
            remedy=f"correct the text or the tokens, {_DROP}",
        )
    return places


def _in_characters(marks: Sequence[Mark], places: Sequence[tuple[int, int]]) -> list[Mark]:
    """Marks that count tokens as marks that count code points.

    Raises:
        DataError: one lies outside the tokens.
    """
    found = []
    for mark in marks:
        whole = all(isinstance(value, int) and not isinstance(value, bool) for value in (mark.start, mark.end))
        if not whole or not 0 <= mark.start < mark.end <= len(places):
            raise DataError(
                "A span does not lie in its tokens",
                column=SPANS,
                received=f"start {mark.start!r}, end {mark.end!r}"[:60],
                allowed=f"0 <= start < end <= {len(places)}, the end not included",
                remedy=f"correct the span, or set `offsets: code_points` where it counts characters, {_DROP}",
            )
        found.append(Mark(places[mark.start][0], places[mark.end - 1][1], mark.label, mark.quoted))
    return found
