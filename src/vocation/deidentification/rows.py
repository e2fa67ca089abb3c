"""Rows of a data file without their identifiers: the part of the work that several processes may share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from vocation.deidentification.deidentifier import Deidentified, Deidentifier
from vocation.deidentification.row_texts import texts_of, with_texts
from vocation.records import Row
from vocation.text import Text


class TextResult(NamedTuple):
    """What came of one text of a row.

    Args:
        field: name of the field it stands in, or stands in deeper down.
        before: the text as it was.
        result: what came of it.
    """

    field: str
    before: Text
    result: Deidentified


class RowResult(NamedTuple):
    """What came of one row.

    Args:
        number: of the row in its file.
        fields: the row's fields, without identifiers.
        texts: what came of each of its texts, in order.
    """

    number: int
    fields: Mapping[str, Any]
    texts: tuple[TextResult, ...]


@dataclass(frozen=True, slots=True)
class RowWork:
    """Takes the identifiers out of a batch of rows; equal rows give equal results, whatever stands beside them.

    It may be pickled: each process reads the key for itself.

    Args:
        deidentifier: finds and replaces.
        source: name of the file, which its documents are named for.
        columns: the fields to look into; all where there are none.
        whole: fields of which every value is an identifier, as `field: category`.
        group: the field of which equal values are one document; None where there is none.
        one_document: whether, without `group`, all rows are one document; else each is its own.
    """

    deidentifier: Deidentifier
    source: str
    columns: tuple[str, ...] = ()
    whole: Mapping[str, str] = field(default_factory=dict)
    group: str | None = None
    one_document: bool = False

    def required(self) -> tuple[str, ...]:
        """The fields that every row has to have."""
        return (*self.columns, *self.whole, *((self.group,) if self.group else ()))

    def __call__(self, rows: Sequence[Row]) -> list[RowResult]:
        """The rows, which are sound and have the fields that are required."""
        looked = (*self.columns, *self.whole) if self.columns else ()
        found = [texts_of(row.fields, looked) for row in rows]
        documents = [self._document(row) for row, texts in zip(rows, found, strict=True) for _ in texts]
        places = [place for texts in found for place, _ in texts]
        done = iter(
            self.deidentifier.process(
                [text for texts in found for _, text in texts],
                documents,
                whole=[self.whole.get(str(place[0])) if len(place) == 1 else None for place in places],
            )
        )
        results = []
        for row, texts in zip(rows, found, strict=True):
            made = [(place, TextResult(str(place[0]), text, next(done))) for place, text in texts]
            fields = with_texts(row.fields, {place: one.result.text for place, one in made})
            results.append(RowResult(row.number, fields, tuple(one for _, one in made)))
        return results

    def _document(self, row: Row) -> str:
        if self.group:
            return str(row.fields[self.group])
        return self.source if self.one_document else f"{self.source}:{row.number}"
