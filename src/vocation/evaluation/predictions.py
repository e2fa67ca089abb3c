"""The answers to every evaluated row, as a Parquet file that a person or another tool can open."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vocation.evaluation.mistakes import Scored, as_json
from vocation.records import Answer
from vocation.text import Span


def write_predictions(path: Path, scored: Sequence[Scored]) -> None:
    """One row a record: id, file, row, group, text, gold, predicted, confidence, correct, baseline.

    A label stands as it is; spans stand as JSON, [[start, end, label], …].
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {
        "id": pa.array([one.record.id for one in scored], pa.string()),
        "file": pa.array([one.record.file for one in scored], pa.string()),
        "row": pa.array([one.record.row for one in scored], pa.int64()),
        "group": pa.array([one.record.group for one in scored], pa.string()),
        "text": pa.array(
            ["\n".join(text.content for text in one.record.texts.values()) for one in scored], pa.string()
        ),
        "gold": pa.array([_cell(one.gold) for one in scored], pa.string()),
        "predicted": pa.array([_cell(one.prediction.answer) for one in scored], pa.string()),
        "confidence": pa.array([one.prediction.confidence for one in scored], pa.float64()),
        "correct": pa.array([one.correct for one in scored], pa.bool_()),
        "baseline": pa.array([_cell(one.baseline.answer) for one in scored], pa.string()),
    }
    pq.write_table(pa.table(columns), path)


@dataclass(frozen=True, slots=True)
class Answers:
    """What two runs are compared by: the rows, their gold answers, and what one run answered."""

    ids: list[str]
    groups: list[str | None]
    gold: list[Answer]
    predicted: list[Answer]


def read_answers(path: Path, answers: str) -> Answers:
    """The answers that `write_predictions` kept.

    Args:
        path: the Parquet file.
        answers: "label" or "spans".
    """
    import pyarrow.parquet as pq

    table = pq.read_table(path, columns=["id", "group", "gold", "predicted"]).to_pydict()
    gold, predicted = ([_answer(cell, answers) for cell in table[name]] for name in ("gold", "predicted"))
    return Answers(table["id"], table["group"], gold, predicted)


def _cell(answer: Answer) -> str:
    return answer if isinstance(answer, str) else json.dumps(as_json(answer), ensure_ascii=False)


def _answer(cell: str, answers: str) -> Answer:
    return cell if answers == "label" else tuple(Span(*span) for span in json.loads(cell))
