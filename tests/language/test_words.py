"""What counts as a word, and as Chinese."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from vocation.language.words import CHINESE, count_words, is_chinese

CHARACTER = f"(?:(?=\\w)[{CHINESE}])"
WORD = re.compile(f"{CHARACTER}[^\\w\\s]*|(?:(?!{CHARACTER})\\S)+")
LETTER = re.compile(r"[^\W\d_]")
CHARACTERS = "aé中々ー・①½12_，。#… \n\u3000\u0301\U00020000\U0001f469\ud800"


@given(st.text(st.one_of(st.sampled_from(CHARACTERS), st.characters()), max_size=30))
def test_words_are_counted_as_a_plain_pattern_finds_them(content: str) -> None:
    words = WORD.findall(content)
    assert count_words(content) == (len(words), sum(LETTER.search(word) is not None for word in words))


@given(st.text(st.characters(max_codepoint=127), max_size=30))
def test_words_of_ascii_are_counted_as_the_same_pattern_finds_them(content: str) -> None:
    words = WORD.findall(content)
    assert count_words(content) == (len(words), sum(LETTER.search(word) is not None for word in words))


@given(st.text(st.one_of(st.sampled_from(CHARACTERS), st.characters()), max_size=30))
def test_a_text_is_chinese_where_most_letters_are(content: str) -> None:
    chinese = len(re.findall(CHARACTER, content))
    assert is_chinese(content) == (chinese > 0 and 2 * chinese > len(LETTER.findall(content)))


def test_a_chinese_character_is_a_word_with_the_marks_behind_it() -> None:
    assert count_words("血压120/80，正常。 Blood pressure!") == (7, 6)


def test_most_letters_decide_whether_a_text_is_chinese() -> None:
    assert is_chinese("患者服用aspirin，病情好转，继续观察。")
    assert not is_chinese("The word 中 means middle.")
    assert not is_chinese("123")
