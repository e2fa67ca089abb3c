"""What the systems of the speed benchmark train on: real rows, encoded once, the same for all.

A workload is a task with its labelled rows; each side gets the token ids, so that tokenising is not measured.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vocation.corpus.formats.conll import Conll
from vocation.modeling.pretrained import load_tokenizer, resolve
from vocation.records import Record
from vocation.tasks import Encoding, Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.text import Text

ROOT = Path(__file__).resolve().parent.parent.parent
MODEL = "starter:minilm"


@dataclass(frozen=True)
class Workload:
    """Rows to train on, as model inputs.

    Args:
        task: what is learned.
        head_labels: names of the outputs.
        encoding: the model's inputs.
        padded: tokens to which the system that always pads pads.
    """

    task: Task
    head_labels: list[str]
    encoding: Encoding
    padded: int = 128


def notes(data: Path) -> tuple[Task, list[Record]]:
    """Sections of clinical notes, to be told by their header (MTS-Dialog, CC BY 4.0; 20 classes)."""
    path = data / "mts_dialog" / "Main-Dataset" / "MTS-Dialog-TrainingSet.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return Classification(), [
        Record(str(row), {"text": Text(fields["section_text"])}, {"label": fields["section_header"]})
        for row, fields in enumerate(rows)
    ]


def intents(_: Path) -> tuple[Task, list[Record]]:
    """Bank customers' questions, to be told by intent (Banking77, CC BY 4.0; 77 classes)."""
    with (ROOT / "examples" / "bank-intents" / "data" / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return Classification(), [
        Record(str(row), {"text": Text(fields["text"])}, {"label": fields["category"]})
        for row, fields in enumerate(rows)
    ]


def entities(_: Path) -> tuple[Task, list[Record]]:
    """Diseases in sentences of abstracts (NCBI disease corpus, CC BY 4.0)."""
    task = Entities(max_length=128)
    path = ROOT / "examples" / "disease-entities" / "data" / "train.tsv"
    source = Conll(path=str(path))
    records: list[Record] = []
    for row in source.rows(path):
        texts, values = task.read(row.fields)
        records.append(Record(str(len(records)), texts, values))
    return task, records


WORKLOADS: Mapping[str, Callable[[Path], tuple[Task, list[Record]]]] = {
    "notes": notes,
    "intents": intents,
    "entities": entities,
}


def load(name: str, data: Path) -> Workload:
    """Reads and encodes a workload.

    Args:
        name: one of `WORKLOADS`.
        data: folder of the data sets that the repository does not carry.
    """
    task, records = WORKLOADS[name](data)
    tokenizer = load_tokenizer(resolve(MODEL, ROOT).folder)
    head_labels = task.head_labels(sorted({label for record in records for label in task.labels(record)}))
    return Workload(task, head_labels, task.encode(records, tokenizer, head_labels))
