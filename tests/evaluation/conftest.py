"""Finished runs made by hand: real evaluation, with a model that answers by a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vocation.artifacts import Artifact, Plan, Store, write_json
from vocation.evaluation import evaluate
from vocation.evaluation.settings import EvaluationSettings
from vocation.ledger import Ledger
from vocation.prediction.predictor import NoteCut, Predictor
from vocation.progress import SILENT, Progress
from vocation.records import Prediction, Record, write_records
from vocation.tasks import Cut, Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.text import Span, Text

HOSTILE = "<script>alert('text')</script> & \"quotes\""
INTENTS = ("card lost", "card stolen", "transfer", "信用卡丢失", "转账失败", "查询余额")
FINDINGS = ("Disease", "药物")
DETERMINISM = {
    "device": "cpu",
    "threads": 2,
    "processes": 1,
    "attention": "sdpa",
    "deterministic_algorithms": False,
    "limits": ["threads"],
}


@dataclass(frozen=True)
class Synthetic:
    """A run whose artifacts lie in a temporary folder."""

    task: Task
    corpus: Artifact
    tuning: Artifact
    evaluation: Artifact
    recipe_yaml: str


@dataclass
class RuleModel:
    """Stands for a tuned model: gives the gold answer of most records, and a wrong one of the others."""

    task: Task
    wrong: Callable[[Record], Any]
    calls: list[int] = field(default_factory=list)

    def predict_records(
        self, records: Sequence[Record], progress: Progress = SILENT, note_cut: NoteCut | None = None
    ) -> list[Prediction]:
        if note_cut:
            note_cut(records[0], Cut(0, "text longer than max_length", 3, "tokens"))
        self.calls.append(len(records))
        answers = (self.wrong(record) if record.row % 5 == 0 else self.task.answer(record) for record in records)
        return [Prediction(answer, 0.5 + (row % 50) / 100) for row, answer in enumerate(answers)]


def next_label(record: Record) -> str:
    return INTENTS[(INTENTS.index(record.values["label"]) + 1) % len(INTENTS)]


def shifted_spans(record: Record) -> tuple[Span, ...]:
    spans = record.text.spans
    return tuple(span._replace(end=span.end - 1) for span in spans[:1]) + tuple(
        span._replace(label=FINDINGS[0]) for span in spans[1:]
    )


def labelled(split: str, count: int) -> list[Record]:
    generator = np.random.default_rng(len(split))
    records = []
    for row in range(count):
        label = INTENTS[row % len(INTENTS)]
        noise = " ".join(str(word) for word in generator.choice(["please", "help", "now", "the", "请"], size=3))
        text = f"{HOSTILE} {noise}" if row == 5 else f"{label} {noise}"
        records.append(Record(f"{split}.csv:{row}", {"text": Text(text)}, {"label": label}, f"{split}.csv", row))
    return records


def tagged(split: str, count: int) -> list[Record]:
    records = []
    for row in range(count):
        content = f"患者{row}有 gastric cancer 病史，口服阿司匹林。{HOSTILE if row == 5 else ''}"
        start, drug = content.index("gastric"), content.index("阿司匹林")
        spans = (Span(start, start + 14, FINDINGS[0]), Span(drug, drug + 4, FINDINGS[1]))
        records.append(Record(f"{split}.conll:{row}", {"text": Text(content, spans)}, {}, f"{split}.conll", row))
    return records


def corpus_summary(splits: Mapping[str, Sequence[Record]], task: Task) -> dict[str, Any]:
    described = {}
    for name, records in splits.items():
        lengths = [len(record.text.content) for record in records]
        labels: dict[str, int] = {}
        for record in records:
            for label in task.labels(record):
                labels[label] = labels.get(label, 0) + 1
        described[name] = {
            "records": len(records),
            "characters": {
                "mean": float(np.mean(lengths)),
                "median": float(np.median(lengths)),
                "p95": float(np.quantile(lengths, 0.95)),
                "max": max(lengths),
            },
            "labels": labels,
        }
    file = {"format": "csv", "encoding": "utf-8", "rows": 99, "bytes": 12345, "sha256": "ab" * 32}
    return {
        "files": [{"path": f"data/{name}.csv", "split": name, **file} for name in splits],
        "splits": described,
        "read": 300,
        "dropped": 2,
        "duplicates": {"train": 1},
        "conflicts": {"texts": 1, "rows": 2},
        "overlap": [{"between": ["train", "test"], "texts": 1, "rows": 1, "action": "removed from train"}],
        "split_made": {"validation": True, "test": False},
    }


def write_corpus(folder: Path, splits: Mapping[str, Sequence[Record]], task: Task) -> dict[str, Any]:
    for name, records in splits.items():
        write_records(folder / f"{name}.parquet", records, task.record_schema)
    with Ledger(folder) as ledger:
        ledger.add_row("dropped", "deduplication", "equal text", "train.csv", 17, f"重复 {HOSTILE}", split="train")
        ledger.add_row("refused", "reading", "invalid row", "train.csv", 18, "no label here", detail="label missing")
        ledger.count("edited", "unicode", "full-width characters", 12)
    return corpus_summary(splits, task)


def write_tuning(folder: Path, task: Task) -> dict[str, Any]:
    steps = [
        {
            "step": step,
            "epoch": 1 + (step - 1) // 20,
            "loss": 2.5 * float(np.exp(-step / 25)) + 0.1 * (step % 3),
            "learning_rate": 3e-4 * min(step / 6, (61 - step) / 55),
            "gradient_norm": 1.0,
            "examples": 32,
            "targets": 32,
            "tokens": 640,
            "seconds": 0.1,
        }
        for step in range(1, 61)
    ]
    values = (0.61, 0.83, 0.81)
    evaluations = [
        {
            "step": 20 * epoch,
            "epoch": epoch,
            "loss": 1.0 / epoch,
            "metrics": {task.selection_metric: value},
            "selected": value,
            "best": epoch < 3,
        }
        for epoch, value in enumerate(values, start=1)
    ]
    history = {"steps": steps, "evaluations": evaluations, "best_step": 40}
    write_json(
        folder / "history.json", {**history, "selection_metric": task.selection_metric, "stopped": "all epochs done"}
    )
    with Ledger(folder) as ledger:
        ledger.add_row(
            "cut", task.kind, "text longer than max_length", "train.csv", 3, "a long text", detail="12 tokens"
        )
    return {
        "model": "starter:minilm",
        "labels": list(INTENTS),
        "parameters": 22_700_000,
        "trained_parameters": 22_700_000,
        "device": "cpu",
        "precision": "float32",
        "determinism": DETERMINISM,
        "token_budget": 1024,
        "shortages": [{"step": 7, "before": 2048, "after": 1024}],
        "steps": 60,
        "epochs": 3,
        "best_step": 40,
        "best_value": 0.83,
        "selection_metric": task.selection_metric,
        "seconds": 6.0,
        "texts_per_second": 320.0,
        "tokens_per_second": 6400.0,
        "cut": {"text longer than max_length": 1},
    }


def build(root: Path, task: Task, splits: Mapping[str, Sequence[Record]], wrong: Callable[[Record], Any]) -> Synthetic:
    """All three artifacts, the last one made by the evaluation stage itself."""
    store = Store(root)
    corpus = store.build(Plan("corpus", 1, {}, {}), lambda folder: write_corpus(folder, splits, task))
    tuned = store.build(Plan("tuning", 1, {}, {"corpus": corpus.key}), lambda folder: write_tuning(folder, task))
    settings = EvaluationSettings(resamples=200, mistakes=20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Predictor, "load", lambda folder, token_budget: RuleModel(task, wrong))
        evaluated = store.build(
            evaluate.plan(settings, task, corpus.key, tuned.key),
            lambda folder: evaluate.evaluate(settings, task, corpus.folder, tuned.folder, folder, SILENT),
        )
    recipe = f"name: 示例 run\nmodel: starter:minilm\ntask: {{kind: {task.kind}}}\nevaluation: {{language: en}}\n"
    return Synthetic(task, corpus, tuned, evaluated, recipe)


@pytest.fixture(scope="session")
def label_run(tmp_path_factory: pytest.TempPathFactory) -> Synthetic:
    """A finished run of a classification, with English and Chinese labels and a hostile text among the mistakes."""
    splits = {"train": labelled("train", 60), "validation": labelled("validation", 12), "test": labelled("test", 60)}
    return build(tmp_path_factory.mktemp("labels"), Classification(), splits, next_label)


@pytest.fixture(scope="session")
def span_run(tmp_path_factory: pytest.TempPathFactory) -> Synthetic:
    """A finished run of entities, in Chinese with English words, and a hostile text among the mistakes."""
    splits = {"train": tagged("train", 12), "validation": tagged("validation", 6), "test": tagged("test", 30)}
    return build(tmp_path_factory.mktemp("spans"), Entities(), splits, shifted_spans)
