"""The step `chinese_variant`."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.cleaning.chinese_variant import ChineseVariant, _converter
from vocation.errors import MissingExtraError
from vocation.text import Span, Text


@pytest.mark.parametrize(
    ("conversion", "given_", "expected"),
    [
        ("t2s", "頭髮與發展，乾隆年間", "头发与发展，乾隆年间"),
        ("tw2s", "什麼軟體", "什么软体"),
        ("hk2s", "裏面", "里面"),
        ("s2t", "头发与发展", "頭髮與發展"),
        ("s2tw", "这里面", "這裡面"),
        ("s2hk", "这里面", "這裏面"),
    ],
)
def test_characters_are_chosen_by_phrase(conversion: str, given_: str, expected: str) -> None:
    assert ChineseVariant.model_validate({"conversion": conversion})(Text(given_)).content == expected


def test_text_that_is_in_the_variant_already_stays() -> None:
    for conversion, content in (
        ("tw2s", "什么"),
        ("s2t", "皇后與了解，干擾岳陽"),
        ("t2s", "中文 abc"),
        ("s2t", "里面"),
    ):
        text = Text(content)
        assert ChineseVariant.model_validate({"conversion": conversion})(text) is text


def test_spans_stay_where_they_are_also_inside_a_phrase() -> None:
    text = ChineseVariant()(Text("我的頭髮", (Span(2, 3, "HEAD"), Span(3, 4, "HAIR"))))
    assert text.content == "我的头发"
    assert text.spans == (Span(2, 3, "HEAD"), Span(3, 4, "HAIR"))


def test_half_of_a_character_stays_as_it_is() -> None:
    assert ChineseVariant()(Text("\ud83d頭\x00")).content == "\ud83d头\x00"


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=40))
def test_every_place_holds_its_own_character_as_opencc_gives_it(content: str) -> None:
    converted = ChineseVariant()(Text(content)).content
    assert len(converted) == len(content)
    assert converted in (content, _converter("t2s").convert(content))


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _converter.cache_clear()
    monkeypatch.setitem(sys.modules, "opencc", None)
    with pytest.raises(MissingExtraError, match="opencc"):
        ChineseVariant()(Text("頭"))
