"""Items of enumerations inside a line."""

from __future__ import annotations

import pytest

from vocation.language.enumerations import later_items


def items(content: str) -> list[str]:
    """The line divided before each item that was found."""
    parts, position = [], 0
    for start, end in later_items(content):
        parts.append(content[position:start])
        position = end
    return [*parts, content[position:]]


@pytest.mark.parametrize(
    "line",
    [
        "1.甲|2.乙|3.丙",
        "1、目的|2、方法",
        "（1）甲|（2）乙",
        "1) 甲。|2) 乙。",
        "一、总则|二、分则|三、附则",
        "a) fever;|b) cough;|c) pain",
        "Plan: 1. Rest.|2. Drink.",
        "1.甲 (1)子|2.乙",
        "九 1.甲|2.乙",
    ],
)
def test_marks_that_rise_from_the_first_divide_a_line(line: str) -> None:
    expected = line.split("|") if not line.startswith("九") else [line.replace("|", " ")]
    assert items(line.replace("|", " ")) == expected


@pytest.mark.parametrize(
    "line",
    [
        "2.甲 3.乙",
        "1.甲 3.丙",
        "1.甲 2、乙",
        "1.甲\n2.乙",
        "1. 长 1.5 米 2.5 米",
        "1. The dose was 2. Then",
        "1. See Fig. 2. It",
        "1.甲 见 2. 乙",
        "a) and b) agree",
        "比例 8:1. 后 2. 前",
        "1. 2. 3.",
        "见1.甲 2.乙",
    ],
)
def test_what_is_no_enumeration_for_certain_is_not_divided(line: str) -> None:
    assert items(line) == [line]
