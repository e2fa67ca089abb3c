"""The model of characters, against a plain twin that says Witten and Bell's formula word by word."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocation.language.character_model import CharacterModel, Expectation, characters, learn

CODE_POINTS = 0x110000
ALPHABET = "ab cé中文的\U00020000。"


class Twin:
    """Counts in dictionaries, and the formula of the module's docstring."""

    def __init__(self, texts: Sequence[str], order: int) -> None:
        self.order = order
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        for text in texts:
            for place, character in enumerate(text):
                for length in range(min(place, order - 1) + 1):
                    self.counts[text[place - length : place]][character] += 1

    def probability(self, character: str, history: str) -> float:
        counts = self.counts[history] if history in self.counts else Counter[str]()
        lower = self.probability(character, history[1:]) if history else 1 / CODE_POINTS
        total = counts.total() + len(counts)
        return (counts[character] + len(counts) * lower) / total if total else lower

    def cost(self, text: str) -> float:
        histories = (text[max(0, place - self.order + 1) : place] for place in range(len(text)))
        total = -sum(map(math.log, map(self.probability, text, histories)))
        return total / len(text.encode()) if text else 0.0


def model_of(texts: Sequence[str], order: int) -> CharacterModel:
    return CharacterModel.of([characters(text) for text in texts], order)


@settings(deadline=None)
@given(
    st.lists(st.text(ALPHABET, max_size=40), max_size=4),
    st.text(ALPHABET + "xyz", max_size=40),
    st.integers(1, 8),
)
def test_costs_are_those_of_the_formula(texts: list[str], text: str, order: int) -> None:
    texts, text = [" ".join(one.split()) for one in texts], " ".join(text.split())
    cost, size = model_of(texts, order).cost(text)
    assert size == len(text.encode())
    assert cost == pytest.approx(Twin(texts, order).cost(text), rel=1e-5, abs=1e-6)


def test_costs_are_those_of_the_formula_when_the_table_has_grown() -> None:
    draw = random.Random(3)
    text = "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=40_000))
    known, other = text[:39_000], text[39_000:]
    model = model_of([known], 5)
    assert len(model.table) > 1 << 17
    assert model.cost(other)[0] == pytest.approx(Twin([known], 5).cost(other), rel=1e-5)
    assert model.cost(known[:500])[0] == pytest.approx(Twin([known], 5).cost(known[:500]), rel=1e-5)


def test_the_probabilities_behind_a_history_add_up_to_one() -> None:
    texts = ["abracadabra", "barbara ab"]
    model, twin = model_of(texts, 3), Twin(texts, 3)
    for history in ("", "a", "ab", "zz", "ra"):
        before = model.cost(history)
        seen = sorted(set("".join(texts)))
        total = sum(
            math.exp(before[0] * before[1] - cost * size)
            for cost, size in (model.cost(history + character) for character in seen if character != " ")
        )
        space = twin.probability(" ", history)
        unseen = twin.probability("q", history) * (CODE_POINTS - len(seen))
        assert total + space + unseen == pytest.approx(1, rel=1e-4)


def test_capitals_and_white_space_make_no_difference() -> None:
    model = model_of(["the cat sat on the mat"], 5)
    assert model.cost(" The\u3000CAT \r\n sat\t\u200b") == model.cost("the cat sat")
    assert model.cost(" \n\u200b") == (0.0, 0)
    assert model.cost("") == (0.0, 0)


def test_no_n_gram_reaches_from_one_text_into_the_next() -> None:
    apart, joined = model_of(["ab", "cd"], 3), model_of(["abcd"], 3)
    assert apart.cost("bc")[0] > joined.cost("bc")[0]
    assert apart.cost("bc")[0] == pytest.approx(Twin(["ab", "cd"], 3).cost("bc"), rel=1e-5)


def test_half_a_surrogate_pair_and_nothing_at_all_are_unlikely_and_no_error() -> None:
    model = model_of(["ab"], 3)
    assert model.cost("\ud800")[0] > model.cost("a")[0]
    assert model_of([], 3).cost("a")[0] == pytest.approx(math.log(CODE_POINTS))


def test_a_tenth_is_kept_apart_and_says_what_to_expect() -> None:
    draw = random.Random(5)
    words = ["the", "patient", "has", "no", "fever", "and", "a", "cough", "since", "May"]
    text = " ".join(draw.choices(words, k=20_000))
    model, (expected,) = learn([text], 5)
    assert expected.lengths[:3] == (32, 64, 128)
    assert sum(len(costs) for costs in expected.costs[:1]) == pytest.approx(len(text) / 10 / 32, rel=0.1)
    medians, highest = expected.quantiles(0.5), expected.quantiles(1)
    assert all(low < high for low, high in zip(medians, highest, strict=True))
    spreads = [high - low for low, high in zip(medians, highest, strict=True)]
    assert spreads[0] > spreads[-1]  # A long piece is nearer to the mean.
    other = " ".join(draw.choices(words, k=40))
    assert model.cost(other)[0] < highest[0]
    assert model.cost("".join(draw.sample(other, len(other))))[0] > 2 * highest[0]


def test_pieces_cost_what_they_cost_by_themselves() -> None:
    texts = ["abab 中文 abab 中文 " * 400]
    model, (expected,) = learn(texts, 4)
    codes = characters(texts[0])
    assert {round(float(cost), 3) for cost in expected.costs[0]} <= {
        round(model.cost("".join(map(chr, codes[start:end])))[0], 3)
        for start in range(30)  # The text repeats itself, so that a piece begins in one of few ways.
        for end in range(start + 20, start + 34)
    }


def test_of_a_long_text_stretches_from_all_over_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vocation.language.character_model._LARGEST", 40_000)
    text = "".join(chr(0x4E00 + place // 1000) * 1000 for place in range(0, 400_000, 1000))
    model, _ = learn([text], 2)
    known = [place for place in range(400) if model.cost(chr(0x4E00 + place))[0] < 5]
    assert 30 <= len(known) <= 80
    assert max(later - earlier for earlier, later in pairwise(known)) <= 25


def test_each_of_several_texts_has_its_own_expectation() -> None:
    english = "the patient has a fever and a cough, and no pain. " * 800
    chinese = "患者发热伴咳嗽三天，无胸痛，既往体健。" * 800
    _, expected = learn([english, chinese], 5)
    assert len(expected) == 2
    assert all(isinstance(one, Expectation) and np.all(np.diff(one.costs[0]) >= 0) for one in expected)
