"""Labelled spans in a text, by tagging its tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from vocation.errors import DataError
from vocation.metrics import AnswerKind
from vocation.modeling.tag_decoding import decode_tags, tag_names
from vocation.modeling.tag_windows import tag_window, windows
from vocation.records import Answer, Prediction, Record, RecordSchema
from vocation.tasks import Cut, Encoding, Example, Task, model_inputs, no_text
from vocation.text import Span, Text, is_quoted

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_MISALIGNED = "entity boundary inside a token"
_FORMS = "[start, end, label], or a mapping {start, end, label, text} whose text may be left out"
_PARTS = ("start", "end", "label")
_EXCERPT = 60


def _quarter(settings: Mapping[str, Any]) -> int:
    """The stride where none is given. A window that is refused is not among the settings: it has its own error."""
    return int(settings.get("max_length", 0)) // 4


class Entities(Task):
    """Find and type the entities in each text: diseases, parties, amounts, products.

    A row needs `text` and `spans`, a list of [start, end, label] in characters, or of mappings with these names; a
    mapping may also hold `text`, which must be what stands there. The format `conll` makes spans from tags. A text
    longer than `max_length` tokens is read in overlapping windows, every token being scored in the window that gives
    it the most context, so no entity is lost.
    """

    record_schema: ClassVar[RecordSchema] = RecordSchema(texts=("text",), spans=True)
    answers: ClassVar[AnswerKind] = "spans"
    baseline: ClassVar[str] = "training_dictionary"
    selection_metric: ClassVar[str] = "f1"
    cut_remedies: ClassVar[Mapping[str, str]] = {
        _MISALIGNED: "check that start and end count characters (not tokens, bytes or UTF-16 units), and set "
        "`task.subtokens: all` where it is `first`"
    }

    max_length: int = Field(default=256, ge=8, description="Tokens of one window.")
    stride: int = Field(
        default_factory=_quarter,
        ge=0,
        description="Tokens that two neighbouring windows of a long text share; unless given, a quarter of "
        "`max_length`.",
    )
    subtokens: Literal["all", "first"] = Field(
        default="all",
        description="Which sub-tokens carry a tag: `all`, or only the `first` of each word as the tokenizer splits "
        "words. `first` suits scripts with spaces; without spaces a whole sentence can be one word, so use `all`.",
    )

    @model_validator(mode="after")
    def _stride_fits(self) -> Entities:
        if self.stride > self.max_length // 2:
            raise ValueError(f"stride ({self.stride}) must not exceed half of max_length ({self.max_length})")
        return self

    def read(self, fields: Mapping[str, Any]) -> tuple[dict[str, Text], dict[str, str]]:
        content, raw = fields.get("text"), fields.get("spans")
        if not isinstance(content, str):
            raise no_text(content)
        if not isinstance(raw, list | tuple):
            raise DataError(
                "the spans are missing" if raw is None else "the spans are not a list",
                column="spans",
                received=repr(raw)[:60],
                allowed="a list of [start, end, label], empty where there is no entity",
                remedy="name the column that holds them with `columns: {spans: …}`; in the cell of a table they stand "
                'as JSON, such as [[0, 5, "CITY"]]',
            )
        spans = sorted(_span(item, content) for item in raw)
        try:
            text = Text(content, tuple(spans))
        except ValueError as error:
            raise DataError(
                str(error),
                column="spans",
                allowed="0 <= start < end <= length of the text",
                remedy="correct the offsets, which count characters (not tokens, bytes or UTF-16 units), or set "
                "corpus.invalid_rows: drop",
            ) from error
        for earlier, later in pairwise(spans):
            if later.start < earlier.end:
                raise DataError(
                    "two spans overlap, which tagging cannot express",
                    column="spans",
                    received=f"{list(earlier)} and {list(later)}",
                    allowed="spans that do not overlap",
                    remedy="keep one of them, or set corpus.invalid_rows: drop to leave such rows out and count them",
                )
        return {"text": text}, {}

    def answer(self, record: Record) -> Answer:
        return record.text.spans

    def labels(self, record: Record) -> tuple[str, ...]:
        return tuple(span.label for span in record.text.spans)

    def head_labels(self, labels: Sequence[str]) -> list[str]:
        return tag_names(labels)

    def encode(
        self, records: Sequence[Record], tokenizer: PreTrainedTokenizerFast, head_labels: Sequence[str]
    ) -> Encoding:
        encoded = tokenizer(
            [record.text.content for record in records],
            truncation=True,
            max_length=self.max_length,
            stride=self.stride,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        index = {name: position for position, name in enumerate(head_labels)}
        examples, misaligned = [], dict.fromkeys(range(len(records)), 0)
        for window in windows(encoded, [record.text.content for record in records], self.subtokens):
            targets, missed = tag_window(window, records[window.record].text.spans, index)
            misaligned[window.record] += missed
            features = model_inputs(encoded, window.index, tokenizer)
            examples.append(Example(features, targets, window.record, window.offsets))
        cuts = [Cut(record, _MISALIGNED, count, "entities") for record, count in misaligned.items() if count]
        return Encoding(examples, cuts)

    def model_class(self) -> type[Any]:
        from transformers import AutoModelForTokenClassification

        return AutoModelForTokenClassification

    def decode(
        self,
        logits: Sequence[NDArray[np.float32]],
        examples: Sequence[Example],
        records: Sequence[Record],
        head_labels: Sequence[str],
    ) -> list[Prediction]:
        pieces: list[list[tuple[NDArray[np.int64], NDArray[np.float32]]]] = [[] for _ in records]
        for scores, example in zip(logits, examples, strict=True):
            assert example.offsets is not None
            owned = example.offsets[:, 1] > example.offsets[:, 0]  # [T]
            pieces[example.record].append((example.offsets[owned], scores[owned]))
        return [_prediction(piece, head_labels) for piece in pieces]


def _span(item: Any, content: str) -> Span:
    """One span of a raw row: [start, end, label], or a mapping with these names and maybe the text of the span.

    Raises:
        DataError: it is neither, or its text is not what stands there.
    """
    quoted = item.get("text") if isinstance(item, Mapping) else None
    values = [item.get(name) for name in _PARTS] if isinstance(item, Mapping) else item
    if isinstance(values, list | tuple) and len(values) == 3 and isinstance(quoted, str | None):
        start, end, label = values
        whole = all(isinstance(value, int) and not isinstance(value, bool) for value in (start, end))
        if whole and isinstance(label, str) and label:
            if quoted is not None and start >= 0 and not is_quoted(content[start:end], quoted):
                raise _misplaced(start, end, content, quoted)
            return Span(start, end, label)
    raise DataError(
        "a span is not [start, end, label]",
        column="spans",
        received=_received(item),
        allowed=f"{_FORMS}: start and end whole numbers, label a name",
        remedy=f"{_name_them(item)}name the format that the file was exported in (doccano or label_studio) as the kind "
        "of the source, correct the row, or set corpus.invalid_rows: drop",
    )


def _name_them(item: Any) -> str:
    """How a source says which keys a mapping has in place of those that it lacks; those left over may be them."""
    if not isinstance(item, Mapping) or not (lacking := [part for part in _PARTS if part not in item]):
        return ""
    kinds = {"start": int, "end": int, "label": str}
    keys = {}
    for part in lacking:
        left = [key for key, value in item.items() if key not in (*_PARTS, "text") and type(value) is kinds[part]]
        likely = [key for key in left if part in str(key).lower()] or left
        keys[part] = str(likely[0])[:20] if len(likely) == 1 else "…"
    listed = ", ".join(f"{part}: {key}" for part, key in keys.items())
    return f"say which keys the file has with `span_keys: {{{listed}}}` for this source, "


def _received(item: Any) -> str:
    """What stands in place of a span: its keys, where it is a mapping that lacks some."""
    if isinstance(item, Mapping) and not item.keys() >= set(_PARTS):
        return f"a mapping with {', '.join(map(str, item)) or 'nothing'}"[:_EXCERPT]
    return repr(item)[:_EXCERPT]


def _misplaced(start: int, end: int, content: str, quoted: str) -> DataError:
    return DataError(
        "the text of a span is not what stands from its start to its end",
        column="spans",
        received=f"{quoted[:_EXCERPT]!r} at {start}:{end}, where {content[start:end][:_EXCERPT]!r} stands",
        allowed="the characters of the text from start to end",
        remedy="start and end count characters from 0, not tokens; where they count bytes or UTF-16 units, convert "
        "them, as the formats doccano, label_studio and brat do with `offsets`; or set corpus.invalid_rows: drop",
    )


def _prediction(
    pieces: Sequence[tuple[NDArray[np.int64], NDArray[np.float32]]], head_labels: Sequence[str]
) -> Prediction:
    pieces = [piece for piece in pieces if len(piece[0])]
    if not pieces:
        return Prediction((), 1.0)
    pieces = sorted(pieces, key=lambda piece: int(piece[0][0, 0]))
    offsets = np.concatenate([offsets for offsets, _ in pieces])
    logits = np.concatenate([scores for _, scores in pieces])
    found, confidence = decode_tags(logits, head_labels)
    spans, scores = [], {}
    for first, last, label, probability in found:
        span = Span(int(offsets[first, 0]), int(offsets[last - 1, 1]), label)
        spans.append(span)
        scores[f"{span.start}:{span.end}:{span.label}"] = probability
    return Prediction(tuple(spans), confidence, scores)
