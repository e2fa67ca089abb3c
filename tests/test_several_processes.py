"""The same command under a launcher: two processes train, one writes and speaks, and what is killed goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from tests.projects import (
    Command,
    Outcome,
    Project,
    environment,
    free_port,
    start,
    wait_for,
    without_dropout,
)
from vocation.pipeline import run

OVERRIDES = (
    "tuning.epochs=3",
    "tuning.token_budget=64",
    "tuning.early_stopping.patience=null",
    "evaluation.resamples=100",
)
LAUNCH = ("-m", "accelerate.commands.accelerate_cli", "launch", "--multi_gpu", "--num_processes", "2")


@dataclass(frozen=True)
class Told:
    """What a launch left.

    Args:
        project: that was run.
        killed: its folder as it was after the first launch was killed.
        outcome: of the second launch, which went on.
    """

    project: Project
    killed: Path
    outcome: Outcome


@contextmanager
def launched(project: Project, *overrides: str) -> Iterator[subprocess.Popen[str]]:
    """Two processes on the processor, in a group of their own, killed at the end if they still run."""
    settings = [part for override in (*OVERRIDES, *overrides) for part in ("--set", override)]
    port = ("--main_process_port", str(free_port()))
    command = [sys.executable, *LAUNCH, *port, "-m", "vocation", "run", str(project.recipe), *settings]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with_group = process.poll() is None
        if with_group:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, bert_folder: Path) -> Path:
    """A tiny BERT without dropout, which each process would draw for itself."""
    return without_dropout(bert_folder, tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Project:
    """The same project, run by one process."""
    project = start(tmp_path_factory.mktemp("alone") / "project", "classification", model)
    run(project.recipe, OVERRIDES)
    return project


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, model: Path, alone: Project) -> Told:
    """A project that two processes ran: killed after some updates, and launched again. Its corpus was there before."""
    folder = tmp_path_factory.mktemp("launched")
    project = start(folder / "project", "classification", model)
    for artifact in (*alone.store.glob("corpus-*"), *alone.store.glob("examination-*")):
        shutil.copytree(artifact, project.store / artifact.name)
    with launched(project, "tuning.checkpoint_minutes=0") as process:
        wait_for(project.store, "partial/tuning-*/scratch/checkpoints/checkpoint-0000000[4-9]", process)
    shutil.copytree(project.folder, folder / "killed", symlinks=True)
    with launched(project) as process:
        out, err = process.communicate()
    assert process.returncode == 0, err
    return Told(project, folder / "killed", Outcome(process.returncode, out, err))


def tuned(project: Project) -> Path:
    (folder,) = project.store.glob("tuning-*")
    return folder


def largest_difference(one: Project, other: Project) -> float:
    """Of the weights, but for those that do nothing.

    Keys' biases have no part in the softmax of attention: their gradients are rounding errors, which AdamW makes
    steps of.
    """
    first, second = (load_file(tuned(project) / "model" / "model.safetensors") for project in (one, other))
    names = [name for name in first if not name.endswith("key.bias")]
    assert len(names) == len(second) - 2
    return max(float((first[name] - second[name]).abs().max()) for name in names)


def history(project: Project) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((tuned(project) / "history.json").read_text(encoding="utf-8"))
    return found


def test_two_processes_learn_what_one_learns_though_they_were_killed(told: Told, alone: Project) -> None:
    assert tuned(told.project).name == tuned(alone).name, "the number of processes makes no other artifact"
    assert largest_difference(told.project, alone) < 1e-5
    for one, other in zip(history(told.project)["steps"], history(alone)["steps"], strict=True):
        assert one["loss"] == pytest.approx(other["loss"], abs=1e-5)
        assert [one[name] for name in ("step", "examples", "targets", "tokens")] == [
            other[name] for name in ("step", "examples", "targets", "tokens")
        ]
    processes = [
        json.loads((tuned(one) / "manifest.json").read_text())["summary"]["determinism"]["processes"]
        for one in (told.project, alone)
    ]
    assert processes == [2, 1]


def test_one_process_goes_on_where_two_were_killed(told: Told, alone: Project) -> None:
    killed = Project(told.killed)
    run(killed.recipe, OVERRIDES)
    assert largest_difference(killed, alone) < 1e-5


def test_only_the_main_process_speaks_and_writes(told: Told) -> None:
    assert told.outcome.out.count("Report: ") == 1
    assert told.outcome.err.count("going on after update") == 1
    assert told.outcome.err.count("done before, kept") == 2
    runs = list((told.project.folder / "runs").glob("topics-*"))
    assert [sorted(path.name for path in one.iterdir()) for one in runs] == [
        ["data.html", "recipe.yaml", "report.html", "run.json"]
    ]
    assert not list((told.project.store / "partial").iterdir())
    assert "the numbers that dropout draws follow from the number of processes" in (runs[0] / "report.html").read_text(
        "utf-8"
    )


def test_an_error_of_the_main_process_ends_the_others_and_is_told_once(tmp_path: Path, model: Path) -> None:
    """It arises while the other one waits."""
    project = start(tmp_path / "project", "classification", model)
    (project.folder / "rows.csv").write_text("text,label\n" + "a text,\n" * 9, encoding="utf-8")
    place = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "vocation", "run", str(project.recipe)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(**place, RANK=str(rank), LOCAL_RANK=str(rank)),
        )
        for rank in range(2)
    ]
    ends = [process.communicate(timeout=200) for process in started]
    assert [process.returncode for process in started] == [1, 1]
    assert "The label is missing" in ends[0][1]
    assert ends[1] == ("", "")


def test_other_commands_are_the_affair_of_one_process(
    vocation: Command, monkeypatch: pytest.MonkeyPatch, new_project: Callable[..., Project]
) -> None:
    project = new_project()
    for name, value in {"RANK": "1", "LOCAL_RANK": "1", "WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)
    assert vocation("check", project.recipe) == (0, "", "")
    monkeypatch.setenv("RANK", "0")
    assert "Nothing was trained" in vocation("check", project.recipe).out


def test_the_package_itself_can_be_run() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vocation", "--version"], capture_output=True, text=True, check=True, env=environment()
    )
    assert done.stdout.startswith("vocation ")
