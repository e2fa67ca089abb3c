"""Finding terms, against a slow and obvious twin."""

from __future__ import annotations

import builtins
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.errors import MissingExtraError
from vocation.language.term_finder import Mention, TermFinder


def found(terms: list[str], content: str, **options: bool) -> list[str]:
    return [content[start:end] for _, start, end in TermFinder(terms, **options).find(content)]


def test_the_longest_term_counts_and_words_are_whole() -> None:
    assert found(["BP", "BPH", "BP cuff"], "BP, BPH, BPx, xBP, BP cuff, BP升高") == ["BP", "BPH", "BP cuff", "BP"]


def test_a_longer_term_that_is_no_whole_word_does_not_hide_a_shorter_one() -> None:
    assert found(["CA", "CA 12"], "CA 125") == ["CA"]


def test_chinese_terms_need_no_bounds() -> None:
    assert found(["糖尿病", "尿病", "2型糖尿病"], "患2型糖尿病多年") == ["2型糖尿病"]


def test_case_is_ignored_on_demand_and_offsets_stay_right() -> None:
    assert found(["mi"], "MI mi") == ["mi"]
    assert found(["Mi"], "İİ MI mi", ignore_case=True) == ["MI", "mi"]


def test_a_finder_can_be_pickled() -> None:
    copy = pickle.loads(pickle.dumps(TermFinder(["BP"], ignore_case=True)))
    assert copy.find("a bp") == [Mention(0, 2, 4)]


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name == "ahocorasick_rs":
            raise ImportError(name)
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingExtraError, match=r"vocation\[terms\]"):
        TermFinder(["BP"])


@given(
    st.lists(st.text("ab中", min_size=1, max_size=3), min_size=1, max_size=5, unique=True),
    st.text("ab中 ", max_size=12),
)
def test_mentions_are_those_of_a_search_from_left_to_right(terms: list[str], content: str) -> None:
    expected, position = [], 0
    while position < len(content):
        fits = [
            term
            for term in terms
            if content.startswith(term, position)
            and not (position and latin(content[position - 1]) and latin(term[0]))
            and not (latin(term[-1]) and latin(content[position + len(term) : position + len(term) + 1]))
        ]
        if fits:
            expected.append(max(fits, key=len))
            position += len(expected[-1])
        else:
            position += 1
    assert found(terms, content) == expected


def latin(character: str) -> bool:
    return character in ("a", "b")
