"""A finished model answers raw text, in the raw text's own offsets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vocation
from vocation.cleaning.minimum_length import MinimumLength
from vocation.cleaning.terms import Terms
from vocation.cleaning.unicode import Unicode
from vocation.cleaning.whitespace import Whitespace
from vocation.errors import ModelError
from vocation.modeling.pretrained import load_model, load_tokenizer
from vocation.prediction import predictor as module
from vocation.prediction.predictor import Description, Predictor, padding_of
from vocation.records import Prediction, Record
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.text import Span

Records = Callable[[int, int], list[Record]]
CLEANING = (Unicode(), Whitespace(), MinimumLength())
RAW = ["where is\u3000my  ｃａｒｄ", "", "\u200b", "  the mo\u200bney was lost  ", "fever", "card " * 60]


@pytest.fixture(params=[Classification(max_length=32), Entities(max_length=16, stride=4)], ids=lambda task: task.kind)
def predictor(request: pytest.FixtureRequest, bert_folder: Path) -> Predictor:
    return predictor_of(request.param, bert_folder)


def predictor_of(task: Task, folder: Path) -> Predictor:
    labels = task.head_labels(["card", "fever", "money"])
    model = load_model(task.model_class(), folder, labels, seed=1)
    description = Description(task=task, cleaning=CLEANING, head_labels=tuple(labels))
    return Predictor(model, load_tokenizer(folder), description)


def saved(predictor: Predictor, folder: Path) -> Path:
    predictor.model.save_pretrained(folder)
    predictor.tokenizer.save_pretrained(folder)
    predictor.description.write(folder)
    return folder


def nearly_equal(one: Prediction, other: Prediction) -> bool:
    same = one.answer == other.answer and one.confidence == pytest.approx(other.confidence, abs=1e-5)
    return same and one.scores == pytest.approx(dict(other.scores), abs=1e-5)


def test_streaming_and_one_by_one_give_the_same_answers(predictor: Predictor) -> None:
    together = predictor.predict(RAW)
    assert len(together) == len(RAW)
    assert list(predictor.stream(iter(RAW))) == together
    for text, prediction in zip(RAW, together, strict=True):
        assert nearly_equal(predictor.predict([text])[0], prediction)


def test_chunks_do_not_change_the_answers(predictor: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    together = predictor.predict(RAW)
    monkeypatch.setattr(module, "_CHUNK", 2)
    assert all(nearly_equal(*pair) for pair in zip(predictor.predict(RAW), together, strict=True))


def test_streaming_asks_for_no_more_than_a_chunk(predictor: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def endless() -> Iterator[str]:
        while True:
            asked.append(1)
            yield "the card"

    monkeypatch.setattr(module, "_CHUNK", 3)
    stream = predictor.stream(endless())
    for _ in range(4):
        next(stream)
    assert len(asked) == 6


def test_clean_records_get_the_answers_of_their_texts(predictor: Predictor, mentions: Records) -> None:
    records = mentions(9, 3)
    texts = [record.text.content for record in records]
    pairs = zip(predictor.predict_records(records), predictor.predict(texts), strict=True)
    assert all(nearly_equal(*pair) for pair in pairs)
    assert predictor.predict_records([]) == predictor.predict([]) == []


def test_texts_are_cleaned_as_the_corpus_was(predictor: Predictor) -> None:
    raw, clean = predictor.predict(["  the\u3000\u3000ｃａｒｄ \u200b was lost", "the card was lost"])
    bare = replace(predictor, description=predictor.description.model_copy(update={"cleaning": ()}))
    unclean, same = bare.predict(["  the\u3000\u3000ｃａｒｄ \u200b was lost", "the card was lost"])
    assert raw.confidence == pytest.approx(clean.confidence, abs=1e-5)
    assert same.confidence == pytest.approx(clean.confidence, abs=1e-5)
    assert unclean.confidence != pytest.approx(clean.confidence, abs=1e-3)


def test_an_empty_text_is_answered(predictor: Predictor) -> None:
    empty, invisible = predictor.predict(["", "\u200b"])
    assert nearly_equal(empty, invisible)
    if predictor.description.task.answers == "spans":
        assert empty == Prediction((), 1.0)
    else:
        assert empty.answer in predictor.description.head_labels


@pytest.mark.parametrize(
    ("raw", "places"),
    [
        ("the card", ["card"]),
        ("where is\u3000my  ｃａｒｄ", ["ｃａｒｄ"]),
        ("  \u200bca\u200brd\u200b  and card ", ["ca\u200brd", "card"]),
        ("e\u0301 card\r\n\r\n\r\ncard", ["card", "card"]),
        ("😀 患者ｃａｒｄ患card", ["ｃａｒｄ", "card"]),
    ],
)
def test_spans_are_places_in_the_raw_text(
    bert_folder: Path, monkeypatch: pytest.MonkeyPatch, raw: str, places: list[str]
) -> None:
    """With a model that finds every "card" of the clean text."""
    predictor = predictor_of(Entities(max_length=16, stride=4), bert_folder)
    find_cards(monkeypatch, predictor)
    (prediction,) = predictor.predict([raw])
    assert [raw[span.start : span.end] for span in spans_of(prediction)] == places
    assert {span.label for span in spans_of(prediction)} == {"card"}
    assert list(prediction.scores) == [f"{span.start}:{span.end}:{span.label}" for span in spans_of(prediction)]


def test_answers_that_fall_on_one_place_of_the_raw_text_are_one_answer(
    bert_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cleaning writes `cc` out as two cards; both are found, and both were the same two letters."""
    predictor = predictor_of(Entities(max_length=32, stride=4), bert_folder)
    written_out = Terms.model_validate({"terms": [{"term": "cc", "action": "expand", "replacement": "card , card"}]})
    description = predictor.description.model_copy(update={"cleaning": (written_out,)})
    predictor = Predictor(predictor.model, predictor.tokenizer, description)
    find_cards(monkeypatch, predictor)
    (prediction,) = predictor.predict(["my cc and card"])
    assert spans_of(prediction) == (Span(3, 5, "card"), Span(10, 14, "card"))
    assert list(prediction.scores) == ["3:5:card", "10:14:card"]


def spans_of(prediction: Prediction) -> tuple[Span, ...]:
    assert not isinstance(prediction.answer, str)
    return prediction.answer


def find_cards(monkeypatch: pytest.MonkeyPatch, predictor: Predictor) -> None:
    """Replaces the network by one that tags the token "card", alone or as part of a word, and nothing else."""
    tokens = predictor.tokenizer
    begin = predictor.description.head_labels.index("B-card")

    def logits(_: Any, examples: Any, *__: Any) -> list[np.ndarray[Any, Any]]:
        found = []
        for example in examples:
            names = tokens.convert_ids_to_tokens(example.features["input_ids"].tolist())
            tags = np.array([begin if name == "card" else 0 for name in names])
            found.append(np.where(np.arange(7) == tags[:, None], 9.0, 0.0).astype(np.float32))
        return found

    monkeypatch.setattr(module, "example_logits", logits)


def test_a_saved_predictor_answers_as_before(predictor: Predictor, tmp_path: Path) -> None:
    loaded = Predictor.load(saved(predictor, tmp_path))
    assert loaded.description == predictor.description
    assert loaded.predict(RAW) == predictor.predict(RAW)
    assert vocation.load(tmp_path).predict(RAW) == predictor.predict(RAW)


@pytest.mark.parametrize("content", [None, "no JSON", "{}", '{"task": "classification", "cleaning": [], "more": 1}'])
def test_a_folder_that_tuning_did_not_write_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "vocation.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match="is not a model that Vocation tuned"):
        Predictor.load(tmp_path)


def test_the_description_is_plain_json(predictor: Predictor, tmp_path: Path) -> None:
    predictor.description.write(tmp_path)
    content = json.loads((tmp_path / "vocation.json").read_text(encoding="utf-8"))
    assert content["task"]["kind"] == predictor.description.task.kind
    assert [step["kind"] for step in content["cleaning"]] == ["unicode", "whitespace", "minimum_length"]
    assert Description.model_validate(content) == predictor.description


def test_padding_follows_the_tokenizer(bert_folder: Path, roberta_folder: Path, llama_folder: Path) -> None:
    found = [padding_of(load_tokenizer(folder)) for folder in (bert_folder, roberta_folder, llama_folder)]
    assert [(padding.token, padding.left) for padding in found] == [(0, False), (1, False), (1, True)]


def test_an_unpaired_surrogate_is_cleaned_away(bert_folder: Path) -> None:
    """Unpaired surrogates, which cannot be encoded, come in from JSON."""
    predictor = predictor_of(Classification(), bert_folder)
    cleaned, same = predictor.predict(["the \ud800card", "the card"])
    assert nearly_equal(cleaned, same)
