"""The compiled identifier answers as py3langid does, to the last bit."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py3langid.langid import MODEL_FILE, LanguageIdentifier, visit_counts

from vocation.language.compiled_identification import Identifier, visited

ROOT = Path(__file__).parents[2]
OTHERS = (
    "Der Patient wurde mit Brustschmerzen aufgenommen.",
    "Le patient a été admis pour une douleur thoracique.",
    "患者は胸痛と息切れのために入院しました。",
    "환자는 흉통과 호흡곤란으로 입원하였습니다.",
    "Пациент поступил с болью в груди.",
    "ALL IN CAPITALS, AS SOME NOTES ARE",
    "12:30 – 14:00 ***",
    "e\u0301 and \ud800",
    "",
)


@pytest.fixture(scope="module")
def ours() -> Identifier:
    made: Identifier = Identifier.from_model_file(MODEL_FILE, norm_probs=True)
    return made


@pytest.fixture(scope="module")
def theirs() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def real_texts() -> list[str]:
    with (ROOT / "examples/bank-intents/data/cards_test.csv").open(encoding="utf-8", newline="") as file:
        questions = [row["text"] for row in csv.DictReader(file)]
    pages = [page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("**/*.md"))]
    return [*questions, *pages, *OTHERS]


def test_every_language_is_as_likely_as_the_package_says(ours: Identifier, theirs: LanguageIdentifier) -> None:
    texts = real_texts()
    assert len(texts) > 500
    for text in texts:
        assert np.array_equal(ours._decide(text), theirs._decide(text)), text
        assert ours.classify(text) == theirs.classify(text)


@settings(deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_is_as_likely_in_each_language(ours: Identifier, theirs: LanguageIdentifier, text: str) -> None:
    assert np.array_equal(ours._decide(text), theirs._decide(text))


@settings(deadline=None)
@given(data=st.binary(max_size=200))
def test_features_come_in_the_order_in_which_the_package_meets_them(ours: Identifier, data: bytes) -> None:
    expected: Counter[int] = visit_counts(ours.tk_nextmove, ours._rowbase, ours.tk_output, data) or Counter()
    features, counts = visited(np.frombuffer(data, dtype=np.uint8), ours._moves, ours._rows, ours._features)
    assert features.tolist() == list(expected)
    assert counts.tolist() == list(expected.values())


def test_other_weights_are_noticed(ours: Identifier, theirs: LanguageIdentifier) -> None:
    changed = Identifier.from_model_file(MODEL_FILE, norm_probs=True)
    changed.nb_ptc = changed.nb_ptc * np.float32(1.001)
    assert not np.array_equal(changed._decide("The patient was admitted."), theirs._decide("The patient was admitted."))
    assert np.array_equal(ours._decide("The patient was admitted."), theirs._decide("The patient was admitted."))
