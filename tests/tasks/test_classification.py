"""Reading, cutting and deciding of the classification task; what every task promises is in test_contract.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import softmax

from vocation.errors import DataError
from vocation.modeling.pretrained import load_tokenizer
from vocation.records import Record
from vocation.tasks import Example
from vocation.tasks.classification import Classification
from vocation.text import Text


@pytest.mark.parametrize(
    ("label", "expected"),
    [("loan", "loan"), ("  信用卡 ", "信用卡"), (3, "3"), (0, "0"), ("True", "True"), (True, "true"), (False, "false")],
)
def test_a_label_is_a_string_a_whole_number_or_true_or_false(label: Any, expected: str) -> None:
    texts, values = Classification().read({"text": "where is it", "label": label})
    assert (texts["text"].content, values) == ("where is it", {"label": expected})


@pytest.mark.parametrize("label", [None, "", "   ", 1.5, float("nan"), ["loan"], {"name": "loan"}])
def test_anything_else_is_refused_with_what_was_received(label: Any) -> None:
    with pytest.raises(DataError, match="label is missing or is not a name") as caught:
        Classification().read({"text": "where is it", "label": label})
    assert caught.value.column == "label"
    assert caught.value.received == repr(label)
    assert caught.value.remedy is not None


@pytest.mark.parametrize(
    ("fields", "problem"),
    [({}, "the text is missing"), ({"text": None}, "the text is missing"), ({"text": 5}, "the text is not a string")],
)
def test_a_text_that_is_missing_or_no_string_is_refused(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(DataError, match=problem) as caught:
        Classification().read(fields | {"label": "loan"})
    assert (caught.value.column, caught.value.received) == ("text", repr(fields.get("text")))
    assert "columns: {text: …}" in str(caught.value.remedy)


def test_what_is_received_is_quoted_briefly() -> None:
    with pytest.raises(DataError) as caught:
        Classification().read({"text": "x", "label": ["private " * 100]})
    assert caught.value.received is not None
    assert len(caught.value.received) <= 60


@pytest.mark.parametrize("folder", ["bert_folder", "roberta_folder", "llama_folder"])
def test_a_long_text_is_cut_and_every_lost_token_counted(request: pytest.FixtureRequest, folder: str) -> None:
    tokenizer = load_tokenizer(request.getfixturevalue(folder))
    contents = ["the card", " ".join(["card money 患者"] * 30), "", " ".join(["lost"] * 100)]
    records = [Record(str(row), {"text": Text(text)}, {"label": "a"}) for row, text in enumerate(contents)]
    encoding = Classification(max_length=16).encode(records, tokenizer, ["a"])
    assert [example.record for example in encoding.examples] == [0, 1, 2, 3]
    whole = [len(ids) for ids in tokenizer(contents)["input_ids"]]
    kept = [len(example) for example in encoding.examples]
    assert max(kept) == 16
    lost = {row: before - after for row, (before, after) in enumerate(zip(whole, kept, strict=True)) if before > after}
    assert {cut.record: cut.detail for cut in encoding.cuts} == {row: f"{count} tokens" for row, count in lost.items()}
    assert {cut.reason for cut in encoding.cuts} == {"text longer than max_length"}


def test_a_label_that_the_head_does_not_know_is_no_target(bert_folder: Path) -> None:
    records = [Record(label, {"text": Text("card")}, {"label": label}) for label in ("b", "new")]
    encoding = Classification().encode(records, load_tokenizer(bert_folder), ["a", "b"])
    assert [example.targets.tolist() for example in encoding.examples] == [[1], [-100]]


def test_scores_are_the_softmax_of_the_logits() -> None:
    logits = np.random.default_rng(1).normal(scale=300, size=(5, 4)).astype(np.float32)
    examples = [Example({}, np.array([0]), record) for record in (3, 0, 4, 1, 2)]
    records = [Record(str(row), {"text": Text("x")}) for row in range(5)]
    predictions = Classification().decode(list(logits), examples, records, list("abcd"))
    for row, example in zip(logits, examples, strict=True):
        prediction = predictions[example.record]
        expected = softmax(row.astype(np.float64))
        np.testing.assert_allclose(list(prediction.scores.values()), expected, rtol=0, atol=1e-12)
        assert prediction.answer == "abcd"[int(expected.argmax())]
        assert prediction.confidence == pytest.approx(expected.max(), abs=1e-12)
