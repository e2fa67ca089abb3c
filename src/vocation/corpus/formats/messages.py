"""OpenAI messages: conversations as `{"messages": [{"role": "user", "content": "…"}, …]}`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from vocation.corpus import json_rows
from vocation.corpus.chat import message_list, role_of, text_of
from vocation.corpus.formats import WritableFormat
from vocation.errors import DataError
from vocation.records import Row


class Messages(WritableFormat):
    """Conversations as OpenAI keeps them for fine-tuning: the field `messages`, beside whatever else a row has.

    One object a line in .jsonl, an array of objects in .json. A content of text parts becomes their text; null, as
    beside tool calls, becomes empty. Tool calls are kept. The old role `function` becomes `tool`, `developer` system.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".json")

    def rows(self, path: Path) -> Iterator[Row]:
        with self.open(path) as file:
            for row in json_rows.read_rows(file, path):
                yield json_rows.mapped(row, _fields, path)

    def write(self, path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
        return json_rows.write_rows(path, json_rows.mapped_back(rows, _fields, path))


def _fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**fields, "messages": [_message(item) for item in message_list(fields.get("messages"), "messages")]}


def _message(item: Mapping[str, Any]) -> dict[str, Any]:
    content = item.get("content")
    if content is None and not (item.get("tool_calls") or item.get("function_call")):
        raise DataError(
            "A message has no content",
            column="messages",
            received=f"a message with {', '.join(map(str, item))}"[:60],
            allowed="content, or tool calls of the assistant",
            remedy="complete the message, or leave such rows out with `corpus.invalid_rows: drop`",
        )
    return {**item, "role": role_of(item.get("role")), "content": "" if content is None else text_of(content)}
