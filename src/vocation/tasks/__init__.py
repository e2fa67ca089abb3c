"""Tasks, one module each: what the model learns to do.

A task says how a raw row becomes a record, how records become model inputs with targets, which standard
`transformers` class learns them, what is minimised, and how logits become answers again.
Shapes: B batch, T tokens, L labels of the model's head.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vocation.component import Component
from vocation.errors import DataError
from vocation.metrics import AnswerKind
from vocation.records import Answer, Prediction, Record, RecordSchema
from vocation.text import Text

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

IGNORED = -100
"""The target of a position that is not trained on; the value that torch's cross-entropy leaves out."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One input of the model: a record, or a window of a long one.

    Args:
        features: the tokenizer's outputs that the model takes (`input_ids`, perhaps `token_type_ids`), each [T].
        targets: what is learned, [1] for a label or [T] for tags; `IGNORED` where nothing is.
        record: index of the record that it came from.
        offsets: [T, 2] character offsets of each token, or None where the task does not need them.
    """

    features: Mapping[str, NDArray[np.int64]]
    targets: NDArray[np.int64]
    record: int
    offsets: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.features["input_ids"])


@dataclass(frozen=True, slots=True)
class Cut:
    """What encoding could not keep of a record.

    Args:
        record: index of the record.
        reason: a few words that are counted; one of the task's `cut_remedies`.
        amount: how much is lost of this record.
        unit: what is counted: "tokens" or "entities", say.
    """

    record: int
    reason: str
    amount: int
    unit: str

    @property
    def detail(self) -> str:
        """How much, in words."""
        return f"{self.amount} {self.unit}"


@dataclass(frozen=True, slots=True)
class Encoding:
    """All model inputs of some records, and what could not be kept of them."""

    examples: list[Example]
    cuts: list[Cut] = field(default_factory=list)


class Task(Component, family=True):
    """What the model learns to do."""

    record_schema: ClassVar[RecordSchema]
    """The names in its records."""
    answers: ClassVar[AnswerKind]
    """What an answer is; chooses the metrics."""
    baseline: ClassVar[str]
    """Kind of the cheap baseline (`vocation.evaluation.baselines`) that its results stand beside."""
    selection_metric: ClassVar[str]
    """Name of the metric by which the best checkpoint is chosen, unless the recipe names another."""
    cut_remedies: ClassVar[Mapping[str, str]]
    """What to do about each reason for which `encode` cuts; a clause."""

    def read(self, fields: Mapping[str, Any]) -> tuple[dict[str, Text], dict[str, str]]:
        """The texts and values of one raw row whose columns have been mapped to the schema's names.

        Raises:
            DataError: a field is missing or wrong; without the place, which the reader adds.
        """
        raise NotImplementedError

    def answer(self, record: Record) -> Answer:
        """The gold answer."""
        raise NotImplementedError

    def labels(self, record: Record) -> tuple[str, ...]:
        """Every label in the gold answer, with repetitions; for stratified splits and for label counts."""
        raise NotImplementedError

    def head_labels(self, labels: Sequence[str]) -> list[str]:
        """The names of the L outputs of the model's head, given the distinct labels of the training split in order."""
        raise NotImplementedError

    def encode(
        self, records: Sequence[Record], tokenizer: PreTrainedTokenizerFast, head_labels: Sequence[str]
    ) -> Encoding:
        """Model inputs with targets. Of a record without an answer (at prediction) every target is `IGNORED`."""
        raise NotImplementedError

    def model_class(self) -> type[Any]:
        """The `transformers` auto class whose head fits."""
        raise NotImplementedError

    def scores(self, model: PreTrainedModel, batch: Mapping[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """The logits [N, L] and the targets [N] of the N positions of a batch that are learned from.

        Args:
            model: gives logits [B, L] or [B, T, L].
            batch: the padded features, `attention_mask`, and `targets` ([B, 1] or [B, T], padded with `IGNORED`).
        """
        targets = batch["targets"].flatten()  # [B] or [B × T]
        logits = model(**{name: tensor for name, tensor in batch.items() if name != "targets"}).logits
        logits = logits.flatten(0, -2)  # [B, L] or [B × T, L]
        learned = targets != IGNORED
        return logits[learned], targets[learned]

    def example_class(self, example: Example) -> int:
        """The one class of an example, an index into the head's labels, or `IGNORED` where it has none or several."""
        return int(example.targets[0]) if len(example.targets) == 1 else IGNORED

    def decode(
        self,
        logits: Sequence[NDArray[np.float32]],
        examples: Sequence[Example],
        records: Sequence[Record],
        head_labels: Sequence[str],
    ) -> list[Prediction]:
        """The answer to each record.

        Args:
            logits: for each example, [L] or [T, L], without padding.
            examples: in any order; `record` says where each belongs.
            records: every one gets a prediction.
            head_labels: names of the L outputs.
        """
        raise NotImplementedError


def no_text(received: object) -> DataError:
    """The error for a raw row whose `text` is no string."""
    return DataError(
        "the text is missing" if received is None else "the text is not a string",
        column="text",
        received=repr(received)[:60],
        allowed="a string",
        remedy="write the text as a string, name the column that holds it with `columns: {text: …}`, or set "
        "corpus.invalid_rows: drop",
    )


def model_inputs(encoded: Any, window: int, tokenizer: PreTrainedTokenizerFast) -> dict[str, NDArray[np.int64]]:
    """The features of one window that the tokenizer's model takes, each [T]; padding and its mask come later."""
    names = [name for name in tokenizer.model_input_names if name in encoded and name != "attention_mask"]
    return {name: np.asarray(encoded[name][window], dtype=np.int64) for name in names}
