"""doccano: one JSON object a line, with labelled spans, categories and relations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from vocation.corpus import json_rows
from vocation.corpus.formats import WritableFormat
from vocation.corpus.offsets import Mark, OffsetUnit, from_code_points, located
from vocation.corpus.written_rows import label_of, placed, relations_of, text_and_spans, with_ids
from vocation.errors import DataError
from vocation.records import Row

_SPANS = ("entities", "label", "labels", "annotations")
_CATEGORIES = ("cats", "label", "labels")


class Doccano(WritableFormat):
    """Exports of doccano (JSONL; a file that ends in .json is one array), of every version.

    Spans stand in `label` or `labels` as [start, end, label], or in `entities` with ids, and become `spans`; categories
    stand in `label`, `labels` or `cats` and become `label`, a list where there are several. Relations become
    `relations`, mappings with `id`, `from_id`, `to_id` and `type`; where there are any, spans carry their `id`. All
    other names are kept as they are. An empty `label` is a text without spans.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson", ".json")

    offsets: OffsetUnit = Field(
        default="code_points",
        description="What offsets count. doccano counts Unicode code points (before 2019: UTF-16 units). It quotes no "
        "text, so that they cannot be checked beyond the length of the text.",
    )

    def claims(self, fields: Mapping[str, Any]) -> bool:
        found = (item for key in _SPANS if isinstance(fields.get(key), list) for item in fields[key])
        return any(
            "start_offset" in item
            if isinstance(item, Mapping)
            else isinstance(item, list) and [type(part) for part in item] == [int, int, str]
            for item in found
        )

    def rows(self, path: Path) -> Iterator[Row]:
        with self.open(path) as file:
            for row in json_rows.read_rows(file, path):
                if row.fault:
                    yield row
                    continue
                try:
                    yield Row(row.number, self._fields(row.fields))
                except DataError as fault:
                    yield Row(row.number, row.fields, fault.at(path, row.number))

    def write(self, path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
        return json_rows.write_rows(path, placed(self._raw, path, rows))

    def _fields(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        fields = dict(raw)
        name = self.columns.get("text", "text")
        if name not in fields and "data" in fields:
            fields[name] = fields.pop("data")
        if not isinstance(fields.get(name), str):
            raise DataError(
                "The row has no text",
                column=name,
                received=f"fields {', '.join(raw)}"[:60],
                allowed="a string under `text`, or under `data` as doccano once wrote it",
                remedy="name the field that holds the text with `columns: {text: …}`",
            )
        lists = {key: fields.pop(key) for key in dict.fromkeys(_SPANS + _CATEGORIES) if key in raw}
        spans = [value for key, value in lists.items() if key in _SPANS and _holds(value, list | tuple | dict)]
        categories = [value for key, value in lists.items() if key in _CATEGORIES and _holds(value, str)]
        rest = [key for key, value in lists.items() if value and value not in spans and value not in categories]
        if rest or len(spans) > 1 or len(categories) > 1:
            raise _unclear(lists)
        if categories:
            fields["label"] = categories[0] if isinstance(categories[0], str) else _one_or_all(categories[0])
        if spans or any(value == [] for key, value in lists.items() if key in _SPANS):
            marks = [_mark(item, named=bool(raw.get("relations"))) for item in (spans[0] if spans else ())]
            fields["spans"] = located(fields[name], marks, self.offsets)
        if "relations" in fields:
            relations = [_relation(item) for item in fields.pop("relations") or ()]
            fields |= {"relations": relations} if relations else {}
        return fields

    def _raw(self, row: Mapping[str, Any]) -> dict[str, Any]:
        name = self.columns.get("text", "text")
        text, spans = text_and_spans(row, name)
        if taken := [key for key in ("entities", "cats", "labels", "annotations") if key in row]:
            raise DataError(
                "The field has a name that doccano uses itself", column=taken[0], remedy="give the field another name"
            )
        raw = {key: value for key, value in row.items() if key not in ("spans", "label", "relations")}
        relations, label = relations_of(row, spans), label_of(row)
        bounds = from_code_points(text, [offset for span in spans for offset in span[:2]], self.offsets)
        triples = [[start, end, span.label] for span, start, end in zip(spans, bounds[::2], bounds[1::2], strict=True)]
        if relations:
            names = [_number(span.id) for span in with_ids(spans, "{}")]
            keys = ("start_offset", "end_offset", "label")
            raw["entities"] = [
                {"id": own, **dict(zip(keys, triple, strict=True))} for own, triple in zip(names, triples, strict=True)
            ]
            raw["relations"] = [{key: _number(value) for key, value in relation.items()} for relation in relations]
            return raw | ({"cats": label} if label else {})
        if "spans" in row:
            return raw | ({"entities": triples, "cats": label} if label else {"label": triples})
        return raw | ({"label": label} if label else {})


def _holds(value: Any, kind: Any) -> bool:
    """Whether a value is of a kind, or a list of values that all are, with one at least."""
    if isinstance(value, str):
        return kind is str and bool(value)
    return isinstance(value, list) and bool(value) and all(isinstance(item, kind) for item in value)


def _one_or_all(categories: Sequence[str]) -> str | list[str]:
    return categories[0] if len(categories) == 1 else list(categories)


def _mark(item: Any, *, named: bool) -> Mark:
    if isinstance(item, Mapping):
        own = str(item["id"]) if named and "id" in item else None
        return Mark(item.get("start_offset"), item.get("end_offset"), item.get("label", ""), id=own)
    if len(item) != 3:
        raise DataError(
            "A span is not [start, end, label]",
            column="label",
            received=repr(item)[:60],
            allowed="two whole numbers and a name",
            remedy="correct the row, or set `corpus.invalid_rows: drop` to leave such rows out",
        )
    return Mark(*item)


def _relation(item: Any) -> dict[str, str]:
    keys = ("id", "from_id", "to_id", "type")
    if not isinstance(item, Mapping) or not {"from_id", "to_id", "type"} <= item.keys():
        raise DataError(
            "A relation is not one of doccano",
            column="relations",
            received=repr(item)[:60],
            allowed='{"id": 1, "from_id": 1, "to_id": 2, "type": "…"}',
            remedy="export the file again, or remove the relation",
        )
    return {key: str(item[key]) for key in keys if key in item}


def _number(name: str | None) -> int | str | None:
    """An id as doccano writes it: a number where it is one."""
    return int(name) if name is not None and name.isascii() and name.isdecimal() and str(int(name)) == name else name


def _unclear(lists: Mapping[str, Any]) -> DataError:
    return DataError(
        "The labels of the row are not those of doccano",
        column=" and ".join(key for key, value in lists.items() if value),
        received=repr({key: value for key, value in lists.items() if value})[:60],
        allowed="spans in one of them ([start, end, label], or mappings with start_offset, end_offset and label), and "
        "names of categories in one of them",
        remedy="correct the row; an old export that has numbers for labels must be made again with their names",
    )
