"""JSON lines: one JSON object a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vocation.corpus.encodings import open_text
from vocation.corpus.formats import Format
from vocation.errors import DataError
from vocation.records import Row

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class Jsonl(Format):
    """One JSON object a line; its keys are the columns, and its values keep their types."""

    def rows(self, path: Path) -> Iterator[Row]:
        with open_text(path, self.encoding) as file:
            count = 0
            for number, line in enumerate(file, start=1):
                if line.strip():
                    count += 1
                    yield _row(line, path, number)
            if not count:
                raise DataError(
                    "The file is empty",
                    file=path,
                    allowed="one JSON object a line",
                    remedy="give a file with data, or take this source out of the recipe",
                )


def _row(line: str, path: Path, number: int) -> Row:
    try:
        return Row(number, _object(line, path, number))
    except DataError as fault:
        return Row(number, {"line": line.strip()}, fault)


def _object(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        value = json.loads(line.rstrip("\n"))
        if _SURROGATE.search(line):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        raise DataError(
            f"The line is not valid JSON: {error.msg.removesuffix(' at')} at character {error.colno}",
            file=path,
            row=number,
            received=_excerpt(line, error.pos),
            allowed="one whole JSON object a line",
            remedy="repair the line; a file with one array of objects is turned into lines by `jq -c '.[]' FILE > NEW`",
        ) from error
    except UnicodeEncodeError as error:
        raise DataError(
            "The line has half of a surrogate pair, which is no character",
            file=path,
            row=number,
            received="an escape between \\ud800 and \\udfff that stands alone",
            remedy="remove the escape, or export the file again as UTF-8 without escapes",
        ) from error
    except RecursionError as error:
        raise DataError("The line nests too deeply", file=path, row=number, remedy="flatten the object") from error
    if not isinstance(value, dict):
        raise DataError(
            f"The line is not a JSON object, it is {_type_name(value)}",
            file=path,
            row=number,
            received=_excerpt(line, 0),
            allowed='an object such as {"text": "…", "label": "…"}',
            remedy="write every row as an object; a file with one array of objects is turned into lines by "
            "`jq -c '.[]' FILE > NEW`",
        )
    return value


def _excerpt(line: str, position: int) -> str:
    return repr(line.strip("\n")[max(0, position - 20) : position + 20])


def _type_name(value: object) -> str:
    names = {list: "an array", str: "a string", bool: "a truth value", int: "a number", float: "a number"}
    return names.get(type(value), "null")
