"""Tokens of CoNLL files."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus.tokens import TokenCounts, join, split


def tokens(text: str, joiner: str = "auto", borders: tuple[int, ...] = (), *, words: bool = False) -> list[str]:
    return [text[start:end] for start, end in split(text, borders, joiner, words=words)]


def test_texts_are_split_where_joining_puts_them_together() -> None:
    assert tokens("mild ADPKD, 胃痛5mg") == ["mild", "ADPKD,", "胃", "痛", "5mg"]
    assert tokens("a b", "") == ["a", " ", "b"]
    assert tokens("a_b c", "_") == ["a", "b c"]
    assert tokens("mild ADPKD, 胃痛5mg", words=True) == ["mild", "ADPKD", ",", "胃", "痛", "5mg"]


def test_tokens_begin_and_end_at_borders() -> None:
    assert tokens("ADPKD 5mg", borders=(1, 3, 5, 7)) == ["A", "DP", "KD", "5", "mg"]


@given(text=st.text("aB9中，가 é\n", max_size=20), cuts=st.sets(st.integers(0, 20)))
def test_tokens_cover_all_but_blanks_in_order_and_respect_borders(text: str, cuts: set[int]) -> None:
    for joiner, words in (("auto", False), ("auto", True), ("", False)):
        bounds = split(text, cuts, joiner, words=words)
        assert all(start < end for start, end in bounds)
        assert all(left[1] <= right[0] for left, right in pairwise(bounds))
        assert not any(start < cut < end for start, end in bounds for cut in cuts)
        covered = "".join(text[start:end] for start, end in bounds)
        assert "".join(covered.split()) == "".join(text.split())


def test_a_file_is_in_characters_when_nearly_all_tokens_are() -> None:
    characters, mixed = TokenCounts(), TokenCounts()
    characters.add(["中", "文", "1"])
    mixed.add(["中", "文", "1", "Deep", "Learning"])
    assert (characters.by_character, mixed.by_character) == (True, False)
    assert join(["1", "9"], "auto", by_character=True) == ("19", [0, 1])
    assert join(["1", "9"], "auto", by_character=False) == ("1 9", [0, 2])
