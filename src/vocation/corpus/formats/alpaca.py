"""Alpaca: instructions as `{"instruction": "…", "input": "…", "output": "…"}`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from vocation.corpus import json_rows
from vocation.corpus.chat import message_list, role_of, text_of
from vocation.corpus.formats import WritableFormat
from vocation.errors import DataError
from vocation.records import Row

_PARTS = ("instruction", "input", "output", "system", "history")


class Alpaca(WritableFormat):
    """Instructions with their answers, read as the field `messages`, beside whatever else a row has.

    An array of objects in .json, one object a line in .jsonl. Instruction and input make the user's message, a line
    end between them; `system` and `history` (pairs of question and answer) come before it. Written are conversations
    in which the user and the assistant take turns, with the whole question as `instruction`, or rows that have an
    `instruction` already.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".json", ".jsonl")

    parts: bool = Field(
        default=False,
        description="Whether `instruction`, `input`, `output`, `system` and `history` stay as fields too.",
    )

    def rows(self, path: Path) -> Iterator[Row]:
        with self.open(path) as file:
            for row in json_rows.read_rows(file, path):
                yield json_rows.mapped(row, self._read, path)

    def write(self, path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
        return json_rows.write_rows(path, json_rows.mapped_back(rows, self._write, path))

    def _read(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        question = "\n".join(filter(None, (_string(fields, name) for name in ("instruction", "input"))))
        if not question:
            raise _wrong("instruction", "The instruction is missing", fields.get("instruction"))
        if not isinstance(fields.get("output"), str):
            raise _wrong("output", "The output is missing", fields.get("output"))
        system = _string(fields, "system")
        messages = [{"role": "system", "content": system}] if system else []
        for asked, answered in _pairs(fields.get("history")):
            messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
        messages += [{"role": "user", "content": question}, {"role": "assistant", "content": fields["output"]}]
        kept = fields if self.parts else {name: value for name, value in fields.items() if name not in _PARTS}
        return {**kept, "messages": messages}

    def _write(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        others = {name: value for name, value in fields.items() if name != "messages"}
        if "instruction" not in fields:
            return _parts_of(fields.get("messages")) | others
        if fields.get("messages", self._read(others)["messages"]) != self._read(others)["messages"]:
            raise DataError(
                "The messages are not those of the instruction, the input and the output",
                column="messages",
                remedy="write the row without one of them",
            )
        return others


def _string(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise _wrong(name, f"The {name} is not a string", value)
    return value or ""


def _pairs(history: Any) -> list[tuple[str, str]]:
    if history is None:
        return []
    if isinstance(history, list):
        pairs = [tuple(pair) for pair in history if isinstance(pair, list)]
        if len(pairs) == len(history) and all(
            len(pair) == 2 and all(isinstance(x, str) for x in pair) for pair in pairs
        ):
            return pairs
    raise _wrong("history", "The history is not a list of pairs of question and answer", history)


def _wrong(column: str, problem: str, received: Any) -> DataError:
    return DataError(
        problem,
        column=column,
        received=repr(received)[:60],
        allowed='{"instruction": "…", "input": "…", "output": "…"}, perhaps with "system" and "history": [["…", "…"]]',
        remedy="correct the row, or leave such rows out with `corpus.invalid_rows: drop`",
    )


def _parts_of(value: Any) -> dict[str, Any]:
    """The instruction, output, system and history of a conversation."""
    messages = [_plain(message) for message in message_list(value, "messages")]
    system = messages.pop(0)[1] if messages[0][0] == "system" and messages[0][1] else ""
    roles, texts = [role for role, _ in messages], [text for _, text in messages]
    if not roles or roles != ["user", "assistant"] * (len(roles) // 2) or not texts[-2]:
        raise DataError(
            "The conversation is not one that Alpaca can keep",
            column="messages",
            received=", ".join(roles)[:60] or "no message but the system's",
            allowed="the user and the assistant in turns, the last question not empty, a system message before them",
            remedy="write it as `messages` or `sharegpt`",
        )
    row: dict[str, Any] = {"instruction": texts[-2], "input": "", "output": texts[-1]}
    if system:
        row["system"] = system
    if len(texts) > 2:
        row["history"] = [list(pair) for pair in _in_pairs(texts[:-2])]
    return row


def _in_pairs(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    return zip(texts[::2], texts[1::2], strict=True)


def _plain(message: Mapping[str, Any]) -> tuple[str, str]:
    if more := sorted(set(message) - {"role", "content"}):
        raise DataError(
            f"A message has {more[0]!r}, which Alpaca cannot keep",
            column="messages",
            remedy="write it as `messages` or `sharegpt`",
        )
    return role_of(message.get("role")), text_of(message.get("content"))
