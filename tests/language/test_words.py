"""What counts as a word, and as Chinese."""

from __future__ import annotations

from vocation.language.words import is_chinese, words


def test_a_chinese_character_is_a_word_with_the_marks_behind_it() -> None:
    assert words("血压120/80，正常。 Blood pressure!") == ["血", "压", "120/80，", "正", "常。", "Blood", "pressure!"]


def test_most_letters_decide_whether_a_text_is_chinese() -> None:
    assert is_chinese("患者服用aspirin，病情好转，继续观察。")
    assert not is_chinese("The word 中 means middle.")
    assert not is_chinese("123")
