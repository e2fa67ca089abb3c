"""Rehearsal: earlier rows are learned again, one head knows the labels of both runs, and nothing held out leaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.strategies.earlier import supplies_of
from vocation.artifacts import write_json
from vocation.errors import RecipeError, TrainingError
from vocation.ledger import read_counts, read_entries
from vocation.modeling.pretrained import resolve
from vocation.records import Record, write_records
from vocation.strategies import Start
from vocation.strategies.full import Full
from vocation.strategies.rehearsal import Rehearsal
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.training.batches import epoch_order, lengths_of
from vocation.tuning import tune
from vocation.tuning.lesson import deal
from vocation.tuning.material import Tuning, prepare_data
from vocation.tuning.settings import TuningSettings

Records = Callable[[int, int], list[Record]]
Write = Callable[[Task, Mapping[str, Sequence[Record]]], Path]


def renamed(records: Sequence[Record], label: str) -> list[Record]:
    """Records that all carry one label, with other texts."""
    from vocation.text import Text

    return [
        Record(f"old:{n}", {"text": Text(f"{record.text.content} number {n}")}, {"label": label}, "old.csv", n)
        for n, record in enumerate(records)
    ]


@pytest.fixture
def tuning_with(bert_folder: Path, intents: Records, write_corpus: Write, tmp_path: Path) -> Callable[..., Tuning]:
    """Makes a tuning on 18 texts that rehearses those it is given."""

    def make(earlier: Sequence[Record], **settings: Any) -> Tuning:
        place = tmp_path / "earlier" / "corpus"
        place.mkdir(parents=True)
        write_records(place / "train.parquet", earlier, Classification().record_schema)
        strategy = Rehearsal(previous="earlier", **settings)
        corpus = write_corpus(
            Classification(), {"train": intents(18, 1), "validation": intents(9, 2), "test": intents(6, 3)}
        )
        chosen = TuningSettings(strategies=(Full(), strategy), batch_size=6, epochs=2, learning_rate=1e-3)
        supplies = supplies_of([strategy], tmp_path / "earlier")
        return Tuning(chosen, Classification(), resolve(str(bert_folder), corpus), (), corpus, supplies=supplies)

    return make


def test_one_head_knows_both_and_the_share_is_kept(
    tuning_with: Callable[..., Tuning], intents: Records, tmp_path: Path, notes: Any
) -> None:
    tuning = tuning_with(renamed(intents(30, 4), "loan"), share=0.25)
    data = prepare_data(tuning, tmp_path, notes)
    assert data.labels == data.head_labels == ["card", "fever", "loan", "money"]
    assert [len(data.training.examples), *data.rehearsed] == [48, (30, 0.25)]
    dealing, context = deal(tuning, data)
    order = epoch_order(lengths_of(data.training.examples), dealing, 1)
    again = [int((update >= 18).sum()) for update in order]
    assert sum(again) == 6, "a quarter of 24"
    assert again == [2, 2, 2]
    assert context.updates == 6, "as many as without"
    loan = data.head_labels.index("loan")
    assert {int(data.training.examples[i].targets[0]) for i in np.concatenate(order) if i >= 18} == {loan}


def test_training_learns_the_earlier_rows_too(
    tuning_with: Callable[..., Tuning], intents: Records, tmp_path: Path, notes: Any
) -> None:
    from vocation.prediction.predictor import Predictor

    tuning = tuning_with(renamed(intents(30, 4), "loan"), share=0.5)
    longer = tuning.settings.model_copy(update={"epochs": 12})
    from dataclasses import replace

    summary = tune.tune(replace(tuning, settings=longer), tmp_path, notes)
    assert "loan" in summary["labels"]
    predictor = Predictor.load(tmp_path / "model")
    answers = [prediction.answer for prediction in predictor.predict(["where is my cash number 7", "fever number 9"])]
    assert answers == ["loan", "loan"]


def test_rows_that_stand_in_a_held_out_split_are_left_out(
    tuning_with: Callable[..., Tuning], intents: Records, tmp_path: Path, notes: Any
) -> None:
    held_out = [*intents(9, 2), *intents(6, 3)]
    fresh = renamed(intents(5, 4), "loan")
    data = prepare_data(tuning_with([*fresh, *held_out]), tmp_path, notes)
    assert data.rehearsed == [(5, 0.2)]
    (count,) = read_counts(tmp_path)
    assert (count.action, count.step, count.count) == ("dropped", "rehearsal", 15)
    assert count.reason == "its text stands in this run's validation or test split"
    assert {entry["split"] for entry in read_entries(tmp_path)} == {"rehearsed"}
    assert any("15 rows: its text stands" in message for message in notes.messages)


def test_nothing_left_is_refused(
    tuning_with: Callable[..., Tuning], intents: Records, tmp_path: Path, notes: Any
) -> None:
    with pytest.raises(TrainingError, match="of 9 rows of the earlier run, each stands in this run's validation"):
        prepare_data(tuning_with(intents(9, 2)), tmp_path, notes)


def test_so_many_rows_are_drawn_as_asked(
    tuning_with: Callable[..., Tuning], intents: Records, tmp_path: Path, notes: Any
) -> None:
    tuning = tuning_with(renamed(intents(30, 4), "loan"), rows=7)
    assert prepare_data(tuning, tmp_path, notes).rehearsed == [(7, 0.2)]


def test_another_kind_of_task_is_refused(tmp_path: Path) -> None:
    strategy = Rehearsal(previous="earlier")
    write_json(tmp_path / "manifest.json", {"key": "k", "settings": {"task": "entities"}, "files": {}, "summary": {}})
    sources = {need.name: tmp_path for need in strategy.needs()}
    strategy.check(sources, Start(tmp_path, "entities", ["O"]))
    with pytest.raises(RecipeError, match="are those of the task entities, and this run learns classification"):
        strategy.check(sources, Start(tmp_path, "classification", ["card"]))
