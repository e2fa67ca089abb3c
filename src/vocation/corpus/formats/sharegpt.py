"""ShareGPT: conversations as `{"conversations": [{"from": "human", "value": "…"}, …]}`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from vocation.corpus import json_rows
from vocation.corpus.chat import message_list, role_of, text_of
from vocation.corpus.formats import WritableFormat
from vocation.errors import DataError
from vocation.records import Row

_TURNS = "conversations"
_NAMES = {"system": "system", "user": "human", "assistant": "gpt", "tool": "tool"}
_CALL = "function_call"


class Sharegpt(WritableFormat):
    """Conversations as ShareGPT exports have them, read as the field `messages`, beside whatever else a row has.

    An array of objects in .json, one object a line in .jsonl. Turns are from `human`, `gpt`, `system` or `tool` (and
    their other names); a `function_call` becomes a tool call of the assistant. A `system` beside the conversation
    becomes its first message.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".json", ".jsonl")

    def rows(self, path: Path) -> Iterator[Row]:
        with self.open(path) as file:
            for row in json_rows.read_rows(file, path):
                yield json_rows.mapped(row, _read, path)

    def write(self, path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
        return json_rows.write_rows(path, json_rows.mapped_back(rows, _write, path))


def _read(fields: Mapping[str, Any]) -> dict[str, Any]:
    messages = [_message(turn) for turn in message_list(fields.get(_TURNS), _TURNS)]
    others = {name: value for name, value in fields.items() if name != _TURNS}
    system = others.get("system")
    if system is None or isinstance(system, str):
        others.pop("system", None)
        if system:
            messages.insert(0, {"role": "system", "content": system})
    return {**others, "messages": messages}


def _message(turn: Mapping[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in turn.items() if name not in {"from", "value"}}
    if turn.get("from") == _CALL:
        return {"role": "assistant", "content": "", "tool_calls": _calls(turn.get("value")), **rest}
    return {"role": role_of(turn.get("from")), "content": text_of(turn.get("value")), **rest}


def _calls(value: Any) -> list[dict[str, Any]]:
    """The calls in a turn: JSON of one call, or of a list of them, each with `name` and `arguments`."""
    try:
        calls = json.loads(value) if isinstance(value, str) else value
        calls = calls if isinstance(calls, list) else [calls]
        return [
            {"type": "function", "function": {"name": str(call["name"]), "arguments": _arguments(call["arguments"])}}
            for call in calls
        ]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(
            "A function call is not JSON with a name and arguments",
            column=_TURNS,
            received=repr(value)[:60],
            allowed='{"name": "…", "arguments": {…}}',
            remedy="correct the turn, or leave such rows out with `corpus.invalid_rows: drop`",
        ) from error


def _arguments(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _write(fields: Mapping[str, Any]) -> dict[str, Any]:
    if _TURNS in fields or "system" in fields:
        taken = _TURNS if _TURNS in fields else "system"
        raise DataError(
            f"The row has a field {taken!r}, which ShareGPT keeps the conversation in",
            column=taken,
            remedy="rename the field",
        )
    turns = [_turn(message) for message in message_list(fields.get("messages"), "messages")]
    return {_TURNS: turns, **{name: value for name, value in fields.items() if name != "messages"}}


def _turn(message: Mapping[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in message.items() if name not in {"role", "content"}}
    role, content = role_of(message.get("role")), text_of(message.get("content"))
    if role == "assistant" and not content and "tool_calls" in rest:
        plain = _plain_calls(rest["tool_calls"])
        if plain is not None:
            rest.pop("tool_calls")
            return {"from": _CALL, "value": json.dumps(plain, ensure_ascii=False), **rest}
    return {"from": _NAMES[role], "value": content, **rest}


def _plain_calls(calls: Any) -> list[dict[str, str]] | None:
    """Tool calls as names and arguments; None where they hold more, such as an id, which must not be lost."""
    if not isinstance(calls, Sequence) or isinstance(calls, str):
        return None
    plain = []
    for call in calls:
        function = call.get("function") if isinstance(call, Mapping) else None
        if not isinstance(function, Mapping) or {**call, "function": None} != {"type": "function", "function": None}:
            return None
        if set(function) != {"name", "arguments"} or not all(isinstance(value, str) for value in function.values()):
            return None
        plain.append(dict(function))
    return plain
