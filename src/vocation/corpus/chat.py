"""Conversations: the messages that all instruction formats are read as.

A message is a mapping with `role` (system, user, assistant or tool) and `content`, a string; where there are any, also
`tool_calls`, `tool_call_id` and `name` as OpenAI has them. Other members stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vocation.errors import DataError, did_you_mean

ROLES = ("system", "user", "assistant", "tool")
_OTHER_NAMES = {
    "developer": "system",
    "human": "user",
    "prompter": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bot": "assistant",
    "bard": "assistant",
    "bing": "assistant",
    "model": "assistant",
    "observation": "tool",
    "function": "tool",
    "function_response": "tool",
}
"""What else the roles are called, in exports of ShareGPT and in older OpenAI files."""


def role_of(name: Any) -> str:
    """The role that a name stands for.

    Raises:
        DataError: it stands for none; without its place.
    """
    key = name.strip().lower() if isinstance(name, str) else ""
    role = _OTHER_NAMES.get(key, key)
    if role not in ROLES:
        allowed = (*ROLES, *_OTHER_NAMES)
        raise DataError(
            f"The role of a message is not known.{did_you_mean(key, allowed)}",
            received=repr(name)[:60],
            allowed=", ".join(allowed),
            remedy="correct the role of the message",
        )
    return role


def text_of(content: Any) -> str:
    """The text of a message: a string, or a list of text parts, which are put together as they stand.

    Raises:
        DataError: it holds something else, such as a picture; without its place.
    """
    if isinstance(content, str):
        return content
    if isinstance(content, Sequence):
        texts = [_part(part) for part in content]
        return "".join(texts)
    raise DataError(
        "The content of a message is not text",
        received=repr(content)[:60],
        allowed="a string, or a list of parts of the type text",
        remedy="correct the message, or leave the row out with `corpus.invalid_rows: drop`",
    )


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Mapping) and part.get("type", "text") == "text" and isinstance(part.get("text"), str):
        return str(part["text"])
    kind = part.get("type") if isinstance(part, Mapping) else type(part).__name__
    raise DataError(
        "A part of a message is not text",
        received=repr(kind)[:60],
        allowed='{"type": "text", "text": "…"}',
        remedy="leave such rows out with `corpus.invalid_rows: drop`; pictures and sound cannot be learned from",
    )


def message_list(value: Any, column: str) -> list[Mapping[str, Any]]:
    """A list of mappings, as conversations are kept.

    Raises:
        DataError: it is none, or is empty; without its place.
    """
    if isinstance(value, list | tuple) and value and all(isinstance(item, Mapping) for item in value):
        return list(value)
    raise DataError(
        f"The {column} are not a list of messages",
        column=column,
        received=repr(value)[:60],
        allowed="a list with at least one message",
        remedy="correct the row, or leave such rows out with `corpus.invalid_rows: drop`",
    )
