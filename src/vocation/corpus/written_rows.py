"""Rows that are to be written: text and spans taken out and checked, and what cannot be written, with its row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from vocation.corpus.offsets import Mark, located
from vocation.errors import DataError

_Converted = TypeVar("_Converted")


class WrittenSpan(NamedTuple):
    """A labelled part of a text, in code points, with the id that relations know it by (None where it has none)."""

    start: int
    end: int
    label: str
    id: str | None = None


def text_and_spans(row: Mapping[str, Any], name: str = "text") -> tuple[str, list[WrittenSpan]]:
    """The text of a row and its spans, ordered by position; no spans where the row has none.

    Args:
        row: fields by name.
        name: of the field that holds the text.

    Raises:
        DataError: the text is missing or no string, or a span is malformed or not inside it.
    """
    text = row.get(name)
    if not isinstance(text, str):
        raise DataError(
            "The row has no text",
            column=name,
            received=repr(text)[:60],
            allowed="a string",
            remedy=f"give every row the field `{name}`, or name the one that holds the text with "
            "`columns: {text: …}`",
        )
    raw = row.get("spans", ())
    if not isinstance(raw, list | tuple):
        raise _malformed(raw)
    spans = located(text, [_mark(item) for item in raw], "code_points")
    return text, sorted(
        (WrittenSpan(**span) for span in spans), key=lambda span: (span.start, span.end, span.label, span.id or "")
    )


def with_ids(spans: Sequence[WrittenSpan], pattern: str) -> list[WrittenSpan]:
    """The spans, each with an id: its own, or the next of the pattern that none has.

    Args:
        spans: some with ids, which relations may refer to.
        pattern: of new ids, with {} for a number from 1.
    """
    taken = {span.id for span in spans}
    fresh = (name for name in (pattern.format(number) for number in count(1)) if name not in taken)
    return [span if span.id is not None else span._replace(id=next(fresh)) for span in spans]


def relations_of(row: Mapping[str, Any], spans: Sequence[WrittenSpan]) -> list[dict[str, str]]:
    """The relations of a row: mappings with `from_id`, `to_id` and `type`, and maybe `id`.

    Raises:
        DataError: one is malformed, or refers to a span that the row does not have.
    """
    known = {span.id for span in spans if span.id is not None}
    relations = row.get("relations", ())
    for relation in relations if isinstance(relations, list | tuple) else [relations]:
        whole = isinstance(relation, Mapping) and all(isinstance(value, str) for value in relation.values())
        if (
            not whole
            or "type" not in relation
            or not known.issuperset((relation.get("from_id"), relation.get("to_id")))
        ):
            raise DataError(
                "A relation is malformed, or is not between spans of the row",
                column="relations",
                received=repr(relation)[:60],
                allowed='{"from_id": "T1", "to_id": "T2", "type": "…"}, with ids that spans of the row have',
                remedy="correct the relation",
            )
    return [dict(relation) for relation in relations]


def label_of(row: Mapping[str, Any]) -> list[str]:
    """The categories of a row, from its field `label`: one, several in a list, or none.

    Raises:
        DataError: they are not names.
    """
    label = row.get("label", [])
    labels = [label] if isinstance(label, str) else label
    if not isinstance(labels, list | tuple) or not all(isinstance(name, str) and name for name in labels):
        raise DataError(
            "The label is not a name",
            column="label",
            received=repr(label)[:60],
            allowed="a string that is not empty, or a list of them",
            remedy="correct the label, or leave the field out of rows that have none",
        )
    return list(labels)


def placed(
    convert: Callable[[Mapping[str, Any]], _Converted], file: str | Path, rows: Iterable[Mapping[str, Any]]
) -> Iterator[_Converted]:
    """Rows as a format keeps them; what cannot be kept is told with its row.

    Raises:
        DataError: as `convert`.
    """
    for number, row in enumerate(rows, start=1):
        try:
            yield convert(row)
        except (DataError, UnicodeEncodeError) as error:
            raise unwritable(error, file, number) from error


def unwritable(error: DataError | UnicodeEncodeError, file: str | Path, row: int) -> DataError:
    """The error for a row that cannot be written, with its place."""
    if isinstance(error, DataError):
        return error.at(file, row)
    return DataError(
        "The row holds half of a surrogate pair, which is no character",
        file=file,
        row=row,
        received=f"U+{ord(error.object[error.start]):04X} at character {error.start}",
        remedy="remove it, with the cleaning step `unicode` for example",
    )


def _mark(item: Any) -> Mark:
    """One span: a mapping with start, end, label and maybe id, or [start, end, label]."""
    if isinstance(item, Mapping):
        name = item.get("id")
        return Mark(item.get("start"), item.get("end"), item.get("label", ""), id=None if name is None else str(name))
    if isinstance(item, list | tuple) and len(item) == 3:
        return Mark(*item)
    raise _malformed(item)


def _malformed(value: object) -> DataError:
    return DataError(
        "The spans are not a list of labelled spans",
        column="spans",
        received=repr(value)[:60],
        allowed='a list of mappings such as {"start": 0, "end": 4, "label": "Disease"}',
        remedy="correct the spans",
    )
