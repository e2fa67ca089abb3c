"""One label for each text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vocation.errors import DataError
from vocation.metrics import AnswerKind
from vocation.records import Answer, Prediction, Record, RecordSchema
from vocation.tasks import IGNORED, Cut, Encoding, Example, Task, model_inputs, no_text
from vocation.text import Text

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_TOO_LONG = "text longer than max_length"


class Classification(Task):
    """Choose one label for each text: intent, topic, department, verdict.

    A row needs `text` and `label`: a string, a whole number, or true or false, which become the names `true` and
    `false`. A text that is longer than `max_length` tokens is cut at its end, and counted.
    """

    record_schema: ClassVar[RecordSchema] = RecordSchema(texts=("text",), values=("label",))
    answers: ClassVar[AnswerKind] = "label"
    baseline: ClassVar[str] = "tfidf_logistic"
    selection_metric: ClassVar[str] = "accuracy"
    cut_remedies: ClassVar[Mapping[str, str]] = {
        _TOO_LONG: "raise `task.max_length`, choose a model that reads more, or divide the texts"
    }

    max_length: int = Field(
        default=128, ge=8, description="Tokens of a text that the model sees; the rest is cut off and counted."
    )

    def read(self, fields: Mapping[str, Any]) -> tuple[dict[str, Text], dict[str, str]]:
        text, label = fields.get("text"), fields.get("label")
        if not isinstance(text, str):
            raise no_text(text)
        if isinstance(label, bool):
            label = str(label).lower()
        if isinstance(label, float | list | dict) or label is None or not str(label).strip():
            raise DataError(
                "the label is missing or is not a name",
                column="label",
                received=repr(label)[:60],
                allowed="a string, a whole number, true or false",
                remedy="correct the row, or set corpus.invalid_rows: drop to leave such rows out and count them",
            )
        return {"text": Text(text)}, {"label": str(label).strip()}

    def answer(self, record: Record) -> Answer:
        return record.values["label"]

    def labels(self, record: Record) -> tuple[str, ...]:
        return (record.values["label"],)

    def head_labels(self, labels: Sequence[str]) -> list[str]:
        return list(labels)

    def encode(
        self, records: Sequence[Record], tokenizer: PreTrainedTokenizerFast, head_labels: Sequence[str]
    ) -> Encoding:
        index = {label: position for position, label in enumerate(head_labels)}
        encoded = tokenizer(
            [record.text.content for record in records],
            truncation=True,
            max_length=self.max_length,
            return_overflowing_tokens=True,
        )
        examples: list[Example] = []
        lost = np.zeros(len(records), dtype=np.int64)
        for window, owner in enumerate(encoded["overflow_to_sample_mapping"]):
            if owner == len(examples):  # The first window of a text; what overflows follows it.
                target = index.get(records[owner].values.get("label", ""), IGNORED)
                features = model_inputs(encoded, window, tokenizer)
                examples.append(Example(features, np.array([target], dtype=np.int64), owner))
            else:
                lost[owner] += len(encoded["input_ids"][window]) - tokenizer.num_special_tokens_to_add(pair=False)
        cuts = [Cut(int(owner), _TOO_LONG, int(lost[owner]), "tokens") for owner in lost.nonzero()[0]]
        return Encoding(examples, cuts)

    def model_class(self) -> type[Any]:
        from transformers import AutoModelForSequenceClassification

        return AutoModelForSequenceClassification

    def decode(
        self,
        logits: Sequence[NDArray[np.float32]],
        examples: Sequence[Example],
        records: Sequence[Record],
        head_labels: Sequence[str],
    ) -> list[Prediction]:
        stacked = np.zeros((len(records), len(head_labels)), dtype=np.float64)
        for row, example in zip(logits, examples, strict=True):
            stacked[example.record] = row
        stacked -= stacked.max(axis=1, keepdims=True)
        probabilities = np.exp(stacked) / np.exp(stacked).sum(axis=1, keepdims=True)
        best = probabilities.argmax(axis=1)
        return [
            Prediction(
                head_labels[choice],
                float(row[choice]),
                dict(zip(head_labels, row.tolist(), strict=True)),
            )
            for choice, row in zip(best, probabilities, strict=True)
        ]
