from __future__ import annotations

import pytest

from vocation.evaluation.baselines.training_dictionary import TrainingDictionary
from vocation.records import Prediction, Record
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.text import Span, Text


def record(content: str, *entities: tuple[str, str]) -> Record:
    """Entities are the first occurrences of the phrases given."""
    spans = tuple(Span(content.index(text), content.index(text) + len(text), label) for text, label in entities)
    return Record(content, {"text": Text(content, spans)}, {"label": "x"})


def predict(train: list[Record], content: str) -> Prediction:
    return TrainingDictionary().fit_predict(train, [record(content)], Entities())[0]


def found(train: list[Record], content: str) -> list[tuple[str, str]]:
    answer = predict(train, content).answer
    return [(content[span.start : span.end], span.label) for span in answer if isinstance(span, Span)]


def test_the_longest_entity_wins() -> None:
    train = [record("cancer kills", ("cancer", "Disease")), record("breast cancer kills", ("breast cancer", "Disease"))]
    assert found(train, "has breast cancer, no other cancer") == [("breast cancer", "Disease"), ("cancer", "Disease")]


def test_a_match_ends_at_a_word_boundary() -> None:
    train = [record("has ALS now", ("ALS", "Disease"))]
    assert found(train, "ALSO false; true ALS") == [("ALS", "Disease")]


def test_chinese_is_matched_without_boundaries() -> None:
    train = [record("患者有糖尿病史", ("糖尿病", "疾病")), record("张三任董事长", ("董事长", "职务"))]
    assert found(train, "父亲糖尿病，曾任副董事长") == [("糖尿病", "疾病"), ("董事长", "职务")]


def test_a_phrase_gets_its_most_frequent_type() -> None:
    train = [record("Paris", ("Paris", "Person")), *[record("Paris", ("Paris", "Place"))] * 2]
    assert found(train, "in Paris") == [("Paris", "Place")]


def test_a_phrase_that_is_mostly_unlabelled_is_left_out() -> None:
    train = [record("fever", ("fever", "Disease")), record("no fever"), record("fever?")]
    assert found(train, "fever") == []
    assert found([*train, *[record("fever", ("fever", "Disease"))] * 2], "fever") == [("fever", "Disease")]


def test_inside_a_longer_entity_a_phrase_does_not_count_as_unlabelled() -> None:
    train = [record("cancer", ("cancer", "Disease")), *[record("breast cancer", ("breast cancer", "Disease"))] * 5]
    assert found(train, "colon cancer") == [("cancer", "Disease")]


def test_spaces_between_words_may_differ() -> None:
    assert found([record("breast cancer", ("breast cancer", "Disease"))], "breast\n cancer") == [
        ("breast\n cancer", "Disease")
    ]


def test_confidence_is_the_share_of_labelled_occurrences() -> None:
    train = [record("fever", ("fever", "Disease")), record("fever", ("fever", "Disease")), record("fever")]
    prediction = predict(train, "a fever")
    assert prediction.scores == {"2:7:Disease": pytest.approx(2 / 3)}
    assert prediction.confidence == pytest.approx(2 / 3)


def test_a_task_of_labels_is_refused() -> None:
    with pytest.raises(TypeError, match="'classification' gives labels"):
        TrainingDictionary().fit_predict([record("x")], [], Classification())
