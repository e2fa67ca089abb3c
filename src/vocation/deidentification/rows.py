"""Rows of a data file without their identifiers: the part of the work that several processes may share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from vocation.deidentification.deidentifier import Deidentified, Deidentifier, Known
from vocation.deidentification.row_texts import Place, texts_of, with_texts
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
        found = self._texts(rows)
        documents = [self._document(row) for row, texts in zip(rows, found, strict=True) for _ in texts]
        places = [place for texts in found for place, _ in texts]
        whole = [self.whole.get(str(place[0])) if len(place) == 1 else None for place in places]
        done = self.deidentifier.process([text for texts in found for _, text in texts], documents, whole=whole)
        return _results(rows, found, done)

    def again(self, rows: Sequence[Row], known: Callable[[Sequence[Text]], Sequence[Known]]) -> list[RowResult]:
        """What came of the rows when they were worked on before; little work.

        Args:
            rows: the same rows.
            known: gives what is known of each of their texts, or raises where they are others.
        """
        found = self._texts(rows)
        flat = [text for texts in found for _, text in texts]
        return _results(rows, found, map(self.deidentifier.again, flat, known(flat)))

    def _texts(self, rows: Sequence[Row]) -> list[list[tuple[Place, Text]]]:
        looked = (*self.columns, *self.whole) if self.columns else ()
        return [texts_of(row.fields, looked) for row in rows]

    def _document(self, row: Row) -> str:
        if self.group:
            return str(row.fields[self.group])
        return self.source if self.one_document else f"{self.source}:{row.number}"


def _results(
    rows: Sequence[Row], found: Sequence[Sequence[tuple[Place, Text]]], done: Iterable[Deidentified]
) -> list[RowResult]:
    """The rows with what came of their texts, given in order."""
    following, results = iter(done), []
    for row, texts in zip(rows, found, strict=True):
        made = [(place, TextResult(str(place[0]), text, next(following))) for place, text in texts]
        fields = with_texts(row.fields, {place: one.result.text for place, one in made})
        results.append(RowResult(row.number, fields, tuple(one for _, one in made)))
    return results
