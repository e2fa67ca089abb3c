"""Shares of repeated phrases, against slow and obvious twins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vocation.language import phrases
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


@pytest.fixture(params=["plain", "compiled"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PLAIN_WORDS", "PLAIN_CHARACTERS"):
        monkeypatch.setattr(phrases, name, 10**9 if request.param == "plain" else -1)


SAME_WAY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SAME_WAY
@given(st.lists(st.sampled_from(["a", "bb", "ccc"]), max_size=40))
def test_shares_of_words_are_those_of_the_slow_twins(words: list[str]) -> None:
    shares = list(Phrases.of_words(" ".join(words)).shares([1, 2, 4], [4, 5, 6]))
    assert shares[:3] == [slow_top_share(words, size) for size in (1, 2, 4)]
    assert shares[3:] == pytest.approx([slow_repeated_share(words, size) for size in (4, 5, 6)])


@SAME_WAY
@given(st.lists(st.sampled_from(["a", "bb", "ccc"]), max_size=40))
def test_either_share_may_be_asked_for_alone(words: list[str]) -> None:
    found = Phrases.of_words(" ".join(words))
    assert list(found.shares([2, 3], [])) == [slow_top_share(words, size) for size in (2, 3)]
    assert list(found.shares([], [1, 3])) == pytest.approx([slow_repeated_share(words, size) for size in (1, 3)])


@SAME_WAY
@given(st.text("中文\n", max_size=40), st.integers(1, 3))
def test_shares_of_characters_count_scale_of_them_as_a_word(content: str, scale: int) -> None:
    characters = list("".join(content.split()))
    top, *repeated = Phrases.of_characters(content, scale).shares([1], [1, 2, 3])
    assert top == slow_top_share(characters, scale)
    assert repeated == pytest.approx([slow_repeated_share(characters, size * scale) for size in (1, 2, 3)])


def test_a_long_text_is_counted_by_compiled_code_to_the_same_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = Random(4)
    words = " ".join(generator.choice(["to", "be", "not"]) for _ in range(30_000))
    shares = []
    for most in (10**9, 0):
        monkeypatch.setattr(phrases, "PLAIN_WORDS", most)
        monkeypatch.setattr(phrases, "PLAIN_CHARACTERS", most)
        shares.append(list(Phrases.of_words(words).shares((2, 3, 4), (5, 6, 7, 8, 9, 10))))
        shares.append(list(Phrases.of_characters(words, 4).shares((2, 3, 4), (5, 6, 7, 8, 9, 10))))
    assert shares[:2] == shares[2:]
    assert min(shares[0]) > 0


def test_many_characters_are_counted_by_compiled_code_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phrases, "PLAIN_WORDS", 10**9)
    monkeypatch.setattr(phrases, "PLAIN_CHARACTERS", 25)
    monkeypatch.setattr(phrases, "_counted", phrases._Counted())
    asked: list[str] = []

    def note(way: str) -> Iterator[int]:
        asked.append(way)
        yield from (1, 0)

    monkeypatch.setattr(Phrases, "_plain", lambda *_: note("plain"))
    monkeypatch.setattr(Phrases, "_compiled", lambda *_: note("compiled"))
    for _ in range(3):
        assert list(Phrases.of_characters("一二三四五六七八九十", 2).shares([1], [])) == [0]
    assert list(Phrases.of_words("one two").shares([1], [])) == [0]
    assert asked == ["plain", "plain", "compiled", "plain"]
