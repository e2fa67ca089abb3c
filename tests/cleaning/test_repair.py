"""The step `repair`."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.cleaning.repair import Repair
from vocation.errors import MissingExtraError
from vocation.text import Span, Text


@pytest.mark.parametrize(
    ("broken", "repaired"),
    [
        ("sÃ³lo mÃ¡s", "sólo más"),
        ("itâ€™s â€œquotedâ€\x9d", "it’s “quoted”"),
        ("æ–‡ä»¶ ok", "文件 ok"),
        ("æ²»ç–— 70 å…ƒ", "治疗 70 元"),
        ("voilÃ  le travail", "voilà le travail"),
        ("Ñ„Ñ‹Ð²Ð°", "фыва"),
        ("ÃƒÂ©tÃƒÂ©", "été"),
        ("good line\nbad cafÃ©\n", "good line\nbad café\n"),
        ("浣犲ソ", "你好"),
        ("治疗\n娌荤枟鏂规\ue50d 5 mg\n", "治疗\n治疗方案 5 mg\n"),
        ("It鈥檚 鈥淪top鈥\x9d", "It’s “Stop鈥\x9d"),
    ],
)
def test_mojibake_is_undone(broken: str, repaired: str) -> None:
    assert Repair()(Text(broken)).content == repaired


@pytest.mark.parametrize(
    "good",
    [
        "联通",
        "涓滴归公",
        "锟斤拷",
        "5掳C",
        "茅台",
        "浣熊",
        "鏖战",
        "請問您貴姓",
        "こんにちは",
        "naïve café",
        "“你好”——世界……",
        "Привет, мир",
        "±5 °C",
        "10²×3",
        "ＡＢＣ",
        "Ångström",
        "é“”",
    ],
)
def test_good_text_stays(good: str) -> None:
    text = Text(good)
    assert Repair()(text) is text


def test_spans_cover_the_repaired_words_and_places_can_be_traced_back() -> None:
    content = "el niÃ±o y la niÃ±a"
    text = Repair()(Text(content, (Span(3, 8, "BOY"), Span(14, 19, "GIRL"))))
    assert [text.content[span.start : span.end] for span in text.spans] == ["niño", "niña"]
    assert text.source_span(5, 6) == (5, 7)


def test_a_line_whose_repair_would_cut_a_span_is_left_alone_as_a_whole() -> None:
    text = Repair()(Text("Ã© and Ã©\nÃ©", (Span(0, 1, "X"),)))
    assert text.content == "Ã© and Ã©\né"
    assert text.spans == (Span(0, 1, "X"),)


def test_spans_survive_where_bytes_of_both_readings_end_together() -> None:
    text = Repair()(Text("A: 娌荤枟鏂规\ue50d", (Span(3, 6, "X"), Span(6, 9, "Y"))))
    assert [text.content[span.start : span.end] for span in text.spans] == ["治疗", "方案"]


def test_what_was_read_as_gbk_can_be_left_alone() -> None:
    assert Repair(read_as_gbk=False)(Text("浣犲ソ")).content == "浣犲ソ"


@given(st.text("你好文件abc éñ’“ \n", max_size=30))
def test_utf8_that_was_read_as_windows_1252_comes_back_whole_or_not_at_all(original: str) -> None:
    broken = original.encode().decode("latin-1")
    lines = zip(original.split("\n"), broken.split("\n"), Repair()(Text(broken)).content.split("\n"), strict=True)
    for good, bad, got in lines:
        assert got in (good, bad, bad.encode("latin-1").decode("cp1252", "ignore")) or len(got) <= len(bad)


def test_a_long_line_of_mojibake_takes_no_quadratic_time() -> None:
    original = "ésta é " * 20_000
    assert Repair()(Text(original.encode().decode("latin-1"))).content == original


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ftfy", None)
    with pytest.raises(MissingExtraError, match=r"vocation\[repair\]"):
        Repair()(Text("Ã©"))
