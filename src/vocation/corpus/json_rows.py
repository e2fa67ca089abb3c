"""Rows as JSON: objects one a line, or in one array; read and written as streams."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from vocation.corpus.json_stream import JsonStream
from vocation.corpus.json_values import decode
from vocation.corpus.opening import content_suffix, lines, writing
from vocation.corpus.row_faults import empty, nothing_to_write, require_characters, unkeepable
from vocation.errors import DataError
from vocation.records import Row

LINE_SUFFIXES = (".jsonl", ".ndjson")
"""Endings of files with one object a line; others hold one array."""
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_OBJECT = 'an object such as {"text": "…", "label": "…"}'


def read_rows(file: TextIO, path: Path, key: str | None = None) -> Iterator[Row]:
    """The rows of an open JSON file: of lines where its ending says so, else of its array.

    Raises:
        DataError: the file is empty or not of this kind.
    """
    if content_suffix(path) in LINE_SUFFIXES:
        return read_lines(file, path)
    return read_array(file, path, key)


def read_lines(file: TextIO, path: Path) -> Iterator[Row]:
    """One object a line; blank lines are left out. A line that is no sound object is a row with its fault.

    Raises:
        DataError: no line holds anything, or one is too long.
    """
    count = 0
    for number, line in lines(file, path):
        if line.strip():
            count += 1
            try:
                yield Row(number, _line(line, path, number))
            except DataError as fault:
                yield Row(number, {"line": line.strip()}, fault)
    if not count:
        raise empty(path, "one JSON object a line")


def read_array(file: TextIO, path: Path, key: str | None = None) -> Iterator[Row]:
    """The objects of one array; an item that is no sound object is a row with its fault. Rows are numbered from 1.

    Args:
        file: the open file.
        path: for messages.
        key: where the array stands in an object; None for the one array of objects that there is.

    Raises:
        DataError: the file is empty, not valid JSON, has no such array or several, or an item is too long.
    """
    number = 0
    for item in JsonStream(file, path).items(key):
        number += 1
        try:
            if item.fault:
                raise item.fault.at(path, number)
            yield Row(number, _checked(item.value, item.source, path, number))
        except DataError as fault:
            yield Row(number, {"item": item.value}, fault)
    if not number:
        raise empty(path, "an array of JSON objects", found="an array without items")


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Writes rows as lines where the ending of the path says so, else as one array; returns how many there were.

    Raises:
        DataError: there are none, or one holds what JSON cannot keep.
    """
    return write_lines(path, rows) if content_suffix(path) in LINE_SUFFIXES else write_array(path, rows)


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Writes one object a line; returns how many there were, and raises as `write_rows`."""
    return _write(path, rows, ("", "\n", "\n"))


def write_array(path: Path, rows: Iterable[Mapping[str, Any]], key: str | None = None) -> int:
    """Writes one array, in an object under `key` if there is one; returns and raises as `write_rows`."""
    if key is None:
        return _write(path, rows, ("[\n", ",\n", "\n]\n"))
    return _write(path, rows, (f"{{{json.dumps(key, ensure_ascii=False)}: [\n", ",\n", "\n]}\n"))


def _write(path: Path, rows: Iterable[Mapping[str, Any]], marks: tuple[str, str, str]) -> int:
    """Writes rows with what stands before the first, between two, and behind the last."""
    before, between, behind = marks
    count = 0
    with writing(path) as file:
        for row in rows:
            count += 1
            file.write((before if count == 1 else between) + _dump(row, path, count))
        if not count:
            raise nothing_to_write(path)
        file.write(behind)
    return count


def _dump(row: Mapping[str, Any], path: Path, number: int) -> str:
    try:
        text = json.dumps(dict(row), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise unkeepable(
            path,
            number,
            None,
            f"The row holds what JSON cannot keep: {str(error)[:60]}",
            row,
            "make it of strings, finite numbers, truth values, null, lists and mappings with names",
        ) from error
    require_characters(text, path, number)
    return text


def _line(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        value = decode(line.rstrip("\n"))
    except json.JSONDecodeError as error:
        raise DataError(
            f"The line is not valid JSON: {error.msg.removesuffix(' at')} at character {error.colno}",
            file=path,
            row=number,
            received=_excerpt(line, error.pos),
            allowed="one whole JSON object a line",
            remedy="repair the line; a file with one array of objects is read by `kind: json`",
        ) from error
    except DataError as error:
        raise error.at(path, number) from error
    except RecursionError as error:
        raise DataError("The line nests too deeply", file=path, row=number, remedy="flatten the object") from error
    return _checked(value, line, path, number)


def _checked(value: Any, source: str, path: Path, number: int) -> dict[str, Any]:
    """A JSON value, which must be an object of whole characters; `source` is what it was read from."""
    if _SURROGATE.search(source):
        try:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError as error:
            raise DataError(
                "The row has half of a surrogate pair, which is no character",
                file=path,
                row=number,
                received="an escape between \\ud800 and \\udfff that stands alone",
                remedy="remove the escape, or export the file again as UTF-8 without escapes",
            ) from error
    if not isinstance(value, dict):
        raise DataError(
            f"The row is not a JSON object, it is {_type_name(value)}",
            file=path,
            row=number,
            received=_excerpt(source, 0),
            allowed=_OBJECT,
            remedy="write every row as an object; a file with one array of objects is read by `kind: json`",
        )
    return value


def _excerpt(line: str, position: int) -> str:
    return repr(line.strip("\n")[max(0, position - 20) : position + 20])


def _type_name(value: object) -> str:
    names = {list: "an array", str: "a string", bool: "a truth value", int: "a number", float: "a number"}
    return names.get(type(value), "null")


def mapped(row: Row, fields: Callable[[Mapping[str, Any]], Mapping[str, Any]], path: Path) -> Row:
    """A row whose fields are turned into others; where that raises DataError, the row as it was, with this fault."""
    if row.fault:
        return row
    try:
        return Row(row.number, fields(row.fields))
    except DataError as fault:
        return Row(row.number, row.fields, fault.at(path, row.number))


def mapped_back(
    rows: Iterable[Mapping[str, Any]], fields: Callable[[Mapping[str, Any]], Mapping[str, Any]], path: Path
) -> Iterator[Mapping[str, Any]]:
    """Rows whose fields are turned into those of a file.

    Raises:
        DataError: what `fields` raises, with the file and the row's number from 1.
    """
    for number, row in enumerate(rows, start=1):
        try:
            yield fields(row)
        except DataError as fault:
            raise fault.at(path, number) from fault
