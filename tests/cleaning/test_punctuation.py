"""The step `punctuation`."""

from __future__ import annotations

import pytest

from vocation.cleaning.punctuation import Punctuation
from vocation.text import Span, Text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("你好,世界!你好吗?", "你好，世界！你好吗？"),
        ('他说:"今天(周一)来."', "他说：“今天（周一）来。”"),
        ("他说“hello”了", "他说“hello”了"),
        ("「你好」『世界』", "“你好”‘世界’"),
        ("阿司匹林(aspirin)", "阿司匹林（aspirin）"),
        ("中文, 中文", "中文，中文"),
        ("等等...", "等等……"),
        ("中文。。。", "中文……"),
        ("北京--上海", "北京——上海"),
        ("真的!!!??", "真的！？"),
        ("时间:10:30,金额1,000.5元", "时间：10:30，金额1,000.5元"),
        ("“hello” it’s ‘quoted’", "\"hello\" it's 'quoted'"),
        ("wait… what??", "wait... what?"),
        ("hello，中文world，ok", "hello，中文world, ok"),
    ],
)
def test_each_mark_has_the_form_of_its_language(written: str, expected: str) -> None:
    assert Punctuation()(Text(written)).content == expected


@pytest.mark.parametrize(
    "content",
    [
        "1,000; 10:30, 3.14",
        "f(x) = 1",
        "--help",
        "张三.docx",
        "1.总则",
        "`a,中`",
        "http://example.com/x?y=1,中",
        "北京—上海",
        "well-known",
        "值&gt;正常",
        '"plain"',
        "wait...",
    ],
)
def test_numbers_code_and_addresses_stay(content: str) -> None:
    text = Text(content)
    assert Punctuation()(text) is text


def test_an_address_ends_where_chinese_begins() -> None:
    assert (
        Punctuation()(Text("见http://example.com/x?y=中,foo@b.com,好")).content
        == "见http://example.com/x?y=中，foo@b.com，好"
    )


def test_every_rule_can_be_turned_off() -> None:
    off = Punctuation(
        chinese_quotes="keep", english_quotes="keep", marks=False, ellipses_and_dashes=False, repeats=False
    )
    text = Text("你好,“世界”...「好」!! it’s… 中--文")
    assert off(text) is text
    assert Punctuation(chinese_quotes="corner")(Text("他说“好”")).content == "他说「好」"


def test_spans_keep_what_they_cover() -> None:
    text = Punctuation()(Text('他说:"阿司匹林..."好', (Span(4, 8, "DRUG"), Span(3, 12, "QUOTE"))))
    assert text.content == "他说：“阿司匹林……”好"
    assert [text.content[span.start : span.end] for span in text.spans] == ["“阿司匹林……”", "阿司匹林"]


def test_repeated_marks_take_no_quadratic_time() -> None:
    assert Punctuation()(Text("好" + "!" * 100_000)).content == "好！"
    Punctuation()(Text("(" * 30_000 + "中" + '"' * 30_001))
