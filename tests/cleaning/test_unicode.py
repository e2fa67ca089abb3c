"""The step `unicode`: one way to write each character, meaning kept."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.cleaning.unicode import Unicode
from vocation.text import Span, Text


def cleaned(content: str) -> str:
    return Unicode()(Text(content)).content


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("ＡＢｃ１２％＆", "ABc12%&"),
        ("ｶﾞｷﾞﾊﾟ ﾊﾝｶｸ｡", "ガギパ ハンカク。"),
        ("a\u00a0b\u3000c\u2003d", "a b c d"),
        ("ﬁne ﬂow ﬀ", "fine flow ff"),
        ("⼀⼈⻟", "一人⻟"),
        ("\uf900\ufa10", "豈塚"),
        ("e\u0301 \u1112\u1161\u11ab", "é 한"),
        ("a\r\nb\rc\u2028d\x0ce", "a\nb\nc\nd\ne"),
        ("zero\u200bwidth\ufeff soft\u00adhyphen \u202emark", "zerowidth softhyphen mark"),
        ("bell\x07 del\x7f c1\x90 nul\x00", "bell del c1 nul"),
        ("half\ud83d", "half"),
        ("￥１００", "¥100"),
        ("a\x1fb", "a b"),
    ],
)
def test_forms_that_mean_the_same_become_one(given_: str, expected: str) -> None:
    assert cleaned(given_) == expected


@pytest.mark.parametrize(
    "content", ["10²", "H₂O", "½", "①", "Ⅳ", "™", "㎎", "…", "ª", "ſ", "𝐀", "，。：；！？（）、", "\t\n"]
)
def test_forms_that_carry_meaning_stay(content: str) -> None:
    assert cleaned(content) == content


def test_chinese_punctuation_becomes_ascii_on_demand() -> None:
    step = Unicode(fullwidth_punctuation="ascii")
    assert step(Text("（你好，吗？）：好；好！。、")).content == "(你好,吗?):好;好!。、"


@pytest.mark.parametrize("content", ["می\u200cخواهم", "क्\u200dष", "👩\u200d🔬", "❤\ufe0f\u200d🔥", "👩🏽\u200d🚒"])
def test_joiners_stay_where_they_shape(content: str) -> None:
    assert cleaned(content) == content


@pytest.mark.parametrize("content", ["a\u200db", "中\u200c文", "\u200dx", "👩\u200b\u200dx"])
def test_joiners_go_where_they_shape_nothing(content: str) -> None:
    assert "\u200d" not in cleaned(content)
    assert "\u200c" not in cleaned(content)


def test_spans_move_with_what_they_cover() -> None:
    text = Unicode()(Text("\ufeffＡ\u200bＢ e\u0301 ﬁn", (Span(1, 4, "LETTERS"), Span(5, 7, "E"), Span(8, 10, "FIN"))))
    assert text.content == "AB é fin"
    assert [text.content[span.start : span.end] for span in text.spans] == ["AB", "é", "fin"]
    assert text.cut == ()


def test_a_span_that_ends_between_letter_and_accent_is_reported_as_cut() -> None:
    text = Unicode()(Text("e\u0301a", (Span(0, 1, "X"),)))
    assert text.cut == (Span(0, 1, "X"),)


def test_a_span_of_nothing_visible_is_reported_as_cut() -> None:
    assert Unicode()(Text("a\u200b", (Span(1, 2, "X"),))).cut == (Span(1, 2, "X"),)


@given(st.text())
def test_the_result_is_nfc_and_nothing_that_nfkc_would_call_different(content: str) -> None:
    result = cleaned(content)
    assert unicodedata.is_normalized("NFC", result)
    assert not {"\ufeff", "\u200b", "\x00", "\r"} & set(result)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_ascii_stays_itself(content: str) -> None:
    text = Text(content)
    assert Unicode()(text) is text


@given(st.text(st.sampled_from("e\u0301\u0327中가\u1161\u11a8\u0b47\u0b3e\u09c7\u09be\u3099か")))
def test_composing_piece_by_piece_equals_composing_the_whole(content: str) -> None:
    assert cleaned(content) == unicodedata.normalize("NFC", content)
