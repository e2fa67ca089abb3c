"""The step `numbers`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.cleaning.numbers import Numbers
from vocation.language.numerals import in_chinese
from vocation.text import Span, Text

WORDS = (
    "一些 一般 十分 三七 四川 万一 千万别 万分感谢 百姓 五四运动 九一八 一二〇 一五一十 三三两两 七上八下 五花八门 亿万"
)
APPROXIMATE = "二三十 十七八岁 几百 十几 三百多 数十万 上百 一百来个"
ORDINALS = "第三百条 三百二十条 第十五章 第二十三款 初十一 第十一届 十二号"
MARKS = "（十一） 十二、总则 十二点三十分 两点一线 三点五十"
NAMES = "十二指肠 二十碳五烯酸 十二烷基硫酸钠 十一酸睾酮 十二经脉 二十四节气 三十六计 十一黄金周"
IDENTIFIERS = "A三百 v1,234.5 5千克 5千瓦 1.2.3万 ISO-1,234 百分之三至五 1234,567 0123,456.a"


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("3.5万元", "35000元"),
        ("三亿五千万", "350000000"),
        ("3亿5千万人", "350000000人"),
        ("壹佰万元整", "1000000元整"),
        ("十五天", "15天"),
        ("二百五十毫升", "250毫升"),
        ("百分之五", "5%"),
        ("百分之五十五点二", "55.2%"),
        ("百分之百", "100%"),
        ("千分之三", "3‰"),
        ("万分之五", "0.05%"),
        ("百分之三至百分之五", "3%至5%"),
        ("1,234,567.5", "1234567.5"),
        ("3.5 million", "3500000"),
        ("5 percent, 6 per cent, 7 %", "5%, 6%, 7%"),
        ("三点一四", "3.14"),
        ("三点五倍", "3.5倍"),
        ("零点五", "0.5"),
        ("约二十万人", "约200000人"),
    ],
)
def test_numbers_become_digits(written: str, digits: str) -> None:
    assert Numbers()(Text(written)).content == digits


@pytest.mark.parametrize(
    "content",
    [*WORDS.split(), *APPROXIMATE.split(), *ORDINALS.split(), *MARKS.split(), *NAMES.split(), *IDENTIFIERS.split()],
)
def test_what_is_no_number_for_certain_stays(content: str) -> None:
    text = Text(content)
    assert Numbers()(text) is text


def test_statutes_and_separators_are_choices() -> None:
    assert Numbers(statutes=True)(Text("第三百条和第二十一章")).content == "第300条和第21章"
    assert Numbers(thousands_separators=True)(Text("1,234")).content == "1,234"
    assert Numbers(chinese=False)(Text("三百和3万")).content == "三百和30000"


def test_spans_move_and_a_number_that_a_span_ends_within_stays() -> None:
    text = Numbers()(Text("罚款二十万元以下", (Span(2, 6, "AMOUNT"), Span(6, 8, "REST"))))
    assert [text.content[span.start : span.end] for span in text.spans] == ["200000元", "以下"]
    half = Text("二十万元", (Span(0, 2, "X"),))
    assert Numbers()(half) is half


@given(st.integers(10, 10**16 - 1))
def test_every_count_becomes_its_digits(number: int) -> None:
    written = in_chinese(number)
    expected = str(number) if len(written) > 1 else written
    assert Numbers()(Text(f"共{written}人")).content == f"共{expected}人"
