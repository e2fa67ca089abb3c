"""What tuning does when training goes wrong: keeps what one needs to see why, and goes on where it can."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from vocation.errors import RecipeError, ResourceError
from vocation.prediction.predictor import padding_of
from vocation.progress import SILENT
from vocation.strategies import Context, Strategy
from vocation.strategies.full import Full
from vocation.training import checkpoints
from vocation.training.batches import pad
from vocation.training.divergence import DivergedError
from vocation.training.objective import Objective, Outcome
from vocation.tuning import tune
from vocation.tuning.lesson import prepare
from vocation.tuning.material import Tuning, prepare_data

Make = Callable[..., Tuning]


class Spoiling(Strategy):
    """Multiplies the loss of some updates."""

    first: int
    last: int
    factor: str

    def wrap(self, objective: Objective, context: Context) -> Objective:
        calls: list[int] = []

        def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
            calls.append(1)
            outcome = objective(model, batch)
            spoiled = self.first <= len(calls) <= self.last  # Every update is one micro-batch.
            return outcome._replace(loss=outcome.loss * float(self.factor)) if spoiled else outcome

        return objective.wrapped(run)


class Small(Strategy):
    """A device whose memory suffices for so many padded tokens."""

    tokens: int

    def wrap(self, objective: Objective, context: Context) -> Objective:
        def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
            if batch["input_ids"].numel() > self.tokens:
                raise torch.OutOfMemoryError("CUDA out of memory.")
            return objective(model, batch)

        return objective.wrapped(run)


def with_strategies(tuning: Tuning, *strategies: Strategy) -> Tuning:
    return replace(tuning, settings=tuning.settings.model_copy(update={"strategies": (Full(), *strategies)}))


def history(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "history.json").read_text(encoding="utf-8"))
    for entry in found["steps"]:
        del entry["seconds"]
    return found


@pytest.mark.parametrize(
    ("spoiling", "at", "kept_after", "reason"),
    [
        (Spoiling(first=5, last=5, factor="nan"), 5, 4, "not a finite number"),
        (Spoiling(first=3, last=99, factor="1e6"), 7, 2, "5 updates in a row with a loss above"),
    ],
    ids=["not a number", "absurd"],
)
def test_divergence_keeps_the_batch_and_the_last_good_checkpoint(
    tuning_of: Make, tmp_path: Path, spoiling: Strategy, at: int, kept_after: int, reason: str
) -> None:
    tuning = with_strategies(tuning_of(epochs=4, checkpoint_minutes=0, early_stopping={"patience": None}), spoiling)
    with pytest.raises(DivergedError, match=f"diverged at update {at}") as caught:
        tune.tune(tuning, tmp_path, SILENT)
    message, place = str(caught.value), tmp_path / "scratch" / "diverged"
    newest = checkpoints.newest_of(tmp_path / "scratch" / "checkpoints")
    assert newest is not None
    assert newest.name == f"checkpoint-{kept_after:08d}"
    assert all(part in message for part in (str(place), str(newest), reason, "lower tuning.learning_rate"))
    told = json.loads((place / "batch.json").read_text(encoding="utf-8"))
    tensors = load_file(place / "batch.safetensors")
    assert (told["update"], len(told["records"]), len(told["before"])) == (at, 6, at - 1)
    assert reason in told["reason"]
    assert told["loss"] == "nan" or told["loss"] > 1e5
    assert told["learning_rate"] > 0
    assert set(tensors) == {"input_ids", "token_type_ids", "attention_mask", "targets"}
    assert tensors["targets"].shape == (6, 1)
    assert not (tmp_path / "model").exists()


def test_the_rows_that_are_named_are_those_of_the_batch(tuning_of: Make, tmp_path: Path) -> None:
    tuning = with_strategies(tuning_of(), Spoiling(first=1, last=1, factor="inf"))
    with pytest.raises(DivergedError):
        tune.tune(tuning, tmp_path, SILENT)
    place = tmp_path / "scratch" / "diverged"
    told = json.loads((place / "batch.json").read_text(encoding="utf-8"))
    data = prepare_data(tuning, tmp_path, SILENT)
    ids = load_file(place / "batch.safetensors")["input_ids"]
    for name, row in zip(told["records"], ids, strict=True):
        position = int(name.partition(":")[2]) - 2  # The fixture counts its rows from 2.
        expected = data.training.examples[position].features["input_ids"].tolist()
        assert row[: len(expected)].tolist() == expected
    assert "card" not in json.dumps(told).replace("intents", "")


def test_a_single_absurd_update_is_no_divergence(tuning_of: Make, tmp_path: Path) -> None:
    tuning = with_strategies(tuning_of(epochs=1), Spoiling(first=2, last=2, factor="1e6"))
    assert tune.tune(tuning, tmp_path, SILENT)["steps"] == 3


def test_a_shortage_of_memory_is_told_counted_and_remembered(tuning_of: Make, tmp_path: Path, notes: Any) -> None:
    settings = {"epochs": 2, "token_budget": 4096, "checkpoint_minutes": 0}
    short, enough = with_strategies(tuning_of(**settings), Small(tokens=70)), tmp_path / "enough"
    enough.mkdir()
    summary = tune.tune(short, tmp_path, notes)
    (shortage,) = summary["shortages"]
    assert shortage == {"step": shortage["step"], "before": 4096, "after": 64}
    assert summary["token_budget"] == 64
    assert history(tmp_path)["shortages"] == [shortage]
    told = [message for message in notes.messages if "memory ran out" in message]
    assert told == [
        f"memory ran out at update {shortage['step']}: token_budget 4,096 → 64 from here on; the update was repeated, "
        "and the result stays the same"
    ]
    plain = tune.tune(with_strategies(short), enough, SILENT)
    assert (plain["shortages"], plain["token_budget"]) == ([], 4096)


class KilledError(BaseException):
    """Stands for the end of the process."""


def test_a_run_that_goes_on_begins_with_the_budget_that_was_left(
    tuning_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, notes: Any
) -> None:
    tuning = with_strategies(tuning_of(epochs=2, token_budget=4096, checkpoint_minutes=0), Small(tokens=70))
    save = checkpoints.save

    def die_after_four(folder: Path, number: int, *rest: Any) -> None:
        save(folder, number, *rest)
        if number == 4:
            raise KilledError

    straight, killed = tmp_path / "straight", tmp_path / "killed"
    straight.mkdir()
    killed.mkdir()
    tune.tune(tuning, straight, SILENT)
    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "save", die_after_four)
        with pytest.raises(KilledError):
            tune.tune(tuning, killed, SILENT)
    tune.tune(tuning, killed, notes)
    assert not [message for message in notes.messages if "memory ran out" in message]
    assert history(killed) == history(straight)
    weights = [(folder / "model" / "model.safetensors").read_bytes() for folder in (straight, killed)]
    assert weights[0] == weights[1]


def test_an_example_that_does_not_fit_alone_ends_the_run(tuning_of: Make, tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="a single example of"):
        tune.tune(with_strategies(tuning_of(), Small(tokens=4)), tmp_path, SILENT)


def test_what_a_repetition_may_change_is_in_the_summary(tuning_of: Make, tmp_path: Path) -> None:
    found = tune.tune(tuning_of(epochs=1), tmp_path, SILENT)["determinism"]
    assert (found["device"], found["processes"], found["limits"]) == ("cpu", 1, ["threads"])


@pytest.mark.parametrize("folder_name", ["bert_folder", "llama_folder"])
def test_gradient_checkpointing_gives_equal_gradients(
    tuning_of: Make, tmp_path: Path, folder_name: str, request: pytest.FixtureRequest
) -> None:
    """With dropout, whose masks are drawn again as they were."""
    tuning = tuning_of(model=request.getfixturevalue(folder_name))
    kept: list[dict[str, torch.Tensor]] = []
    passes: list[int] = []
    for checkpointing in (False, True):
        settings = tuning.settings.model_copy(update={"gradient_checkpointing": checkpointing})
        chosen = replace(tuning, settings=settings)
        data = prepare_data(chosen, tmp_path, SILENT)
        lesson = prepare(chosen, data)
        inside = next(one for name, one in lesson.model.named_modules() if name.endswith(("q_proj", "query")))
        calls: list[int] = []
        inside.register_forward_pre_hook(partial(_count, calls))
        lesson.model.train()
        torch.manual_seed(3)
        batch = pad(data.training.examples[:6], padding_of(data.tokenizer))
        lesson.objective(lesson.model, batch.tensors).loss.backward()
        kept.append({name: value.grad for name, value in lesson.model.named_parameters() if value.grad is not None})
        passes.append(len(calls))
    assert passes == [1, 2], "what is inside a layer is computed twice"
    assert kept[0].keys() == kept[1].keys()
    assert all(torch.equal(kept[0][name], kept[1][name]) for name in kept[0])


def _count(calls: list[int], *_: Any) -> None:
    calls.append(1)


def test_gradient_checkpointing_ends_with_the_same_bits(tuning_of: Make, tmp_path: Path) -> None:
    tuning = tuning_of(epochs=1)
    weights = []
    for checkpointing in (False, True):
        folder = tmp_path / str(checkpointing)
        folder.mkdir()
        settings = tuning.settings.model_copy(update={"gradient_checkpointing": checkpointing})
        tune.tune(replace(tuning, settings=settings), folder, SILENT)
        weights.append((folder / "model" / "model.safetensors").read_bytes())
    assert weights[0] == weights[1]


def test_a_model_without_gradient_checkpointing_is_refused(
    tuning_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import BertForSequenceClassification

    monkeypatch.setattr(BertForSequenceClassification, "supports_gradient_checkpointing", False)
    with pytest.raises(RecipeError, match="BertForSequenceClassification does not offer it"):
        tune.tune(tuning_of(gradient_checkpointing=True), tmp_path, SILENT)
