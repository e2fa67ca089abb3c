"""The format `squad`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus.formats.squad import Squad
from vocation.errors import DataError
from vocation.records import Row

CONTEXT = "胃😀痛。Gout is a disease."


def read(tmp_path: Path, content: Any, **settings: Any) -> list[Row]:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return list(Squad(path="a.json", **settings).rows(path))


def squad(*questions: Any, context: Any = CONTEXT, **article: Any) -> dict[str, Any]:
    return {"version": "v2.0", "data": [{"paragraphs": [{"context": context, "qas": list(questions)}], **article}]}


def question(*answers: Any, **more: Any) -> dict[str, Any]:
    return {"question": "What?", "id": "q1", "answers": list(answers), **more}


def answer(text: str, start: Any) -> dict[str, Any]:
    return {"text": text, "answer_start": start}


def test_every_question_is_a_row_with_what_stands_around_it(tmp_path: Path) -> None:
    content = squad(question(answer("痛", 2)), question(is_impossible=True, plausible_answers=[]), title="Gout")
    content["data"].append({"title": "B", "paragraphs": [{"context": "c", "qas": [question(answer("c", 0))]}]})
    rows = read(tmp_path, content)
    assert [row.number for row in rows] == [1, 2, 3]
    assert rows[0].fields == {
        "title": "Gout",
        "paragraph": rows[1].fields["paragraph"],
        "context": CONTEXT,
        "question": "What?",
        "id": "q1",
        "answers": [{"text": "痛", "start": 2}],
    }
    assert rows[1].fields["answers"] == []
    assert rows[1].fields["is_impossible"] is True
    assert rows[2].fields["paragraph"] != rows[0].fields["paragraph"]


def test_paragraphs_are_called_by_their_content_so_that_shared_ones_are_found_across_files(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (first,) = read(tmp_path, {"data": [{"paragraphs": [{"context": "c", "qas": [question(answer("c", 0))]}]}]})
    content = squad(question(answer("痛", 2)))
    content["data"].append({"title": "B", "paragraphs": [{"context": "c", "qas": [question(answer("c", 0))]}]})
    other = read(tmp_path / "other", content)
    assert other[1].fields["paragraph"] == first.fields["paragraph"] == "ff08fffb1947"
    assert other[0].fields["paragraph"] != first.fields["paragraph"]


def test_cjrc_has_yes_no_and_empty_answers_and_truth_as_strings(tmp_path: Path) -> None:
    answers = [answer("YES", -1), answer("", -1), answer("痛", 2)]
    (row,) = read(tmp_path, squad(question(*answers, is_impossible="false"), caseid="7", domain="civil"))
    assert row.fault is None
    assert [(found["text"], found["start"]) for found in row.fields["answers"]] == [("YES", -1), ("", -1), ("痛", 2)]
    assert row.fields["is_impossible"] is False
    assert row.fields["caseid"] == "7"


def test_cmrc_has_texts_without_starts(tmp_path: Path) -> None:
    item = {
        "context_id": "D1",
        "context_text": "糖尿病是病，病。",
        "title": "病",
        "qas": [{"query_text": "什么？", "query_id": "Q1", "answers": ["病", "糖尿病"]}],
    }
    (row,) = read(tmp_path, [item])
    assert row.fault is None
    assert row.fields == {
        "context_id": "D1",
        "title": "病",
        "paragraph": row.fields["paragraph"],
        "context": "糖尿病是病，病。",
        "question": "什么？",
        "id": "Q1",
        "answers": [{"text": "病", "start": 2}, {"text": "糖尿病", "start": 0}],
    }


def test_answers_may_be_two_lists(tmp_path: Path) -> None:
    lists = {"text": ["痛"], "answer_start": [2]}
    (row,) = read(tmp_path, squad({"question": "What?", "answers": lists}))
    assert row.fields["answers"] == [{"text": "痛", "start": 2}]


@pytest.mark.parametrize(("offsets", "start"), [("code_points", 2), ("utf16", 3), ("bytes", 7)])
def test_starts_are_counted_as_the_settings_say(tmp_path: Path, offsets: str, start: int) -> None:
    (row,) = read(tmp_path, squad(question(answer("痛", start))), offsets=offsets)
    assert row.fields["answers"] == [{"text": "痛", "start": 2}]


def test_a_start_that_fits_in_another_unit_says_so(tmp_path: Path) -> None:
    (row,) = read(tmp_path, squad(question(answer("痛", 3))))
    assert row.fault is not None
    assert "it fits with `offsets: utf16`; otherwise it first stands at 2" in str(row.fault)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (question(answer("Gout", 3)), "does not stand where the file says"),
        (question(answer("fever", 0)), "does not stand in its context"),
        (question(answer("gout", 999)), "does not stand in its context"),
        (question(answer("fever", -1)), "does not stand in its context"),
        (question(answer("痛", -5)), "does not stand in its context"),
        (question(answer("痛", "2")), "answers is not as SQuAD has it"),
        (question(answer("痛", True)), "answers is not as SQuAD has it"),
        (question("fever"), "does not stand in its context"),
        (question("痛", 3), "answers is not as SQuAD has it"),
        (question() | {"answers": {"text": ["痛"], "answer_start": []}}, "answers is not as SQuAD has it"),
        (question() | {"question": ""}, "question is not as SQuAD has it"),
        (question(is_impossible="maybe"), "is_impossible is not as SQuAD has it"),
        (3, "question is not as SQuAD has it"),
    ],
)
def test_a_wrong_question_is_faulty_and_those_behind_it_are_read(tmp_path: Path, wrong: Any, problem: str) -> None:
    faulty, sound = read(tmp_path, squad(wrong, question(answer("痛", 2))))
    assert faulty.fault is not None
    assert problem in str(faulty.fault)
    assert faulty.fault.row == 1
    assert faulty.fault.remedy
    assert sound.fault is None


@pytest.mark.parametrize(
    "content",
    [
        {"data": [{"paragraphs": 3}]},
        {"data": [{"paragraphs": [3]}]},
        {"data": [{"title": "x"}]},
        {"data": [3]},
        {"data": [{"paragraphs": [{"qas": [question()]}]}]},
        {"data": [{"paragraphs": [{"context": "c", "qas": []}]}]},
        {"data": [{"paragraphs": [{"context": "c", "qas": {}}]}]},
    ],
)
def test_what_is_not_of_this_shape_is_one_faulty_row(tmp_path: Path, content: Any) -> None:
    (row,) = read(tmp_path, content)
    assert row.fault is not None
    assert row.fault.remedy


@pytest.mark.parametrize(
    "content", ["", '{"data": [', '{"data": [{"paragraphs": [{"context": "c"', '{"other": 1}', "[]"]
)
def test_empty_cut_off_and_other_files_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(DataError):
        list(Squad(path="x").rows(path))


@given(data=st.data())
def test_answers_are_where_they_were_taken_from(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    context = data.draw(st.text("aé中😀\n", min_size=1, max_size=20))
    start = data.draw(st.integers(0, len(context) - 1))
    text = context[start : data.draw(st.integers(start + 1, len(context)))]
    stated = len(context[:start].encode("utf-16-le")) // 2
    folder = tmp_path_factory.getbasetemp()
    (row,) = read(folder, squad(question(answer(text, stated)), context=context), offsets="utf16")
    assert row.fields["answers"] == [{"text": text, "start": start}]
