"""The items of one JSON array, read from a stream that need not fit into memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from json import JSONDecodeError
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TextIO

from vocation.corpus import opening
from vocation.corpus.json_values import decode_at
from vocation.corpus.row_faults import empty
from vocation.errors import DataError

_CHUNK = 1 << 18
_MARGIN = 16
"""A fault that lies so many characters or more before the end of what was read is no matter of reading on."""
_FIRST = 16
"""Objects in a row at the beginning of an object that make it one of rows: an export may describe itself in some."""
_BLANK = " \t\n\r"
_ALLOWED = 'an array of objects, [{"text": "…"}, …], or an object with one such array, or {"name": {"text": "…"}, …}'


class Item(NamedTuple):
    """One value of a JSON text.

    Args:
        value: what it says.
        source: the JSON that it was read from.
        fault: what is wrong with it though it is JSON, without its place.
    """

    value: Any
    source: str
    fault: DataError | None = None


def _named(name: str, item: Item) -> Item:
    """An item with the name under which it stood as `id`, unless it has one."""
    value, source, fault = item
    return Item({"id": name, **value} if isinstance(value, dict) else value, json.dumps(name) + source, fault)


class JsonStream:
    """A JSON text of which only the value at hand stands in memory.

    Args:
        file: the open file.
        path: for messages.
    """

    def __init__(self, file: TextIO, path: Path) -> None:
        self._file, self._path = file, path
        self._buffer, self._position, self._ended = "", 0, False
        self._line = 1  # Of the start of the buffer.

    def items(self, key: str | None = None) -> Iterator[Item]:
        """The items of the array.

        The array is the whole text, or stands in an object under `key`; without a key, it is the one array in the
        object whose first item is an object. Where all values of the object (or of the one under `key`) are objects
        themselves, these are the items, and the name of each is its `id`.

        Raises:
            DataError: the text is empty or not valid JSON, has no such array or several, or an item is too long.
        """
        first = self._peek()
        if not first:
            raise empty(self._path, _ALLOWED)
        if first == "[":
            yield from self._array()
        elif first == "{":
            yield from self._object(key)
        else:
            self._fail("The file is not an array of rows", _ALLOWED)
        if self._peek():
            self._fail(
                "Something stands behind the end of the JSON text",
                "one array or one object; for one object a line, `kind: jsonl`",
            )

    def _object(self, key: str | None) -> Iterator[Item]:
        members: list[Item] | None = []  # Rows, if all values are objects; None once one is not.
        names: list[str] = []
        found = False
        inside = self._names()
        for name in inside:
            names.append(name)
            mark = self._peek()
            if mark == "[" and (name == key or (key is None and self._holds_objects())):
                if found:
                    self._fail("The file has several arrays of objects", f"set `key` to one of {', '.join(names)}")
                found, members = True, None
                yield from self._array()
            elif mark == "{" and name == key:
                found = True
                yield from self._members(self._names())
            elif mark == "{" and key is None and members is not None:
                members.append(_named(name, self._value()))
                if len(members) > _FIRST:  # No array was ever described by so many objects.
                    yield from members
                    yield from self._members(inside)
                    return
            else:
                members = None
                self._value()
        if found:
            return
        if not members:
            self._refuse(names, key)
        yield from members

    def _refuse(self, names: Sequence[str], key: str | None) -> NoReturn:
        raise DataError(
            f"The file has no array {'of objects' if key is None else f'under {key!r}'}",
            file=self._path,
            received=f"an object with {', '.join(names)[:60] or 'nothing'}",
            allowed=_ALLOWED,
            remedy="set `key` to the name under which the rows stand; one object a line is read by `kind: jsonl`",
        )

    def _members(self, names: Iterator[str]) -> Iterator[Item]:
        """The values of the object that `names` goes through, each with its name as `id`."""
        for name in names:
            yield _named(name, self._value())

    def _names(self) -> Iterator[str]:
        """The names in the object that begins here, each when its value is the next to be read."""
        self._take("{")
        first = True
        while self._peek() != "}":
            if not first:
                self._take(",")
            first = False
            if self._peek() != '"':
                self._fail("The file is not valid JSON: the name of a value is missing", _ALLOWED)
            name = self._value().value
            self._take(":")
            yield name
        self._take("}")

    def _array(self) -> Iterator[Item]:
        self._take("[")
        first = True
        while self._peek() != "]":
            if not first:
                self._take(",")
            first = False
            yield self._value()
        self._take("]")

    def _holds_objects(self) -> bool:
        """Whether the array that begins here begins with an object; takes nothing."""
        offset = 1
        while True:
            rest = self._buffer[self._position + offset :].lstrip(_BLANK)
            if rest or not self._read():
                return rest.startswith("{")

    def _peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            while self._position < len(self._buffer):
                if self._buffer[self._position] not in _BLANK:
                    return self._buffer[self._position]
                self._position += 1
            if not self._read():
                return ""

    def _take(self, mark: str) -> None:
        found = self._peek()
        if found != mark:
            self._fail(
                f"The file is not valid JSON: {repr(found) if found else 'its end'} stands where {mark!r} should",
                _ALLOWED,
            )
        self._position += 1

    def _value(self) -> Item:
        """The value that begins here."""
        self._peek()
        while True:
            wrong = None
            try:
                value, end, fault = decode_at(self._buffer, self._position)
                if end < len(self._buffer) or self._ended:
                    source = self._buffer[self._position : end]
                    self._position = end
                    return Item(value, source, fault)
            except JSONDecodeError as error:
                wrong = error
            except RecursionError as error:
                raise DataError(
                    "The file nests too deeply", file=self._path, received=self._here(), remedy="flatten the objects"
                ) from error
            if wrong and (self._ended or self._is_final(wrong)):
                self._position = wrong.pos
                self._fail(f"The file is not valid JSON: {wrong.msg.removesuffix(' at')}", _ALLOWED)
            if len(self._buffer) - self._position > opening.LONGEST_LINE:
                raise opening.too_long(self._path, self._line)
            self._read()

    def _is_final(self, wrong: JSONDecodeError) -> bool:
        return not wrong.msg.startswith("Unterminated") and wrong.pos < len(self._buffer) - _MARGIN

    def _read(self) -> bool:
        """Reads on, twice as far as what is at hand; False at the end. What was taken is forgotten."""
        self._line += self._buffer.count("\n", 0, self._position)
        self._buffer = self._buffer[self._position :]
        self._position = 0
        more = self._file.read(max(_CHUNK, len(self._buffer)))
        self._buffer += more
        self._ended = not more
        return bool(more)

    def _here(self) -> str:
        line = self._line + self._buffer.count("\n", 0, self._position)
        around = self._buffer[max(0, self._position - 20) : self._position + 20]
        return f"line {line}: {around!r}"

    def _fail(self, problem: str, allowed: str) -> NoReturn:
        cut = "; the file ends here, so that it may be cut off" if self._ended and not self._peek() else ""
        raise DataError(
            problem,
            file=self._path,
            received=self._here() + cut,
            allowed=allowed,
            remedy="repair the file, or export it again",
        )
