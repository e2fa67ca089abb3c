from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from vocation.artifacts import Artifact
from vocation.errors import DataError
from vocation.evaluation.evaluate import choose_split, plan
from vocation.evaluation.settings import EvaluationSettings
from vocation.ledger import Count, read_counts, read_entries
from vocation.metrics import score
from vocation.tasks.classification import Classification
from vocation.text import Span


def metrics_of(artifact: Artifact) -> dict[str, Any]:
    metrics: dict[str, Any] = json.loads((artifact.folder / "metrics.json").read_text(encoding="utf-8"))
    return metrics


def test_metrics_equal_those_of_the_predictions_file(label_run: Any) -> None:
    metrics = metrics_of(label_run.evaluation)
    table = pq.read_table(label_run.evaluation.folder / "predictions.parquet").to_pydict()
    for system, column in (("model", "predicted"), ("baseline", "baseline")):
        expected = score(table["gold"], table[column], metrics["labels"], "label")
        found = {name: value["value"] for name, value in metrics[system].items() if name != "kind"}
        assert found == pytest.approx(expected, abs=1e-12)
    assert metrics["model"]["accuracy"]["value"] == pytest.approx(0.8)
    assert table["correct"] == [gold == answer for gold, answer in zip(table["gold"], table["predicted"], strict=True)]


def test_every_value_lies_in_its_interval_and_differences_are_paired(label_run: Any) -> None:
    metrics = metrics_of(label_run.evaluation)
    assert set(metrics["model"]) == set(metrics["difference"]) == set(metrics["baseline"]) - {"kind"}
    assert metrics["baseline"]["kind"] == "tfidf_logistic"
    for name, difference in metrics["difference"].items():
        model, baseline = metrics["model"][name], metrics["baseline"][name]
        assert model["low"] <= model["value"] <= model["high"]
        assert difference["value"] == pytest.approx(model["value"] - baseline["value"], abs=1e-12)


def test_the_test_split_is_answered_and_the_summary_leaves_out_single_labels(label_run: Any) -> None:
    summary = label_run.evaluation.summary
    assert (summary["split"], summary["records"], summary["primary"]) == ("test", 60, "accuracy")
    assert "f1_macro" in summary["model"]
    assert not [name for name in summary["model"] if ":" in name]


def test_confusion_adds_up_to_the_records(label_run: Any) -> None:
    cells = metrics_of(label_run.evaluation)["confusion"]
    assert sum(cell["count"] for cell in cells) == 60
    assert sum(cell["count"] for cell in cells if cell["gold"] == cell["predicted"]) == 48


def test_spans_stand_as_json_beside_the_text(span_run: Any) -> None:
    table = pq.read_table(span_run.evaluation.folder / "predictions.parquet").to_pydict()
    gold = [tuple(Span(*span) for span in json.loads(cell)) for cell in table["gold"]]
    predicted = [tuple(Span(*span) for span in json.loads(cell)) for cell in table["predicted"]]
    assert {table["text"][0][span.start : span.end] for span in gold[0]} == {"gastric cancer", "阿司匹林"}
    metrics = metrics_of(span_run.evaluation)
    assert metrics["model"]["f1"]["value"] == pytest.approx(score(gold, predicted, metrics["labels"], "spans")["f1"])
    assert metrics["baseline"]["kind"] == "training_dictionary"


def test_the_number_of_mistakes_shown_is_a_setting(label_run: Any) -> None:
    mistakes = json.loads((label_run.evaluation.folder / "mistakes.json").read_text(encoding="utf-8"))
    assert mistakes["wrong"] == 12
    assert len(mistakes["hardest"]) == 12
    confidences = [entry["confidence"] for entry in mistakes["hardest"]]
    assert confidences == sorted(confidences, reverse=True)


def test_test_is_preferred_and_validation_taken_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "validation.parquet").touch()
    assert choose_split(tmp_path, None) == "validation"
    (tmp_path / "test.parquet").touch()
    assert choose_split(tmp_path, None) == "test"
    assert choose_split(tmp_path, "validation") == "validation"


def test_a_split_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"no test or validation split(.|\n)*received: splits: train\n(.|\n)*splitting.test"
    ):
        choose_split(tmp_path, None)
    (tmp_path / "validation.parquet").touch()
    with pytest.raises(DataError, match=r"no test split(.|\n)*allowed: evaluation.split: validation"):
        choose_split(tmp_path, "test")


def test_the_language_does_not_change_the_key_and_the_seed_does() -> None:
    keys = [
        plan(settings, Classification(), "corpus", "tuning").key
        for settings in (EvaluationSettings(), EvaluationSettings(language="zh"), EvaluationSettings(seed=2))
    ]
    assert keys[0] == keys[1] != keys[2]


def test_what_the_model_could_not_see_is_in_the_ledger(label_run: Any) -> None:
    expected = [Count("cut", "classification", "text longer than max_length", 1)]
    assert read_counts(label_run.evaluation.folder) == expected
    (entry,) = read_entries(label_run.evaluation.folder)
    assert (entry["split"], entry["detail"]) == ("test", "3 tokens")
