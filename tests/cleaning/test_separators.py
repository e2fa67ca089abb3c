"""The step `separators`."""

from __future__ import annotations

import pytest

from vocation.cleaning.separators import Separators
from vocation.text import Span, Text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("包括：①头痛；②发热；③咳嗽。", "包括：\n①头痛；\n②发热；\n③咳嗽。"),
        ("有下列情形：（一）过失；(二)故意。", "有下列情形：\n（一）过失；\n(二)故意。"),
        ("甲：1.头痛；2、发热。3．咳嗽", "甲：\n1.头痛；\n2、发热。\n3．咳嗽"),
        ("甲：1）头痛； 2)发热", "甲：\n1）头痛；\n2)发热"),
        ("处罚。第二条 为了", "处罚。\n第二条 为了"),
        ("处罚。第一百二十条之一 资助", "处罚。\n第一百二十条之一 资助"),
        ("如下：一、总则；二、附则", "如下：\n一、总则；\n二、附则"),
        ("Symptoms: (a) fever; (b) cough", "Symptoms:\n(a) fever;\n(b) cough"),
        ("要点：•甲；•乙", "要点：\n- 甲；\n- 乙"),
        ("• one • two •three", "- one\n- two\n- three"),
        ("1.甲 2.乙", "1.甲\n2.乙"),
        ("如下：1.甲 2.乙", "如下：\n1.甲\n2.乙"),
        ("一、总则 二、分则", "一、总则\n二、分则"),
        ("a) fever; b) cough", "a) fever;\nb) cough"),
        ("Plan: 1. Rest. 2. Drink.", "Plan: 1. Rest.\n2. Drink."),
    ],
)
def test_a_clause_begins_a_line(content: str, expected: str) -> None:
    assert Separators()(Text(content)).content == expected
    assert "\n" not in Separators(clause_lines=False)(Text(content)).content


@pytest.mark.parametrize(
    "content",
    [
        "反应①和②相同，见①。",
        "选：①②③",
        "依照本法第三条的规定。第三条的规定",
        "第（二）项所列：见上",
        "上午8：30）开会",
        "比例为1:1) x",
        "浓度为：1.5；3.2",
        "包括：三、四级残疾",
        "the cells (a) and (b): both",
        "（2019）京01号",
        "--- not a bullet",
        "甲 • 乙 • 丙",
        "2.甲 3.乙",
        "1. The dose was 2. Then 3. Now",
        "1. See Fig. 2. It shows more.",
        "a) and b) agree",
        "-5 degrees",
    ],
)
def test_citations_numbers_and_times_stay(content: str) -> None:
    assert Separators(numbers="ascii")(Text(content)).content == content


def test_bullets_become_one_or_none() -> None:
    text = Text("• one\n  ▪two\n* three\n– four\n1 - 2")
    assert Separators()(text).content == "- one\n  - two\n- three\n- four\n1 - 2"
    assert Separators(bullets="remove")(text).content == "one\n  two\nthree\nfour\n1 - 2"
    assert Separators(bullets="keep")(text).content == text.content


def test_numbers_get_one_pair_of_brackets_and_keep_their_value() -> None:
    text = Text("①甲\n⑵乙\n3）丙\n(4)丁\n⒌戊\n(一)己")
    assert Separators(numbers="chinese")(text).content == "（1）甲\n（2）乙\n（3）丙\n（4）丁\n（5）戊\n（一）己"
    assert Separators(numbers="ascii")(text).content == "(1)甲\n(2)乙\n(3)丙\n(4)丁\n(5)戊\n(一)己"
    assert Separators()(text) is text


def test_an_enumeration_behind_a_bullet_that_goes_is_divided_at_once() -> None:
    assert Separators(bullets="remove")(Text("•a) x; b) y")).content == "a) x;\nb) y"


def test_choices_of_a_form_stay_in_their_line() -> None:
    assert Separators()(Text("□ 是 □ 否")).content == "- 是 □ 否"


def test_items_in_one_line_take_no_quadratic_time() -> None:
    for piece in ("• a ", "1.甲 2.乙 ", "甲  ", "1) ", "：1. "):
        Separators()(Text("• " + piece * 20_000))


def test_nothing_changes_inside_a_span() -> None:
    text = Separators()(Text("包括：①头痛；②发热", (Span(3, 9, "X"),)))
    assert text.content == "包括：\n①头痛；②发热"
    assert text.spans == (Span(4, 10, "X"),)
