from __future__ import annotations

import pytest

from vocation.evaluation.baselines.tfidf_logistic import TfidfLogistic
from vocation.records import Record
from vocation.tasks.classification import Classification
from vocation.text import Text


def record(text: str, label: str) -> Record:
    return Record(text, {"text": Text(text)}, {"label": label})


def test_chinese_is_told_apart_by_its_characters() -> None:
    train = [
        record(text, label)
        for text, label in [
            ("信用卡丢了", "挂失"),
            ("我的卡丢失了", "挂失"),
            ("转账到国外", "转账"),
            ("怎么转账", "转账"),
        ]
    ]
    test = [record("卡片丢失", ""), record("国外转账", "")]
    answers = [prediction.answer for prediction in TfidfLogistic().fit_predict(train, test, Classification())]
    assert answers == ["挂失", "转账"]


def test_words_of_one_character_count() -> None:
    train = [record("a b", "first"), record("a c", "second")] * 2
    answers = [
        prediction.answer
        for prediction in TfidfLogistic().fit_predict(train, [record("b", ""), record("c", "")], Classification())
    ]
    assert answers == ["first", "second"]


def test_scores_are_probabilities_of_every_label() -> None:
    train = [record(f"word{label} x", label) for label in "abc"] * 2
    (prediction,) = TfidfLogistic().fit_predict(train, [record("worda", "")], Classification())
    assert set(prediction.scores) == {"a", "b", "c"}
    assert sum(prediction.scores.values()) == pytest.approx(1.0, abs=1e-6)
    assert prediction.confidence == max(prediction.scores.values()) == prediction.scores["a"]
