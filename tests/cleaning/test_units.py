"""The step `units`."""

from __future__ import annotations

import pytest

from vocation.cleaning.units import Units
from vocation.text import Span, Text

OTHERS = (
    "A5mg 5G网络 三克拉 几克 十几克 二三十克 数百公里 五米粥 一升职 一升一降 "
    "伍克 v1.5mg x_5mg 5mgx 5g2 第五克 3万公里 毫克 5m 3d 12V"
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("五毫克", "5 mg"),
        ("5mg", "5 mg"),
        ("5 milligrams", "5 mg"),
        ("10-20mg", "10-20 mg"),
        ("37℃和37摄氏度", "37 °C和37 °C"),
        ("5毫克/千克/天", "5 mg/kg/d"),
        ("五千克", "5 kg"),
        ("3千米", "3 km"),
        ("一百五十毫升", "150 mL"),
        ("零点五毫克", "0.5 mg"),
        ("100 m2", "100 m²"),
        ("120mmHg", "120 mmHg"),
        ("5ug 5mcg 5µg", "5 μg 5 μg 5 μg"),
        ("1,000毫升", "1,000 mL"),
        ("两米宽", "2 m宽"),
    ],
)
def test_quantities_have_one_form(written: str, expected: str) -> None:
    assert Units()(Text(written)).content == expected


@pytest.mark.parametrize(
    "content",
    [
        *OTHERS.split(),
        "IL-6 g/L",
        "5 mg",
    ],
)
def test_what_is_no_quantity_stays(content: str) -> None:
    text = Text(content)
    assert Units()(text) is text


def test_space_and_names_are_choices() -> None:
    assert Units(space=False)(Text("5 mg、五毫克")).content == "5mg、5mg"
    assert Units(names=False)(Text("5毫克、5 milligrams、5mg")).content == "5毫克、5 milligrams、5 mg"


def test_spans_move_and_a_quantity_that_a_span_ends_within_stays() -> None:
    text = Units()(Text("服五毫克阿司匹林", (Span(1, 4, "DOSE"), Span(4, 8, "DRUG"))))
    assert [text.content[span.start : span.end] for span in text.spans] == ["5 mg", "阿司匹林"]
    half = Text("五毫克", (Span(0, 1, "X"),))
    assert Units()(half) is half
