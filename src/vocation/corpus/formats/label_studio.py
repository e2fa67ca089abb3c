"""Label Studio: tasks with their annotations, as its JSON export has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from vocation.corpus import json_rows
from vocation.corpus.formats import WritableFormat
from vocation.corpus.offsets import Mark, OffsetUnit, depends_on_unit, fits, from_code_points, located
from vocation.corpus.written_rows import WrittenSpan, label_of, placed, relations_of, text_and_spans, with_ids
from vocation.errors import DataError, did_you_mean
from vocation.records import Row

_OF_MARKUP = ("hypertextlabels", "paragraphlabels", "timeserieslabels")
_OURS = ("spans", "label", "relations", "results")


class LabelStudio(WritableFormat):
    """The JSON export of Label Studio (not JSON-MIN), for projects that label plain text.

    The keys of a task's `data` are the fields. Regions of a Labels control become `spans`, the answer of a Choices
    control `label` (a list where there are several), relations `relations` (`from_id`, `to_id`, `type`; the spans then
    carry their `id`), and what else was answered stays in `results` as it stands. A key of `data` that has one of
    these names gets `data_` before it. Predictions are not read. A task that nobody has annotated is refused unless the
    source is `split: unlabelled`; an annotation without regions is a text without spans.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    several: Literal["refuse", "first", "latest", "ground_truth"] = Field(
        default="refuse",
        description="Which annotation counts when a task has several: none (the row is refused), the first, the one "
        "that was changed last, or the one that is marked as ground truth. Skipped ones never count.",
    )
    labels: str | None = Field(
        default=None,
        description="Name of the Labels control whose regions are the spans. Without it, those of all.",
    )
    choices: str | None = Field(
        default=None,
        description="Name of the Choices control whose answer is the label. It must be given where a task has several.",
    )
    offsets: Literal["auto", "code_points", "utf16"] = Field(
        default="auto",
        description="What offsets count. Label Studio counts Unicode code points since 2022, and counted UTF-16 units "
        "before; `auto` takes what fits the text that each region quotes, and refuses rows where both would.",
    )

    def claims(self, fields: Mapping[str, Any]) -> bool:
        given = fields.get("annotations", fields.get("completions"))
        return isinstance(fields.get("data"), Mapping) and isinstance(given, list)

    def rows(self, path: Path) -> Iterator[Row]:
        with self.open(path) as file:
            for row in json_rows.read_rows(file, path):
                if row.fault:
                    yield row
                    continue
                data = row.fields.get("data")
                fields = {f"data_{key}" if key in _OURS else key: value for key, value in _mapping(data).items()}
                try:
                    yield Row(row.number, fields | self._answers(row.fields, fields))
                except DataError as fault:
                    yield Row(row.number, fields, fault.at(path, row.number))

    def write(self, path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
        return json_rows.write_rows(path, placed(self._task, path, rows))

    def _answers(self, task: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that the task's annotation gives."""
        name = self.columns.get("text", "text")
        text = fields.get(name)
        if not isinstance(text, str):
            raise DataError(
                f"The task has no text under `data.{name}`.{did_you_mean(name, fields)}",
                column=name,
                received=f"data with {', '.join(fields) or 'nothing'}"[:60],
                allowed="a task of the JSON export: an object with `data` and `annotations`",
                remedy="name the key that holds the text with `columns: {text: …}`; export as JSON, not JSON-MIN",
            )
        annotation = self._annotation(task)
        if annotation is None:
            return {}
        results = annotation.get("result")
        if not isinstance(results, list) or not all(isinstance(result, Mapping) for result in results):
            raise _malformed("annotation", annotation)
        relations = [
            relation for result in results if result.get("type") == "relation" for relation in _relations(result)
        ]
        marks = [
            mark for result in results if self._is_region(result) for mark in _marks(result, named=bool(relations))
        ]
        chosen = [result for result in results if self._is_choice(result)]
        rest = [
            result
            for result in results
            if result.get("type") != "relation" and not self._is_region(result) and not self._is_choice(result)
        ]
        answers: dict[str, Any] = {"spans": located(text, marks, self._unit(text, marks))}
        answers |= {"label": _choice(chosen)} if chosen else {}
        answers |= {"relations": relations} if relations else {}
        return answers | ({"results": [dict(result) for result in rest]} if rest else {})

    def _annotation(self, task: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The annotation that counts; None for a task without one, where none is needed."""
        given = task.get("annotations", task.get("completions"))  # Their name until version 1.
        if not isinstance(given, list) or not all(isinstance(annotation, Mapping) for annotation in given):
            if given is None and self.split == "unlabelled":
                return None
            raise _malformed("task", task)
        made: list[Mapping[str, Any]] = [annotation for annotation in given if not annotation.get("was_cancelled")]
        if self.several == "ground_truth" and len(made) > 1:
            made = [annotation for annotation in made if annotation.get("ground_truth")]
        elif self.several == "latest" and len(made) > 1:
            made = [max(made, key=_changed)]
        if len(made) == 1 or (made and self.several == "first"):
            return made[0]
        if self.split == "unlabelled":
            return None
        count = len(made) if self.several != "ground_truth" else f"{len(made)} of {len(given)} marked as ground truth"
        raise DataError(
            "Nobody has annotated the task" if not given else "It is not clear which annotation of the task counts",
            column="annotations",
            received=f"annotations: {count}",
            allowed="one annotation that was not skipped",
            remedy="set `several: first`, `latest` or `ground_truth`; leave out tasks without annotation with "
            "`corpus.invalid_rows: drop`, or read them as `split: unlabelled`",
        )

    def _is_region(self, result: Mapping[str, Any]) -> bool:
        if result.get("type") in _OF_MARKUP:
            raise DataError(
                "A region is not one of plain text",
                column="annotations",
                received=str(result["type"])[:60],
                allowed="regions of <Labels> on <Text>",
                remedy="turn the texts into plain text before annotating; offsets into markup cannot be used",
            )
        return result.get("type") == "labels" and self.labels in (None, result.get("from_name"))

    def _is_choice(self, result: Mapping[str, Any]) -> bool:
        whole = "start" not in _mapping(result.get("value"))  # A choice on one region is no label of the text.
        return result.get("type") == "choices" and whole and self.choices in (None, result.get("from_name"))

    def _unit(self, text: str, marks: Sequence[Mark]) -> OffsetUnit:
        if self.offsets != "auto":
            return self.offsets
        if not depends_on_unit(text) or not all(
            isinstance(mark.start, int) and isinstance(mark.end, int) for mark in marks
        ):
            return "code_points"
        units: tuple[OffsetUnit, ...] = ("code_points", "utf16")
        fitting = [unit for unit in units if fits(text, marks, unit)]
        if len(fitting) == 2 and located(text, marks, fitting[0]) != located(text, marks, fitting[1]):
            raise DataError(
                "It is not clear what the offsets count: both units fit the text that the file quotes",
                column="annotations",
                received="a text with characters beyond U+FFFF, such as emoji",
                remedy="set `offsets: code_points` (Label Studio since 2022) or `offsets: utf16` (before)",
            )
        return fitting[0] if fitting else "code_points"

    def _task(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A task with the row's answers as its one annotation; without one where the row has no answers."""
        name = self.columns.get("text", "text")
        text, spans = text_and_spans(row, name)
        relations, label = relations_of(row, spans), label_of(row)
        data = {key: value for key, value in row.items() if key not in _OURS}
        if not any(key in row for key in _OURS):
            return {"data": data}
        results = [self._region(text, span) for span in with_ids(spans, "region-{}")]
        if label:
            from_name = self.choices or "choice"
            results.append({"from_name": from_name, "to_name": "text", "type": "choices", "value": {"choices": label}})
        results += [
            {key: relation[key] for key in ("id", "from_id", "to_id") if key in relation}
            | {"type": "relation", "direction": "right", "labels": [relation["type"]] if relation["type"] else []}
            for relation in relations
        ]
        return {"data": data, "annotations": [{"result": results + list(row.get("results", ()))}]}

    def _region(self, text: str, span: WrittenSpan) -> dict[str, Any]:
        unit: OffsetUnit = "code_points" if self.offsets == "auto" else self.offsets
        start, end = from_code_points(text, span[:2], unit)
        return {
            "id": span.id,
            "from_name": self.labels or "label",
            "to_name": "text",
            "type": "labels",
            "value": {"start": start, "end": end, "text": text[span.start : span.end], "labels": [span.label]},
        }


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _marks(result: Mapping[str, Any], *, named: bool) -> Iterator[Mark]:
    """One mark for each label of a region."""
    value = _mapping(result.get("value"))
    labels, quoted = value.get("labels"), value.get("text")
    if not isinstance(labels, list) or not labels or not isinstance(quoted, str | None):
        raise _malformed("region", result)
    own = str(result["id"]) if named and "id" in result else None
    for label in labels:
        yield Mark(value.get("start"), value.get("end"), label, quoted, own)


def _relations(result: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """One relation for each of its labels; one of no type where it has none."""
    ends = [result.get("from_id"), result.get("to_id")]
    labels = result.get("labels") or [""]
    if not all(isinstance(end, str) for end in ends) or not isinstance(labels, list):
        raise _malformed("relation", result)
    if result.get("direction") == "left":
        ends.reverse()
    own = {"id": str(result["id"])} if "id" in result else {}  # Other programs may give one.
    for label in labels:
        yield own | {"from_id": str(ends[0]), "to_id": str(ends[1]), "type": str(label)}


def _choice(results: Sequence[Mapping[str, Any]]) -> str | list[str]:
    choices = _mapping(results[0].get("value")).get("choices")
    if len(results) > 1:
        raise DataError(
            "The task has several choices",
            column="annotations",
            received=", ".join(str(result.get("from_name")) for result in results)[:60],
            remedy="set `choices` to the name of the control whose answer is the label",
        )
    if not isinstance(choices, list) or not choices or not all(isinstance(choice, str) for choice in choices):
        raise _malformed("choice", results[0])
    return choices[0] if len(choices) == 1 else list(choices)


def _changed(annotation: Mapping[str, Any]) -> datetime:
    stated = annotation.get("updated_at") or annotation.get("created_at")
    try:
        return datetime.fromisoformat(stated if isinstance(stated, str) else "")
    except ValueError as error:
        raise DataError(
            "An annotation does not say when it was changed",
            column="annotations",
            received=f"updated_at: {stated!r}"[:60],
            allowed="a time such as 2021-03-09T22:16:08Z",
            remedy="set `several: first` or `several: ground_truth`",
        ) from error


def _malformed(what: str, received: object) -> DataError:
    return DataError(
        f"A {what} is not one of Label Studio's JSON export",
        column="annotations",
        received=repr(received)[:60],
        remedy="export the project again as JSON (not JSON-MIN); to leave such tasks out, set "
        "`corpus.invalid_rows: drop`",
    )
