"""Shares of repeated phrases, against slow and obvious twins."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.language.phrases import Phrases


def slow_top_share(units: list[str], size: int) -> float:
    phrases = Counter(tuple(units[start : start + size]) for start in range(len(units) - size + 1))
    most = max(phrases.values(), default=0)
    if most < 2:
        return 0.0
    longest = max(sum(map(len, phrase)) for phrase, count in phrases.items() if count == most)
    return min(1.0, most * longest / sum(map(len, units)))


def slow_repeated_share(units: list[str], size: int) -> float:
    seen, covered = set[tuple[str, ...]](), set[int]()
    for start in range(len(units) - size + 1):
        phrase = tuple(units[start : start + size])
        if phrase in seen:
            covered.update(range(start, start + size))
        seen.add(phrase)
    return sum(len(units[place]) for place in covered) / max(1, sum(map(len, units)))


@given(st.lists(st.sampled_from(["a", "bb", "ccc"]), max_size=40))
def test_shares_of_words_are_those_of_the_slow_twins(words: list[str]) -> None:
    phrases = Phrases.of_words(" ".join(words))
    assert phrases.top_shares([1, 2, 4]) == [slow_top_share(words, size) for size in (1, 2, 4)]
    sizes = [1, 2, 3, 5]
    assert phrases.repeated_shares(sizes) == pytest.approx([slow_repeated_share(words, size) for size in sizes])


@given(st.text("中文\n", max_size=40), st.integers(1, 3))
def test_shares_of_characters_count_scale_of_them_as_a_word(content: str, scale: int) -> None:
    characters = list("".join(content.split()))
    phrases = Phrases.of_characters(content, scale)
    assert phrases.top_shares([2]) == [slow_top_share(characters, 2 * scale)]
    expected = [slow_repeated_share(characters, size * scale) for size in (1, 2, 3)]
    assert phrases.repeated_shares([1, 2, 3]) == pytest.approx(expected)
