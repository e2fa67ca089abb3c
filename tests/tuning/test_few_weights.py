"""Tuning in which few weights train: what is delivered answers as it did while training, also after a death."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vocation.prediction.batching import example_logits
from vocation.prediction.predictor import Predictor, padding_of
from vocation.progress import SILENT
from vocation.records import Record
from vocation.tasks.classification import Classification
from vocation.training import checkpoints
from vocation.tuning import scoring, tune
from vocation.tuning.material import Tuning

Make = Callable[..., Tuning]
Records = Callable[[int, int], list[Record]]
STRATEGIES: dict[str, list[Any]] = {
    "adapter": [{"kind": "adapter", "bottleneck": 8}],
    "freeze": [{"kind": "freeze", "gradual": 0.3}, "layerwise_decay"],
    "lora": [{"kind": "lora", "rank": 4}],
    "prefix": [{"kind": "prefix", "tokens": 4, "projection": 8}],
    "p-tuning": [{"kind": "prompt", "tokens": 4, "encoder": "lstm", "encoder_width": 8}],
}
each = pytest.mark.parametrize("name", STRATEGIES)


class KilledError(BaseException):
    """Stands for the end of the process."""


@each
def test_what_is_loaded_answers_as_the_best_point_did(
    tuning_of: Make, intents: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    seen: list[Any] = []

    def recorded(*arguments: Any, **keywords: Any) -> Any:
        seen.append(example_logits(*arguments, **keywords))
        return seen[-1]

    monkeypatch.setattr(scoring, "example_logits", recorded)
    task = Classification(max_length=64)
    tuning = tuning_of(task, strategies=STRATEGIES[name], epochs=3)
    summary = tune.tune(tuning, tmp_path, SILENT)
    history = json.loads((tmp_path / "history.json").read_text(encoding="utf-8"))
    steps = [entry["step"] for entry in history["evaluations"]]
    best = seen[steps.index(history["best_step"])]
    predictor = Predictor.load(tmp_path / "model")
    examples = task.encode(intents(9, 2), predictor.tokenizer, predictor.description.head_labels).examples
    loaded = example_logits(predictor.model, examples, padding_of(predictor.tokenizer))
    np.testing.assert_allclose(np.stack(loaded), np.stack(best), rtol=0, atol=1e-5)
    answers = [prediction.answer for prediction in predictor.predict_records(intents(9, 2))]
    accuracy = np.mean(
        [answer == record.values["label"] for answer, record in zip(answers, intents(9, 2), strict=True)]
    )
    assert accuracy == pytest.approx(summary["best_value"])
    assert 0 < summary["trained_parameters"] < summary["parameters"]


@each
def test_a_death_does_not_change_a_bit(
    tuning_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    tuning = tuning_of(
        Classification(max_length=64), strategies=STRATEGIES[name], epochs=3, checkpoint_minutes=0, schedule="cosine"
    )
    for folder in ("alone", "killed"):
        (tmp_path / folder).mkdir()
    tune.tune(tuning, tmp_path / "alone", SILENT)
    save, saved = checkpoints.save, []

    def die_at_the_fifth(folder: Path, number: int, *rest: Any, **more: Any) -> None:
        saved.append(number)
        if len(saved) == 5:
            raise KilledError
        save(folder, number, *rest, **more)

    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "save", die_at_the_fifth)
        with pytest.raises(KilledError):
            tune.tune(tuning, tmp_path / "killed", SILENT)
    tune.tune(tuning, tmp_path / "killed", SILENT)
    alone, killed = (weights(tmp_path / folder / "model") for folder in ("alone", "killed"))
    assert alone == killed
    assert alone


def weights(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.safetensors"))}
