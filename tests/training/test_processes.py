"""Two processes learn what one learns: exactly, with each taking its share, whatever befalls one of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.projects import free_port, without_dropout
from tests.training.pair import learn, lesson_of, tuning_of, weights
from vocation.progress import SILENT
from vocation.training import checkpoints, engine, processes
from vocation.training.batches import Dealing
from vocation.tuning import tune

TOLERANCE = 1e-10
State = Mapping[str, torch.Tensor]


@dataclass(frozen=True)
class Done:
    """What the two processes left.

    Args:
        folder: holds their weights and checkpoints.
        found: what each found.
    """

    folder: Path
    found: list[Mapping[str, Any]]

    def weights(self, name: str) -> list[State]:
        """Of each process."""
        return [load_file(self.folder / f"{name}-{index}.safetensors") for index in range(2)]


@pytest.fixture(scope="module")
def plain_folder(tmp_path_factory: pytest.TempPathFactory, bert_folder: Path) -> Path:
    """A tiny BERT without dropout, which each process would draw for itself."""
    return without_dropout(bert_folder, tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, plain_folder: Path, roberta_folder: Path) -> Done:
    """Both processes, run once for all tests."""
    folder = tmp_path_factory.mktemp("pair")
    place = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    script = str(Path(__file__).with_name("pair.py"))
    started = [
        subprocess.Popen(
            [sys.executable, script, str(plain_folder), str(roberta_folder), str(folder)],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(sys.path),
                **place,
                "RANK": str(index),
                "LOCAL_RANK": str(index),
                "OMP_NUM_THREADS": "1",
            },
            stderr=subprocess.PIPE,
            text=True,
        )
        for index in range(2)
    ]
    errors = [process.communicate(timeout=200)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0], "\n".join(errors)
    found = [json.loads((folder / f"found-{index}.json").read_text(encoding="utf-8")) for index in range(2)]
    return Done(folder, found)


def largest_difference(one: State, other: State) -> float:
    assert one.keys() == other.keys()
    return max(float((one[name] - other[name]).abs().max()) for name in one)


def test_without_a_gpu_they_share_the_processor(done: Done) -> None:
    assert [found["device"] for found in done.found] == [[2, "cpu:0"]] * 2 or [[2, "cpu"]] * 2


@pytest.mark.parametrize(("name", "task"), [("cls", "classification"), ("ner", "entities")])
def test_two_processes_make_the_updates_of_one(
    done: Done, name: str, task: str, plain_folder: Path, roberta_folder: Path
) -> None:
    alone = lesson_of(task, plain_folder if name == "cls" else roberta_folder)
    before = weights(alone)
    steps = learn(alone)
    first, second = done.weights(name)
    assert largest_difference(first, second) == 0
    assert done.found[0]["agree"]
    assert largest_difference(first, weights(alone)) < TOLERANCE
    assert largest_difference(first, before) > 1e-3
    for step, told in zip(steps, done.found[0][name], strict=True):
        assert told == pytest.approx([step.loss, step.gradient_norm, step.targets, step.examples], abs=TOLERANCE)
    assert done.found[0][name] == done.found[1][name]


def test_a_process_alone_goes_on_from_the_checkpoint_of_two(done: Done, plain_folder: Path) -> None:
    alone, again = lesson_of("classification", plain_folder), lesson_of("classification", plain_folder)
    learn(alone)
    state = checkpoints.restore(done.folder / "together", again.lesson.model, again.lesson.optimiser)
    assert state == {"done": 3}
    learn(again, done=3)
    assert largest_difference(weights(again), weights(alone)) < TOLERANCE
    fresh = lesson_of("classification", plain_folder)
    checkpoints.restore(done.folder / "together", fresh.lesson.model, fresh.lesson.optimiser)
    fresh.lesson.optimiser.state.clear()
    learn(fresh, done=3)  # Without the moments.
    assert largest_difference(weights(fresh), weights(alone)) > 1e-6


def test_a_process_without_a_row_takes_part(done: Done, plain_folder: Path) -> None:
    alone = lesson_of("classification", plain_folder)
    steps = learn(alone, Dealing(1, 48, 1, seed=1), until=3)
    assert done.found[1]["single"] == pytest.approx([step.loss for step in steps], abs=TOLERANCE)
    assert all(largest_difference(one, weights(alone)) < TOLERANCE for one in done.weights("single"))


def test_gradients_are_summed_and_stay_absent_where_no_process_has_one(done: Done) -> None:
    assert [found["gradients"] for found in done.found] == [[[3.0, 3.0], [1.0, 1.0], None]] * 2


def test_memory_that_one_process_lacks_makes_all_repeat_the_update(done: Done, plain_folder: Path) -> None:
    assert done.found[0]["budgets"] == done.found[1]["budgets"]
    assert done.found[0]["budgets"][-1] < 96
    alone = lesson_of("classification", plain_folder)
    learn(alone)
    first, second = done.weights("memory")
    assert largest_difference(first, second) == 0
    assert largest_difference(first, weights(alone)) < TOLERANCE


def test_what_spoils_the_share_of_one_process_stops_all(done: Done) -> None:
    assert [found["diverged"] for found in done.found] == [1, 1]


def test_weights_that_are_divided_are_those_of_one_process_and_so_are_their_checkpoints(
    done: Done, plain_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine leaves divided weights whole, and here those of the process alone as well."""
    monkeypatch.setattr(engine, "install", lambda model, *_: engine.Installed(model))
    alone = lesson_of("classification", plain_folder)
    learn(alone)
    for name in ("fsdp", "fsdp again"):
        first, second = done.weights(name)
        assert largest_difference(first, second) == 0
        assert largest_difference(first, weights(alone)) < TOLERANCE
    parts = [found["sharded"] for found in done.found]
    assert parts[0][0] + parts[1][0] == parts[0][1] == parts[1][1]
    again = lesson_of("classification", plain_folder)
    checkpoints.restore(done.folder / "sharded", again.lesson.model, again.lesson.optimiser)
    learn(again, done=3)
    assert largest_difference(weights(again), weights(alone)) < TOLERANCE


def test_a_whole_tuning_of_divided_weights_ends_with_the_model_of_one_process(
    done: Done, plain_folder: Path, tmp_path: Path
) -> None:
    summary = tune.tune(tuning_of(plain_folder, tmp_path / "corpus"), tmp_path, SILENT)
    told = done.found[0]["summary"]
    assert (told["best_step"], told["steps"], told["parameters"]) == (
        summary["best_step"],
        summary["steps"],
        summary["parameters"],
    )
    assert told["determinism"]["processes"] == 2
    first, second = (load_file(folder / "model" / "model.safetensors") for folder in (done.folder / "tuning", tmp_path))
    assert first.keys() == second.keys()
    # Keys' biases do nothing: their gradients are rounding errors, which AdamW makes steps of.
    assert all(torch.allclose(first[name], second[name], atol=1e-5) for name in first if "key.bias" not in name)
    (checkpoint,) = (done.folder / "tuning" / "scratch" / "checkpoints").glob("checkpoint-*")
    assert checkpoint.name == f"checkpoint-{summary['steps']:08d}"


def test_what_the_main_process_tells_and_its_failure_reach_the_other(done: Done) -> None:
    assert [found["told"] for found in done.found] == [[{"中": [1, 0.1 + 0.2]}, None]] * 2
    assert [found["same"] for found in done.found] == [False, False]
    assert [found["end"] for found in done.found] == ["KeyboardInterrupt", "AbandonedError"]
    assert [found["failed"] for found in done.found] == [False, True]


def test_a_process_alone_is_a_team_for_which_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    team = processes.join()
    assert (team.is_main, team.count, team.share(3), team.gathered([1.0, 2.0])) == (True, 1, 3, [[1.0, 2.0]])
    assert (processes.launched(), processes.is_helper(), processes.told_elsewhere()) == (False, False, False)
    parameter = torch.nn.Parameter(torch.zeros(2))
    team.sum_gradients([parameter])
    assert parameter.grad is None
    processes.leave()


@pytest.mark.parametrize(("rank", "helper"), [("0", False), ("1", True)])
def test_a_launcher_is_known_by_its_variables(monkeypatch: pytest.MonkeyPatch, rank: str, helper: bool) -> None:
    for name, value in {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)
    assert processes.launched()
    assert processes.is_helper() == helper
    assert processes.told_elsewhere() == helper, "before they connect, all meet the same errors"
    monkeypatch.setenv("WORLD_SIZE", "1")
    assert not processes.launched()
