"""How many layers are frozen can be left to short trainings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from vocation.errors import TrainingError
from vocation.modeling.pretrained import load_model
from vocation.progress import SILENT
from vocation.strategies.freeze import Freeze
from vocation.tuning import choice, tune
from vocation.tuning.choice import settle
from vocation.tuning.material import Tuning, prepare_data

Make = Callable[..., Tuning]
AUTO = {"kind": "freeze", "layers": "auto", "tolerance": 0.9}


class KilledError(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize(
    ("scores", "tolerated", "chosen"),
    [
        ((0.80, 0.80, 0.79, 0.70), 0.01, 2),
        ((0.80, 0.80, 0.79, 0.70), 0.0, 1),
        ((0.80, 0.70, 0.60, 0.50), 0.01, 0),
        ((0.70, 0.75, 0.72, 0.745), 0.01, 3),
        ((0.70, 0.75, 0.70), 0.01, 1),  # No worse than with nothing frozen, but worse than what a third gave.
    ],
)
def test_taken_is_the_last_that_costs_no_more_than_allowed(
    scores: tuple[float, ...], tolerated: float, chosen: int
) -> None:
    assert choice._chosen([{"score": score} for score in scores], tolerated) == chosen


def test_depths_are_those_of_the_model(bert_folder: Path) -> None:
    depths = [alternative.layers for alternative in Freeze(layers="auto").alternatives(bert_folder)]
    assert depths == [0, 1], "none, then a third, half and two thirds of 2"
    assert Freeze(layers=1).alternatives(bert_folder) == ()


def test_chosen_layers_stay_as_they_were_and_the_summary_tells_the_cost(
    tuning_of: Make, bert_folder: Path, tmp_path: Path
) -> None:
    tuning = tuning_of(strategies=[AUTO])
    summary = tune.tune(tuning, tmp_path, SILENT)
    (told,) = summary["choices"]
    assert told["strategy"] == "freeze"
    assert [entry["alternative"] for entry in told["tried"]] == ["layers: 0", "layers: 1"]
    assert told["chosen"] == 1, "the tolerance is large"
    assert all(entry["updates"] == 6 and entry["seconds"] > 0 for entry in told["tried"]), "those of the whole training"
    task = tuning.task
    before = load_model(task.model_class(), bert_folder, ["card", "fever", "money"], 1).state_dict()
    after = load_model(task.model_class(), tmp_path / "model", ["card", "fever", "money"], 1).state_dict()
    assert torch.equal(
        before["bert.encoder.layer.0.output.dense.weight"], after["bert.encoder.layer.0.output.dense.weight"]
    )
    name = "bert.encoder.layer.1.output.dense.weight"
    assert not torch.equal(before[name], after[name])


def test_a_killed_run_does_not_measure_again(tuning_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tuning = tuning_of(strategies=[AUTO])
    data, ordinary = prepare_data(tuning, tmp_path, SILENT), choice._Trial._try

    tried: list[Any] = []

    def dying(trial: Any, alternative: Any, progress: Any) -> Any:
        if len(tried) == 1:
            raise KilledError
        tried.append(alternative.layers)
        return ordinary(trial, alternative, progress)

    monkeypatch.setattr(choice._Trial, "_try", dying)
    with pytest.raises(KilledError):
        settle(tuning, data, tmp_path, SILENT)
    kept = json.loads((tmp_path / "scratch" / "choice-0.json").read_text(encoding="utf-8"))
    monkeypatch.setattr(choice._Trial, "_try", ordinary)
    settled, (told,) = settle(tuning, data, tmp_path, SILENT)
    assert told["tried"][0] == kept[0]
    assert settled.settings.strategies == (Freeze(layers=1, tolerance=0.9),)


def test_several_processes_are_refused(tuning_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tuning = tuning_of(strategies=[AUTO])
    data = prepare_data(tuning, tmp_path, SILENT)
    monkeypatch.setattr(choice, "launched", lambda: True)
    with pytest.raises(TrainingError, match=r"short trainings.*one process.*\n.*accelerate launch"):
        settle(tuning, data, tmp_path, SILENT)
