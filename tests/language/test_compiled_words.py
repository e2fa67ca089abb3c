"""Finding words of a list, against a plain pattern."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from vocation.language.stop_words import STOP_WORDS, occurrences

LATIN_WORD = re.compile("[A-Za-zÀ-ɏ]+(?:['’][A-Za-zÀ-ɏ]+)*")
CHINESE_RUN = re.compile("[\u3400-\u9fff]+")
WORDS = frozenset({"a", "it's", "é", "ab", "b'a'b", "中"})


@given(st.text("aAbB'’sitÉéİ-1 \n中\U0001f469\ud800", max_size=30))
def test_words_are_found_as_a_plain_pattern_finds_them(content: str) -> None:
    expected = [match.span() for match in LATIN_WORD.finditer(content) if match[0].lower().replace("’", "'") in WORDS]
    assert list(occurrences(content, WORDS, chinese=False)) == expected


@given(st.text("我的目是治疗患者在一般情况下不同意见，。A5 \n䷀", max_size=40))
def test_chinese_words_are_found_as_each_run_by_itself_has_them(content: str) -> None:
    words = STOP_WORDS["zh"]
    expected = [
        (run.start() + start, run.start() + end)
        for run in CHINESE_RUN.finditer(content)
        for start, end in occurrences(run[0], words, chinese=True)
    ]
    assert list(occurrences(content, words, chinese=True)) == expected


def test_a_word_of_a_line_end_is_never_found() -> None:
    assert list(occurrences("中\n文\n", frozenset({"\n", "文"}), chinese=True)) == [(2, 3)]


def test_no_words_are_found_in_no_list() -> None:
    assert list(occurrences("a b", frozenset(), chinese=False)) == []
