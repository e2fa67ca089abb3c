from __future__ import annotations

import pytest

from vocation.evaluation.mistakes import Scored, confusion, mistakes, pairings, same_answer
from vocation.records import Answer, Prediction, Record
from vocation.text import Span, Text


def scored(name: str, gold: Answer, predicted: Answer, confidence: float = 0.5) -> Scored:
    record = Record(name, {"text": Text(f"text of {name}")}, file="test.csv", row=7)
    return Scored(record, gold, Prediction(predicted, confidence), Prediction(gold, 1.0))


LABELLED = [
    scored("right", "a", "a", 0.99),
    scored("unsure", "a", "b", 0.4),
    scored("sure", "a", "b", 0.9),
    scored("other", "b", "a", 0.6),
]
DRUG, GENE = Span(0, 4, "Drug"), Span(5, 7, "Gene")


def test_the_surest_wrong_answers_come_first() -> None:
    found = mistakes(LABELLED, shown=2)
    assert [entry["id"] for entry in found["hardest"]] == ["sure", "other"]
    assert (found["records"], found["wrong"]) == (4, 3)
    assert found["hardest"][0] == {
        "id": "sure",
        "file": "test.csv",
        "row": 7,
        "text": "text of sure",
        "gold": "a",
        "predicted": "b",
        "confidence": 0.9,
        "baseline": "a",
    }


def test_the_most_confused_pairs_come_first() -> None:
    assert mistakes(LABELLED, shown=5)["pairs"] == [
        {"gold": "a", "predicted": "b", "count": 2},
        {"gold": "b", "predicted": "a", "count": 1},
    ]
    assert len(mistakes(LABELLED, shown=1)["pairs"]) == 1


def test_none_are_shown_when_none_are_wanted() -> None:
    assert mistakes(LABELLED, shown=0)["hardest"] == []
    assert mistakes(LABELLED, shown=0)["wrong"] == 3


def test_span_mistakes_are_counted_by_category() -> None:
    rows = [
        scored("one", (DRUG, GENE), (Span(0, 3, "Drug"), Span(5, 7, "Drug"))),
        scored("two", (DRUG,), ()),
        scored("three", (), (GENE,)),
        scored("four", (DRUG, GENE), (GENE, DRUG)),
    ]
    found = mistakes(rows, shown=10)
    assert found["spans"] == {
        "correct": 2,
        "wrong boundary": 1,
        "wrong type": 1,
        "wrong boundary and type": 0,
        "missed": 1,
        "spurious": 1,
    }
    assert found["wrong"] == 3
    entry = next(entry for entry in found["hardest"] if entry["id"] == "one")
    assert entry["gold"] == [[0, 4, "Drug"], [5, 7, "Gene"]]
    assert [error["category"] for error in entry["errors"]] == ["wrong boundary", "wrong type"]


def test_confusion_counts_none_for_no_entity() -> None:
    rows = [scored("one", (DRUG,), ()), scored("two", (), (GENE,)), scored("three", (DRUG,), (Span(0, 9, "Gene"),))]
    assert confusion(rows) == {("Drug", None): 1, (None, "Gene"): 1, ("Drug", "Gene"): 1}


def test_spans_are_compared_as_sets() -> None:
    assert same_answer((DRUG, GENE), (GENE, DRUG, DRUG))
    assert not same_answer((DRUG,), (GENE,))
    assert not same_answer("Drug", (DRUG,))


def test_labels_have_no_pairings() -> None:
    with pytest.raises(TypeError, match="sure are labels"):
        pairings(LABELLED[2])
