"""Reading, windows and decoding of the entities task; what every task promises is in test_contract.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from vocation.errors import DataError
from vocation.modeling.pretrained import load_tokenizer
from vocation.records import Record
from vocation.tasks.entities import Entities
from vocation.text import Span, Text

TYPES = Entities().head_labels(["disease"])


@pytest.mark.parametrize(
    "spans",
    [
        [[4, 8, "x"], [0, 3, "y"]],
        [(0, 3, "y"), (4, 8, "x")],
        [{"start": 0, "end": 3, "label": "y"}, {"start": 4, "end": 8, "label": "x"}],
        [{"start": 0, "end": 3, "label": "y", "text": "the"}, {"start": 4, "end": 8, "label": "x", "text": None}],
    ],
)
def test_spans_are_lists_tuples_or_mappings_in_any_order(spans: Any) -> None:
    texts, values = Entities().read({"text": "the card", "spans": spans})
    assert texts["text"] == Text("the card", (Span(0, 3, "y"), Span(4, 8, "x")))
    assert values == {}


def test_a_text_without_entities_is_sound() -> None:
    texts, _ = Entities().read({"text": "the card", "spans": []})
    assert texts["text"].spans == ()


@pytest.mark.parametrize(
    "item",
    [
        [0, 3],
        [0, 3, ""],
        [0, 3, 5],
        [0.0, 3, "x"],
        [True, 3, "x"],
        "0:3:x",
        None,
        {"start": "0", "end": 3, "label": "x"},
    ],
)
def test_a_malformed_span_is_refused(item: Any) -> None:
    with pytest.raises(DataError, match=r"not \[start, end, label\]") as caught:
        Entities().read({"text": "the card", "spans": [item]})
    assert (caught.value.column, caught.value.received) == ("spans", repr(item)[:60])
    assert "{start, end, label, text}" in str(caught.value.allowed)


def test_a_mapping_with_other_names_is_refused_with_its_names_and_without_its_text() -> None:
    item = {"start_offset": 0, "end_offset": 3, "entity_group": "x", "word": "secret"}
    with pytest.raises(DataError, match=r"not \[start, end, label\]") as caught:
        Entities().read({"text": "the card", "spans": [item]})
    assert caught.value.received == "a mapping with start_offset, end_offset, entity_group, word"
    assert "secret" not in str(caught.value)
    with pytest.raises(DataError, match="received: a mapping with nothing"):
        Entities().read({"text": "the card", "spans": [{}]})


@pytest.mark.parametrize(
    ("item", "keys"),
    [
        ({"start": 0, "end": 3, "type": "x"}, "{label: type}"),
        ({"start": 0, "end": 3, "type": "x", "text": "the", "score": 1}, "{label: type}"),
        ({"start_offset": 0, "end_offset": 3, "label": "x", "id": 7}, "{start: start_offset, end: end_offset}"),
        ({"start": 0, "end": 3, "kind": "x", "by": "me"}, "{label: …}"),
    ],
)
def test_keys_of_the_file_that_may_be_meant_are_named_as_the_source_takes_them(item: dict[str, Any], keys: str) -> None:
    with pytest.raises(DataError) as caught:
        Entities().read({"text": "the card", "spans": [item]})
    assert f"`span_keys: {keys}`" in str(caught.value.remedy)


def test_a_quotation_that_is_not_a_string_is_refused() -> None:
    with pytest.raises(DataError, match=r"not \[start, end, label\]"):
        Entities().read({"text": "the card", "spans": [{"start": 0, "end": 3, "label": "x", "text": ["the"]}]})


@pytest.mark.parametrize(
    ("start", "end", "quoted"),
    [(3, 7, "card"), (1, 2, "card"), (5, 9, "card"), (4, 8, "Card")],
    ids=["one too far left", "tokens", "one too far right", "other case"],
)
def test_a_span_that_is_not_what_it_quotes_is_refused_with_both(start: int, end: int, quoted: str) -> None:
    content = "the card is"
    spans = [{"start": start, "end": end, "label": "x", "text": quoted}]
    with pytest.raises(DataError, match="text of a span is not what stands") as caught:
        Entities().read({"text": content, "spans": spans})
    assert caught.value.received == f"{quoted!r} at {start}:{end}, where {content[start:end]!r} stands"
    assert "count characters from 0, not tokens" in str(caught.value.remedy)


def test_offsets_in_utf_16_units_are_found_by_the_quoted_text() -> None:
    content = "😀 胃痛 again"
    Entities().read({"text": content, "spans": [{"start": 2, "end": 4, "label": "x", "text": "胃痛"}]})
    with pytest.raises(DataError, match="received: '胃痛' at 3:5, where '痛 ' stands"):
        Entities().read({"text": content, "spans": [{"start": 3, "end": 5, "label": "x", "text": "胃痛"}]})


def test_a_quotation_may_write_line_ends_otherwise() -> None:
    spans = [{"start": 0, "end": 9, "label": "x", "text": "lung\ncan"}]
    texts, _ = Entities().read({"text": "lung\r\ncan", "spans": spans})
    assert texts["text"].spans == (Span(0, 9, "x"),)


def test_what_a_misplaced_span_quotes_is_shown_briefly() -> None:
    with pytest.raises(DataError) as caught:
        Entities().read(
            {"text": "private " * 99, "spans": [{"start": 0, "end": 700, "label": "x", "text": "secret " * 99}]}
        )
    assert caught.value.received is not None
    assert len(caught.value.received) <= 60 + 60 + len("'' at 0:700, where '' stands")


@pytest.mark.parametrize("span", [[3, 3, "x"], [5, 3, "x"], [-1, 3, "x"], [0, 9, "x"]])
def test_a_span_outside_the_text_is_refused(span: Any) -> None:
    with pytest.raises(DataError, match="not inside a text of 8 characters") as caught:
        Entities().read({"text": "the card", "spans": [span]})
    assert caught.value.column == "spans"


def test_overlapping_spans_are_refused_with_both() -> None:
    with pytest.raises(DataError, match="overlap") as caught:
        Entities().read({"text": "the card", "spans": [[0, 5, "x"], [4, 8, "y"]]})
    assert caught.value.received == "[0, 5, 'x'] and [4, 8, 'y']"
    assert "invalid_rows" in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"spans": []}, "the text is missing"),
        ({"text": 5, "spans": []}, "the text is not a string"),
        ({"text": "the card"}, "the spans are missing"),
        ({"text": "the card", "spans": "[[0, 3 x]]"}, "the spans are not a list"),
    ],
)
def test_fields_that_are_missing_or_of_another_kind_are_refused(fields: Any, problem: str) -> None:
    with pytest.raises(DataError, match=problem) as caught:
        Entities().read(fields)
    assert caught.value.remedy


def test_a_stride_beyond_half_of_the_window_is_refused() -> None:
    assert Entities(max_length=16, stride=8).stride == 8
    with pytest.raises(ValidationError, match=r"stride \(9\) must not exceed half of max_length \(16\)"):
        Entities(max_length=16, stride=9)


@pytest.mark.parametrize("max_length", [8, 9, 64, 256, 4096])
def test_the_stride_is_a_quarter_of_the_window_unless_given(max_length: int) -> None:
    task = Entities(max_length=max_length)
    assert task.stride == max_length // 4
    assert task.model_dump()["stride"] == max_length // 4
    assert Entities.model_validate(task.model_dump()) == task
    assert Entities(max_length=max_length, stride=1).stride == 1


@pytest.mark.parametrize("folder", ["bert_folder", "roberta_folder"])
def test_no_entity_of_a_long_text_is_out_of_reach(request: pytest.FixtureRequest, folder: str) -> None:
    """The entities behind the first window are scored; reading one window alone would lose them."""
    content = "患者 糖尿病 card lost " * 40
    spans = tuple(Span(start, start + 3, "disease") for start in range(3, len(content), 17))
    assert all(content[span.start : span.end] == "糖尿病" for span in spans)
    task = Entities(max_length=32, stride=16)
    records = [Record("0", {"text": Text(content, spans)}), Record("1", {"text": Text("no card")})]
    encoding = task.encode(records, load_tokenizer(request.getfixturevalue(folder)), TYPES)
    assert len(encoding.examples) > 10
    logits = [np.where(np.arange(3) == e.targets[:, None], 9, 0).astype(np.float32) for e in encoding.examples]
    predictions = task.decode(logits, encoding.examples, records, TYPES)
    assert [prediction.answer for prediction in predictions] == [spans, ()]
    assert set(predictions[0].scores) == {f"{span.start}:{span.end}:disease" for span in spans}
    reach = max(int(example.offsets[:, 1].max()) for example in encoding.examples[:1] if example.offsets is not None)
    assert sum(span.end <= reach for span in spans) < len(spans) // 5


def test_an_inexact_entity_is_in_the_cuts_of_its_record(bert_folder: Path) -> None:
    texts = [Text("my card", (Span(3, 7, "disease"),)), Text("my card", (Span(3, 5, "disease"),))]
    records = [Record(str(row), {"text": text}) for row, text in enumerate(texts)]
    cuts = Entities().encode(records, load_tokenizer(bert_folder), TYPES).cuts
    assert [(cut.record, cut.reason, cut.detail) for cut in cuts] == [
        (1, "entity boundary inside a token", "1 entities")
    ]


def test_an_empty_text_has_no_entities(bert_folder: Path) -> None:
    records = [Record("0", {"text": Text("")})]
    encoding = Entities().encode(records, load_tokenizer(bert_folder), TYPES)
    logits = [np.zeros((len(example), 3), dtype=np.float32) for example in encoding.examples]
    (prediction,) = Entities().decode(logits, encoding.examples, records, TYPES)
    assert (prediction.answer, prediction.confidence, prediction.scores) == ((), 1.0, {})


@pytest.mark.parametrize(
    ("content", "span"),
    [("he has lung cancer now", Span(6, 18, "A")), ("he has lung cancer now", Span(7, 19, "A"))],
    ids=["white space in front", "white space behind"],
)
def test_span_that_no_tags_can_give_back_exactly_is_counted_as_cut(bert_folder: Path, content: str, span: Span) -> None:
    task, tokenizer = Entities(), load_tokenizer(bert_folder)
    exact, inexact = (Record("a", {"text": Text(content, (one,))}) for one in (Span(7, 18, "A"), span))
    assert not task.encode([exact], tokenizer, task.head_labels(["A"])).cuts
    (cut,) = task.encode([inexact], tokenizer, task.head_labels(["A"])).cuts
    assert (cut.reason, cut.detail) == ("entity boundary inside a token", "1 entities")
