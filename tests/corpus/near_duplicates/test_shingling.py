"""What a text's shingles are."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from vocation.corpus.near_duplicates.shingling import IDEOGRAPH, Shingling, character_table, shingles, tokens


def similarity(one: str, two: str) -> float:
    first, second = shingles(one, Shingling()), shingles(two, Shingling())
    common = len(np.intersect1d(first, second))
    return common / (len(first) + len(second) - common)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("The patient was seen today.", "THE  patient\nwas seen — today"),
        ("患者今日就诊，血压正常。", "患者今日就诊 血压正常"),
        ("ＡＢＣ１２３ test", "abc123 Test"),
        ("Ärzte in Köln", "ärzte in köln"),
    ],
)
def test_width_case_space_and_punctuation_do_not_count(one: str, two: str) -> None:
    assert similarity(one, two) == 1


def test_a_word_is_one_token_and_every_ideograph_is_one() -> None:
    assert [single for _, single in tokens("CT检查 shows 结节")] == [False, True, True, False, True, True]
    assert len(tokens("한국어")) == 3
    assert len(tokens("カタカナ")) == 4
    assert len(tokens("𠀀𠀁")) == 2
    assert tokens("… — !") == []


def test_every_character_counts_as_its_own_compatibility_form_in_small_letters() -> None:
    table = character_table()
    for code in range(len(table)):
        character = chr(code)
        folded = unicodedata.normalize("NFKC", character).casefold()
        counted = folded if len(folded) == 1 and ord(folded) < len(table) else character
        expected = ord(counted) if unicodedata.category(counted)[0] in "LMN" else 0
        assert int(table[code]) & ~IDEOGRAPH == expected, hex(code)


def test_a_shingle_is_so_many_words_or_so_many_characters() -> None:
    assert len(shingles("a b c d e", Shingling(words=3))) == 3
    assert len(shingles("一二三四五六", Shingling(characters=5))) == 2
    assert len(shingles("a b", Shingling(words=3))) == 1
    assert len(shingles("", Shingling())) == 0


def test_equal_shingles_count_once_and_are_sorted() -> None:
    found = shingles("a a a a a a b c", Shingling(words=2))
    assert len(found) == 3
    assert (np.diff(found.astype(np.int64)) > 0).all()


def test_one_changed_word_changes_the_shingles_around_it_alone() -> None:
    words = [f"word{number}" for number in range(30)]
    changed = [*words[:10], "other", *words[11:]]
    assert similarity(" ".join(words), " ".join(changed)) == pytest.approx(25 / 31)
