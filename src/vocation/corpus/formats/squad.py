"""SQuAD: questions on contexts, with answers that stand in them; also CMRC 2018, DRCD and CJRC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, get_args

from pydantic import Field

from vocation.corpus import json_rows
from vocation.corpus.formats import Format
from vocation.corpus.offsets import OffsetUnit, to_code_points
from vocation.errors import DataError
from vocation.records import Row
from vocation.text import is_quoted

_NOWHERE = -1
_NOT_IN_CONTEXT = {"", "YES", "NO", "UNKNOWN", "是", "否"}
"""Answers that need not stand in the context; CJRC gives them the offset -1."""
_REMEDY = "correct the file, or set `corpus.invalid_rows: drop` to leave such questions out"


class Squad(Format):
    """Question answering in the JSON of SQuAD (1.1 and 2.0) and of CMRC 2018; one row a question.

    Fields are `context`, `question`, `answers` (mappings with `text` and `start`, in code points) and `paragraph`, a
    hash of the context: with `columns: {group: paragraph}` its questions stay on one side of a split, and are found in
    two given ones, whichever files they stand in.
    All else that stands beside a question, its context or its article keeps its name (`id`, `title`, `casename`), and
    `is_impossible` is true or false. An answer such as YES, or the empty one of a person who found none, has the start
    -1. CMRC's own files state no offsets; there an answer starts where it first stands in the context.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    offsets: OffsetUnit = Field(
        default="code_points",
        description="What `answer_start` counts. Every start is checked: the answer must stand there.",
    )

    def claims(self, fields: Mapping[str, Any]) -> bool:
        return any(isinstance(fields.get(name), list) for name in ("paragraphs", "qas"))

    def rows(self, path: Path) -> Iterator[Row]:
        questions = count(1)
        with self.open(path) as file:
            for item in json_rows.read_array(file, path, "data"):
                if item.fault:
                    yield Row(next(questions), item.fields, item.fault)
                    continue
                article = item.fields
                for paragraph in _objects(article["paragraphs"]) if "paragraphs" in article else [article]:
                    around = _rest(article, "paragraphs", "context_text") | _rest(paragraph, "context_text")
                    context = paragraph.get("context", paragraph.get("context_text"))
                    around |= {"paragraph": _name_of(context), "context": context}
                    for question in _objects(paragraph.get("qas")) or [{}]:
                        yield self._row(next(questions), around, question, path)

    def _row(self, number: int, around: Mapping[str, Any], raw: Mapping[str, Any], path: Path) -> Row:
        fields = {key: value for key, value in around.items() if key != "qas"}
        fields |= _rest(raw, "query_text", "query_id")
        fields |= {"question": raw.get("question", raw.get("query_text"))}
        fields |= {"id": raw["query_id"]} if "query_id" in raw else {}
        try:
            for name in ("context", "question"):
                if not isinstance(fields[name], str) or not fields[name]:
                    raise _malformed(name, fields[name], "a text that is not empty")
            fields |= {"answers": self._answers(fields["context"], raw.get("answers", []))}
            if "is_impossible" in raw:
                fields |= {"is_impossible": _truth(raw["is_impossible"])}
        except DataError as fault:
            return Row(number, fields, fault.at(path, number))
        return Row(number, fields)

    def _answers(self, context: str, raw: Any) -> list[dict[str, Any]]:
        texts, starts = _stated(raw)
        if starts is None:
            return [{"text": text, "start": _first_place(context, text)} for text in texts]
        placed = [start for text, start in zip(texts, starts, strict=True) if start != _NOWHERE and text]
        try:
            found = iter(to_code_points(context, placed, self.offsets))
        except ValueError as error:
            raise DataError(
                f"An answer does not stand in its context: {error}", column="answers", remedy=_REMEDY
            ) from error
        answers = []
        for text, start in zip(texts, starts, strict=True):
            place = next(found) if start != _NOWHERE and text else _NOWHERE
            if place == _NOWHERE and text.upper() not in _NOT_IN_CONTEXT:
                raise _misplaced(context, text, start, self.offsets)
            if place != _NOWHERE and not is_quoted(context[place : place + len(text)], text):
                raise _misplaced(context, text, start, self.offsets)
            answers.append({"text": text, "start": place})
        return answers


def _name_of(context: Any) -> str:
    """What a context is called: its BLAKE2 hash of 48 bits in hexadecimal digits (RFC 7693); empty for no text."""
    return blake2b(context.encode(), digest_size=6).hexdigest() if isinstance(context, str) else ""


def _objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; an empty object for each item that is none, so that it becomes a faulty row."""
    return [item if isinstance(item, Mapping) else {} for item in value] if isinstance(value, list) else [{}]


def _rest(value: Mapping[str, Any], *known: str) -> dict[str, Any]:
    return {key: content for key, content in value.items() if key not in known}


def _stated(raw: Any) -> tuple[list[str], list[int] | None]:
    """The texts of answers and their starts; None for starts where the file has none (CMRC's own files)."""
    if isinstance(raw, Mapping) and isinstance(raw.get("text"), list) and isinstance(raw.get("answer_start"), list):
        pairs = [
            {"text": text, "answer_start": start} for text, start in zip(raw["text"], raw["answer_start"], strict=False)
        ]
        if len(raw["text"]) == len(raw["answer_start"]):
            return _stated(pairs)
    if isinstance(raw, list) and raw and all(isinstance(item, str) for item in raw):
        return list(raw), None
    if not isinstance(raw, list) or not all(_is_answer(item) for item in raw):
        raise _malformed("answers", raw, 'a list of {"text": "…", "answer_start": 0}')
    return [item["text"] for item in raw], [item["answer_start"] for item in raw]


def _is_answer(item: Any) -> bool:
    start = item.get("answer_start") if isinstance(item, Mapping) else None
    return isinstance(start, int) and not isinstance(start, bool) and isinstance(item.get("text"), str)


def _first_place(context: str, text: str) -> int:
    place = context.find(text) if text else _NOWHERE
    if place == _NOWHERE and text.upper() not in _NOT_IN_CONTEXT:
        raise _misplaced(context, text, None, "code_points")
    return place


def _truth(value: Any) -> bool:
    """True or false, as JSON has them or, in CJRC, as strings."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise _malformed("is_impossible", value, "true or false")


def _misplaced(context: str, text: str, start: int | None, unit: OffsetUnit) -> DataError:
    place = context.find(text)
    remedy = _REMEDY
    if start is not None and place >= 0:
        remedy = f"it first stands at {place}; {remedy}"
        fitting = [other for other in get_args(OffsetUnit) if other != unit and _fits(context, text, start, other)]
        remedy = f"it fits with `offsets: {fitting[0]}`; otherwise {remedy}" if fitting else remedy
    return DataError(
        "An answer does not stand in its context" if place < 0 else "An answer does not stand where the file says",
        column="answers",
        received=repr(text[:40]) + ("" if start is None else f" at {start}"),
        allowed="an answer that is a part of the context, at its start",
        remedy=remedy,
    )


def _fits(context: str, text: str, start: int, unit: OffsetUnit) -> bool:
    try:
        place = to_code_points(context, [start], unit)[0]
    except ValueError:
        return False
    return is_quoted(context[place : place + len(text)], text)


def _malformed(column: str, received: Any, allowed: str) -> DataError:
    return DataError(
        f"The {column} is not as SQuAD has it",
        column=column,
        received=repr(received)[:60],
        allowed=allowed,
        remedy='check that the file is of this format: {"data": [{"paragraphs": [{"context": …, "qas": […]}]}]}; '
        + _REMEDY,
    )
