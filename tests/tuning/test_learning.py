"""The starter's real weights learn from real text, without a network, what an untrained head cannot know."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

import vocation.templates
from vocation.metrics import score
from vocation.modeling.pretrained import load_model, load_tokenizer, resolve
from vocation.prediction.predictor import Description, Predictor
from vocation.progress import SILENT
from vocation.records import Record
from vocation.tagging import spans_from_tags
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.text import Span, Text
from vocation.tuning import tune
from vocation.tuning.material import Tuning
from vocation.tuning.settings import TuningSettings

TEMPLATES = Path(vocation.templates.__file__).parent
Splits = dict[str, list[Record]]
Write = Callable[[Task, Mapping[str, Sequence[Record]]], Path]


def questions() -> Splits:
    """Real questions to a bank: every second intent, 16 rows of each to train, 5 to validate, 9 to test."""
    with (TEMPLATES / "classification" / "data" / "questions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    splits: Splits = {"train": [], "validation": [], "test": []}
    for label in sorted({row["label"] for row in rows})[::2]:
        texts = [Text(row["text"]) for row in rows if row["label"] == label]
        records = [Record(f"{label}:{row}", {"text": text}, {"label": label}) for row, text in enumerate(texts)]
        splits["train"] += records[:16]
        splits["validation"] += records[16:21]
        splits["test"] += records[21:]
    return splits


def sentences() -> Iterator[Record]:
    """Real sentences from abstracts, with the diseases in them."""
    content = (TEMPLATES / "entities" / "data" / "abstracts.conll").read_text(encoding="utf-8")
    for number, block in enumerate(content.strip().split("\n\n")):
        tokens, tags = zip(*(line.split("\t") for line in block.splitlines()), strict=True)
        starts = [sum(len(token) + 1 for token in tokens[:index]) for index in range(len(tokens))]
        spans = tuple(
            Span(starts[first], starts[end - 1] + len(tokens[end - 1]), label)
            for first, end, label in spans_from_tags(tags, "BIO")
        )
        yield Record(str(number), {"text": Text(" ".join(tokens), spans)})


def abstracts() -> Splits:
    """80 sentences to train, 20 to validate, 45 to test; none is long, and each has an entity."""
    records = [record for record in sentences() if len(record.text.content) < 200 and record.text.spans]
    random.Random(1).shuffle(records)
    return {"train": records[:80], "validation": records[80:100], "test": records[100:145]}


def quality(predictor: Predictor, records: Sequence[Record], metric: str) -> float:
    task = predictor.description.task
    gold = [task.answer(record) for record in records]
    labels = sorted({label for record in records for label in task.labels(record)})
    predicted = [prediction.answer for prediction in predictor.predict([record.text.content for record in records])]
    return score(gold, predicted, labels, task.answers)[metric]


def untrained(task: Task, labels: Sequence[str], folder: Path) -> Predictor:
    """The same weights below a head that has learned nothing."""
    head_labels = task.head_labels(labels)
    model = load_model(task.model_class(), folder, head_labels, seed=1)
    return Predictor(model, load_tokenizer(folder), Description(task=task, cleaning=(), head_labels=tuple(head_labels)))


@pytest.mark.parametrize(
    ("task", "given", "settings", "floor"),
    [
        (Classification(max_length=48), questions, TuningSettings(learning_rate=5e-4, epochs=6, batch_size=10), 0.6),
        (Entities(stride=32), abstracts, TuningSettings(learning_rate=6e-4, epochs=4, batch_size=5), 0.35),
    ],
    ids=["classification", "entities"],
)
def test_real_weights_learn_from_a_small_sample_without_a_network(
    task: Task,
    given: Callable[[], Splits],
    settings: TuningSettings,
    floor: float,
    tmp_path: Path,
    write_corpus: Write,
    no_network: list[str],
) -> None:
    splits = given()
    pretrained = resolve("starter:minilm", tmp_path)
    tuning = Tuning(settings, task, pretrained, (), write_corpus(task, splits))
    tune.tune(tuning, tmp_path, SILENT)
    learned = Predictor.load(tmp_path / "model")
    metric = task.selection_metric
    labels = sorted({label for record in splits["train"] for label in task.labels(record)})
    before = quality(untrained(task, labels, pretrained.folder), splits["test"], metric)
    after = quality(learned, splits["test"], metric)
    assert before < floor / 1.5
    assert after > floor
    assert no_network == []
