"""The instruction formats `alpaca`, `sharegpt` and `messages`: all are read as the field `messages`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus.formats import WritableFormat
from vocation.corpus.formats.alpaca import Alpaca
from vocation.corpus.formats.messages import Messages
from vocation.corpus.formats.sharegpt import Sharegpt
from vocation.errors import DataError
from vocation.records import Row

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
FULL = TEXT.filter(bool)
CHAT = [
    {"role": "system", "content": "You are a lawyer."},
    {"role": "user", "content": "合同无效？"},
    {"role": "assistant", "content": "是的。"},
    {"role": "user", "content": 'Why?\n"Because"'},
    {"role": "assistant", "content": "See 第一百四十四条."},
]
CALL = {"type": "function", "function": {"name": "find", "arguments": '{"id": 1}'}}


def read(
    tmp_path: Path, kind: type[WritableFormat], rows: list[Any], name: str = "a.json", **settings: Any
) -> list[Row]:
    path = tmp_path / name
    lines = "\n".join(json.dumps(row) for row in rows)
    path.write_text(lines if name.endswith("l") else json.dumps(rows), encoding="utf-8")
    return list(kind.model_validate({"path": name, **settings}).rows(path))


def message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


EQUAL = {
    Alpaca: {
        "instruction": 'Why?\n"Because"',
        "input": "",
        "output": "See 第一百四十四条.",
        "system": "You are a lawyer.",
        "history": [["合同无效？", "是的。"]],
        "id": 7,
    },
    Sharegpt: {
        "conversations": [
            {"from": "system", "value": "You are a lawyer."},
            {"from": "human", "value": "合同无效？"},
            {"from": "gpt", "value": "是的。"},
            {"from": "user", "value": 'Why?\n"Because"'},
            {"from": "chatgpt", "value": "See 第一百四十四条."},
        ],
        "id": 7,
    },
    Messages: {"messages": CHAT, "id": 7},
}


@pytest.mark.parametrize("kind", EQUAL)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_one_conversation_is_the_same_in_all_formats(tmp_path: Path, kind: type[WritableFormat], name: str) -> None:
    (row,) = read(tmp_path, kind, [EQUAL[kind]], name)
    assert (row.fields, row.fault) == ({"messages": CHAT, "id": 7}, None)


def test_input_follows_the_instruction_and_the_parts_stay_on_demand(tmp_path: Path) -> None:
    raw = {"instruction": "Translate.", "input": "你好", "output": "Hello"}
    expected = [message("user", "Translate.\n你好"), message("assistant", "Hello")]
    assert read(tmp_path, Alpaca, [raw])[0].fields == {"messages": expected}
    assert read(tmp_path, Alpaca, [raw], parts=True)[0].fields == {**raw, "messages": expected}


def test_parts_that_stay_are_written_as_they_are(tmp_path: Path) -> None:
    raw = {"instruction": "Translate.", "input": "你好", "output": "Hello", "history": [["a", "b"]]}
    (row,) = read(tmp_path, Alpaca, [raw], parts=True)
    Alpaca(path="x").write(tmp_path / "b.json", [row.fields])
    assert json.loads((tmp_path / "b.json").read_text(encoding="utf-8")) == [raw]
    with pytest.raises(DataError, match="not those of the instruction") as caught:
        Alpaca(path="x").write(tmp_path / "b.json", [row.fields, {**row.fields, "input": "other"}])
    assert caught.value.row == 2


def test_a_system_beside_a_sharegpt_conversation_is_its_first_message(tmp_path: Path) -> None:
    turns = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]
    (row,) = read(tmp_path, Sharegpt, [{"system": "Be short.", "conversations": turns, "tools": "[]"}])
    assert row.fields["messages"][0] == message("system", "Be short.")
    assert set(row.fields) == {"messages", "tools"}


@pytest.mark.parametrize(
    "value", ['{"name": "find", "arguments": {"id": 1}}', '[{"name": "find", "arguments": "{\\"id\\": 1}"}]']
)
def test_function_calls_of_sharegpt_are_tool_calls(tmp_path: Path, value: str) -> None:
    turns = [
        {"from": "human", "value": "Hi"},
        {"from": "function_call", "value": value},
        {"from": "observation", "value": "1"},
    ]
    (row,) = read(tmp_path, Sharegpt, [{"conversations": turns}])
    assert row.fields["messages"][1:] == [
        {"role": "assistant", "content": "", "tool_calls": [CALL]},
        message("tool", "1"),
    ]


def test_text_parts_tool_calls_and_old_roles_of_openai_are_read(tmp_path: Path) -> None:
    raw = [
        {"role": "developer", "content": [{"type": "text", "text": "Be "}, {"type": "text", "text": "short."}]},
        {"role": "assistant", "content": None, "tool_calls": [{**CALL, "id": "c1"}]},
        {"role": "tool", "content": "1", "tool_call_id": "c1"},
        {"role": "function", "name": "find", "content": "1"},
    ]
    (row,) = read(tmp_path, Messages, [{"messages": raw}])
    assert row.fields["messages"] == [
        message("system", "Be short."),
        {"role": "assistant", "content": "", "tool_calls": [{**CALL, "id": "c1"}]},
        {"role": "tool", "content": "1", "tool_call_id": "c1"},
        {"role": "tool", "name": "find", "content": "1"},
    ]


MESSAGES = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool"]), "content": TEXT},
    optional={
        "tool_calls": st.just([CALL]) | st.just([{**CALL, "id": "c1"}]) | st.just([]),
        "name": TEXT,
        "weight": st.integers(),
    },
)


@given(rows=st.lists(st.lists(MESSAGES, min_size=1, max_size=4), min_size=1, max_size=3))
@pytest.mark.parametrize("kind", [Messages, Sharegpt])
@pytest.mark.parametrize("name", ["any.json", "any.jsonl.gz"])
def test_any_conversation_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, kind: type[WritableFormat], name: str, rows: list[list[dict[str, Any]]]
) -> None:
    round_trip(tmp_path_factory.getbasetemp() / name, kind, [{"messages": chat, "id": 1} for chat in rows])


@given(system=st.none() | FULL, turns=st.lists(st.tuples(TEXT, TEXT), max_size=2), question=FULL, answer=TEXT)
def test_conversations_in_turns_are_read_back_from_alpaca(
    tmp_path_factory: pytest.TempPathFactory,
    system: str | None,
    turns: list[tuple[str, str]],
    question: str,
    answer: str,
) -> None:
    chat = [] if system is None else [message("system", system)]
    for asked, answered in [*turns, (question, answer)]:
        chat += [message("user", asked), message("assistant", answered)]
    round_trip(tmp_path_factory.getbasetemp() / "any.json", Alpaca, [{"messages": chat, "source": "x"}] * 2)


def round_trip(path: Path, kind: type[WritableFormat], rows: list[dict[str, Any]]) -> None:
    source = kind(path="x")
    assert source.write(path, iter(rows)) == len(rows)
    assert [(row.fields, row.fault) for row in source.rows(path)] == [(row, None) for row in rows]


BAD = [
    (Alpaca, {"instruction": "x"}, "The output is missing"),
    (Alpaca, {"instruction": "", "output": "y"}, "The instruction is missing"),
    (Alpaca, {"instruction": "x", "input": 3, "output": "y"}, "The input is not a string"),
    (Alpaca, {"instruction": "x", "output": "y", "history": [["a"]]}, "not a list of pairs"),
    (Sharegpt, {"conversation": []}, "conversations are not a list of messages"),
    (Sharegpt, {"conversations": []}, "conversations are not a list of messages"),
    (
        Sharegpt,
        {"conversations": [{"from": "humn", "value": "x"}]},
        "role of a message is not known. Did you mean 'human'?",
    ),
    (Sharegpt, {"conversations": [{"from": "human"}]}, "content of a message is not text"),
    (Sharegpt, {"conversations": [{"from": "function_call", "value": "find"}]}, "not JSON with a name and arguments"),
    (Messages, {"text": "x"}, "messages are not a list of messages"),
    (Messages, {"messages": [{"role": "user"}]}, "A message has no content"),
    (Messages, {"messages": [{"role": 3, "content": "x"}]}, "role of a message is not known"),
    (Messages, {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "part of a message is not text"),
]


@pytest.mark.parametrize(("kind", "raw", "problem"), BAD)
def test_a_wrong_row_is_faulty_and_the_rows_behind_it_are_read(
    tmp_path: Path, kind: type[WritableFormat], raw: dict[str, Any], problem: str
) -> None:
    rows = read(tmp_path, kind, [EQUAL[kind], raw, EQUAL[kind]], "a.jsonl")
    assert [row.fault is None for row in rows] == [True, False, True]
    assert problem in str(rows[1].fault)
    assert rows[1].fault is not None
    assert rows[1].fault.row == 2
    assert rows[1].fields == raw


@pytest.mark.parametrize(
    ("kind", "row", "problem"),
    [
        (Alpaca, {"messages": [message("user", "x")]}, "not one that Alpaca can keep"),
        (Alpaca, {"messages": [message("system", "x")]}, "not one that Alpaca can keep"),
        (Alpaca, {"messages": [message("user", ""), message("assistant", "y")]}, "not one that Alpaca can keep"),
        (Alpaca, {"messages": [{**message("user", "x"), "name": "Li"}]}, "'name', which Alpaca cannot keep"),
        (Sharegpt, {"messages": CHAT, "system": "x"}, "field 'system', which ShareGPT keeps"),
        (Messages, {"text": "x"}, "not a list of messages"),
    ],
)
def test_what_a_format_cannot_keep_is_refused_with_its_row(
    tmp_path: Path, kind: type[WritableFormat], row: dict[str, Any], problem: str
) -> None:
    with pytest.raises(DataError) as caught:
        kind(path="x").write(tmp_path / "a.json", [{"messages": CHAT}, row])
    assert problem in str(caught.value)
    assert caught.value.row == 2
    assert not list(tmp_path.iterdir())
