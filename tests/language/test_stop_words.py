"""Finding stop words."""

from __future__ import annotations

from vocation.language.stop_words import NEGATIONS, STOP_WORDS, occurrences


def found(content: str, *, chinese: bool = True) -> list[str]:
    words = STOP_WORDS["en"] | STOP_WORDS["zh"]
    return [content[start:end] for start, end in occurrences(content, words, chinese=chinese)]


def test_english_words_are_found_whole_in_any_case() -> None:
    assert found("The theory of It’s THE other") == ["The", "of", "It’s", "THE", "other"]


def test_chinese_words_are_found_where_they_are_words() -> None:
    assert found("我的目的是治疗") == ["我", "的", "是"]
    assert found("我的目的", chinese=False) == []


def test_negations_are_in_no_list() -> None:
    for language, words in STOP_WORDS.items():
        assert words
        assert not words & NEGATIONS[language]
