"""A finished model that answers: used by tuning (validation), evaluation, the command line and Python.

A model folder that tuning wrote is a plain `transformers` folder with one file more, `vocation.json`: the task, the
cleaning chain, the de-identification and the names of the head's outputs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from vocation.artifacts import write_json
from vocation.cleaning import CleaningStep, clean
from vocation.component import OneOf, Settings
from vocation.deidentification.settings import Deidentification
from vocation.errors import ModelError
from vocation.modeling.pretrained import load_model, load_tokenizer
from vocation.prediction.batching import DEFAULT_TOKEN_BUDGET, example_logits
from vocation.progress import SILENT, Progress
from vocation.records import Prediction, Record
from vocation.tasks import Cut, Task
from vocation.text import Span, Text
from vocation.training.batches import Padding

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

    from vocation.deidentification.deidentifier import Deidentifier

DESCRIPTION = "vocation.json"
_CHUNK = 1024  # Records encoded and held at a time.


NoteCut = Callable[[Record, Cut], None]
"""Told of each record of which encoding could not keep something, and what."""


class Description(Settings):
    """What a model folder says of itself beside what `transformers` keeps."""

    task: Annotated[Task, OneOf("vocation.tasks")]
    cleaning: tuple[Annotated[CleaningStep, OneOf("vocation.cleaning")], ...]
    head_labels: tuple[str, ...]
    deidentification: Deidentification | None = None

    def write(self, folder: Path) -> None:
        write_json(folder / DESCRIPTION, self.model_dump(mode="json"))


@dataclass(frozen=True)
class Predictor:
    """A model with everything it needs to answer.

    Args:
        model: on the device where it computes.
        tokenizer: of the model.
        description: its task, cleaning chain, de-identification and labels.
        token_budget: padded tokens of a batch at most.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    description: Description
    token_budget: int = DEFAULT_TOKEN_BUDGET

    @classmethod
    def load(cls, folder: Path, token_budget: int = DEFAULT_TOKEN_BUDGET) -> Self:
        """The predictor of a model folder that tuning wrote, on the best device there is.

        Raises:
            ModelError: the folder is not one that tuning wrote.
        """
        from vocation.training.precision import accelerator

        try:
            content = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
            description = Description.model_validate(content)
        except (OSError, ValueError) as error:  # pydantic's ValidationError is a ValueError.
            raise ModelError(f"{folder} is not a model that Vocation tuned: {error}") from error
        model = load_model(description.task.model_class(), folder, None, seed=0)
        return cls(model.to(accelerator().device), load_tokenizer(folder), description, token_budget)

    def predict(self, texts: Iterable[str], note_cut: NoteCut | None = None) -> list[Prediction]:
        """The answer to each raw text, cleaned and de-identified as the training texts were.

        Spans of the answers are in the offsets of the raw texts.

        Args:
            texts: raw.
            note_cut: told what the model could not see of a text.

        Raises:
            TypeError: `texts` is one string, whose characters are surely not meant.
        """
        return list(self.stream(texts, note_cut))

    def stream(self, texts: Iterable[str], note_cut: NoteCut | None = None) -> Iterator[Prediction]:
        """`predict`, one answer after another, holding a few thousand texts at a time."""
        if isinstance(texts, str):
            raise TypeError("predict takes a list of texts, and was given one string; write predict([text])")
        steps = [step for step in self.description.cleaning if step.at_prediction]
        name = self.description.task.record_schema.texts[0]
        deidentifier = _deidentifier(self.description.deidentification)
        for chunk in _chunks(texts, _CHUNK):
            cleaned = [clean(Text(text), steps) for text in chunk]
            if deidentifier:
                documents = [str(number) for number in range(len(cleaned))]
                cleaned = [done.text for done in deidentifier.process(cleaned, documents)]
            records = [Record(str(index), {name: text}) for index, text in enumerate(cleaned)]
            for prediction, text in zip(self._answers(records, note_cut), cleaned, strict=True):
                yield _in_source(prediction, text)

    def predict_records(
        self, records: Sequence[Record], progress: Progress = SILENT, note_cut: NoteCut | None = None
    ) -> list[Prediction]:
        """The answer to each record of a corpus, which is clean already."""
        answers: list[Prediction] = []
        with progress.bar("predicting", len(records), "texts") as bar:
            for start in range(0, len(records), _CHUNK):
                chunk = records[start : start + _CHUNK]
                answers += self._answers(chunk, note_cut)
                bar.advance(len(chunk))
        return answers

    def _answers(self, records: Sequence[Record], note_cut: NoteCut | None) -> list[Prediction]:
        task, head_labels = self.description.task, self.description.head_labels
        encoding = task.encode(records, self.tokenizer, head_labels)
        if note_cut:
            for cut in encoding.cuts:
                note_cut(records[cut.record], cut)
        logits = example_logits(self.model, encoding.examples, padding_of(self.tokenizer), self.token_budget)
        return task.decode(logits, encoding.examples, records, head_labels)


def _deidentifier(settings: Deidentification | None) -> Deidentifier | None:
    if settings is None:
        return None
    from vocation.deidentification.deidentifier import Deidentifier

    return Deidentifier(settings)


def padding_of(tokenizer: PreTrainedTokenizerFast) -> Padding:
    """How a tokenizer pads."""
    return Padding(token=int(tokenizer.pad_token_id), left=tokenizer.padding_side == "left")


def _in_source(prediction: Prediction, text: Text) -> Prediction:
    """The prediction with its spans in the offsets that the text had before cleaning.

    What cleaning replaced is one place of the source: of spans that were apart in the cleaned text and fall on one
    another there, the surest stays.
    """
    if isinstance(prediction.answer, str) or not text.history:
        return prediction
    surest_first = sorted(prediction.answer, key=lambda span: (-prediction.scores[_name(span)], span))
    kept: dict[Span, Span] = {}
    for old in surest_first:
        new = Span(*text.source_span(old.start, old.end), old.label)
        if not any(_overlap(new, other) and not _overlap(old, before) for before, other in kept.items()):
            kept[old] = new
    scores = {_name(new): prediction.scores[_name(old)] for old, new in kept.items()}
    return Prediction(tuple(sorted(kept.values())), prediction.confidence, scores)


def _name(span: Span) -> str:
    return f"{span.start}:{span.end}:{span.label}"


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _chunks(texts: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    iterator = iter(texts)
    while chunk := tuple(islice(iterator, size)):
        yield chunk
