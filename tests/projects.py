"""Small projects for the tests of whole journeys: a recipe, 60 rows, and a tiny BERT with random weights.

`conftest.py` names this module in `pytest_plugins`; the finished runs are made once for all tests.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from vocation import cli

TOPICS = {"card": "my card was lost near", "refund": "where is the refund for", "rate": "which rate applies to"}
PLACES = ("the station", "the bridge", "the old market", "the north gate")
DRUGS = ("aspirin", "ibuprofen", "codeine")
DAYS = ("monday", "tuesday", "friday", "sunday")
_SETTINGS = """\
tuning: {learning_rate: 1.0e-3, epochs: 2, batch_size: 8, seed: 3}
evaluation: {resamples: 100}
"""
RECIPES = {
    "classification": "name: topics\nmodel: model\ntask: {kind: classification, max_length: 96}\n"
    "corpus:\n  sources:\n    - kind: csv\n      path: rows.csv\n" + _SETTINGS,
    "entities": "name: drugs\nmodel: model\ntask: {kind: entities, max_length: 48, stride: 8}\n"
    "corpus:\n  sources:\n    - kind: conll\n      path: rows.conll\n" + _SETTINGS,
}


def csv_rows(count: int = 60) -> str:
    """Rows of three topics, in turns, all texts different."""
    rows = ["text,label"]
    for number in range(count):
        label = list(TOPICS)[number % 3]
        rows.append(f"{TOPICS[label]} {PLACES[number // 3 % 4]} on {DAYS[number % 4]} {number},{label}")
    return "\n".join(rows) + "\n"


def conll_rows(count: int = 60) -> str:
    """Sentences with one or two drugs each, all different."""
    sentences = []
    for number in range(count):
        words = ["take", DRUGS[number % 3], "on", DAYS[number % 4], "at", str(number)]
        words += ["not", DRUGS[(number + 1) % 3]] if number % 2 else []
        sentences.append("\n".join(f"{word}\t{'B-Drug' if word in DRUGS else 'O'}" for word in words))
    return "\n\n".join(sentences) + "\n"


@dataclass(frozen=True)
class Project:
    """A folder with a recipe, its rows and its model.

    Args:
        folder: holds `recipe.yaml`, `rows.csv` or `rows.conll`, and `model/`.
    """

    folder: Path

    @property
    def recipe(self) -> Path:
        return self.folder / "recipe.yaml"

    @property
    def store(self) -> Path:
        return self.folder / "runs" / "store"

    def change(self, old: str, new: str) -> None:
        """Replaces a part of the recipe, which must be there."""
        text = self.recipe.read_text(encoding="utf-8")
        assert old in text
        self.recipe.write_text(text.replace(old, new, 1), encoding="utf-8")

    def artifacts(self) -> dict[str, Mapping[str, Any]]:
        """The manifest of every finished artifact, by folder name."""
        return {
            path.parent.name: json.loads(path.read_text(encoding="utf-8"))
            for path in self.store.glob("*/manifest.json")
        }


def without_dropout(model: Path, folder: Path) -> Path:
    """A copy of a model in a folder, without dropout, which each of several processes would draw for itself."""
    copy = folder / "model"
    shutil.copytree(model, copy)
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (copy / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return copy


def free_port() -> int:
    """A port of this machine on which processes may meet."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


class Outcome(NamedTuple):
    """What a command did.

    Args:
        status: exit status.
        out: standard output.
        err: standard error.
    """

    status: int
    out: str
    err: str


Command = Callable[..., Outcome]
NewProject = Callable[..., Project]


def start(folder: Path, task: str, model: Path) -> Project:
    """Writes a project."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model").symlink_to(model, target_is_directory=True)
    (folder / "recipe.yaml").write_text(RECIPES[task], encoding="utf-8")
    rows = csv_rows() if task == "classification" else conll_rows()
    (folder / ("rows.csv" if task == "classification" else "rows.conll")).write_text(rows, encoding="utf-8")
    return Project(folder)


@pytest.fixture
def new_project(tmp_path: Path, bert_folder: Path) -> NewProject:
    """Writes a project of a task below the test's folder."""

    def make(task: str = "classification", name: str = "project") -> Project:
        return start(tmp_path / name, task, bert_folder)

    return make


@pytest.fixture
def vocation(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command of the command line in this process, as the console script does."""

    def call(*arguments: str | Path) -> Outcome:
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", ["vocation", *map(str, arguments)])
        status = _status(cli.main)
        captured = capfd.readouterr()
        return Outcome(status, captured.out, captured.err)

    return call


def _status(main: Callable[[], None]) -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


@dataclass(frozen=True)
class Finished:
    """A project that was run from the command line, once for all tests; read it, never change it.

    Args:
        project: the project.
        folder: of the run.
        arguments: of the command.
        outcome: what the command said.
    """

    project: Project
    folder: Path
    arguments: tuple[str, ...]
    outcome: Outcome


def finish(project: Project, arguments: tuple[str, ...], done: Outcome) -> Finished:
    """The run that a command made."""
    assert done.status == 0, done.err
    (run,) = (project.folder / "runs").glob("*/run.json")
    return Finished(project, run.parent, arguments, done)


@pytest.fixture(scope="session")
def topics(tmp_path_factory: pytest.TempPathFactory, bert_folder: Path) -> Finished:
    """The finished run of the classification project, made offline in a process that can connect nowhere."""
    folder = tmp_path_factory.mktemp("topics")
    project = start(folder / "project", "classification", bert_folder)
    arguments = ("run", str(project.recipe), "--offline")
    return finish(project, arguments, in_process(*arguments, env=block_network(folder)))


@pytest.fixture(scope="session")
def drugs(tmp_path_factory: pytest.TempPathFactory, bert_folder: Path) -> Finished:
    """The finished run of the entities project, made in this process."""
    project = start(tmp_path_factory.mktemp("drugs") / "project", "entities", bert_folder)
    arguments = ("run", str(project.recipe))
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["vocation", *arguments])
        status = _status(cli.main)
    return finish(project, arguments, Outcome(status, out.getvalue(), err.getvalue()))


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Finished], Project]:
    """Copies a finished project, runs and all, so that a test may change it."""

    def make(finished: Finished) -> Project:
        folder = tmp_path / "copy"
        shutil.copytree(finished.project.folder, folder, symlinks=True)
        return Project(folder)

    return make


_BLOCKED = """
import socket, sys
def refuse(*arguments, **options):
    print("CONNECTION", arguments[1:], file=sys.stderr)
    raise OSError("the network is blocked")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = refuse
"""


def block_network(folder: Path) -> dict[str, str]:
    """The variables of a process that can connect nowhere, and prints CONNECTION when something tries.

    Args:
        folder: takes the program that blocks, and an empty cache of the hub.
    """
    (folder / "blocked").mkdir()
    (folder / "blocked" / "sitecustomize.py").write_text(_BLOCKED, encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(folder / "blocked"), os.environ.get("PYTHONPATH")]))
    variables = environment(PYTHONPATH=path, HF_HOME=str(folder / "cache"))
    return {name: value for name, value in variables.items() if name not in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")}


def environment(**extra: str) -> dict[str, str]:
    """The variables of a process: one thread, no colours."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "NO_COLOR": "1", "COLUMNS": "200", **extra}


def command(*arguments: str | Path) -> list[str]:
    """The command line of `vocation` in a process of its own."""
    return [sys.executable, "-m", "vocation.cli", *map(str, arguments)]


def in_process(*arguments: str | Path, env: Mapping[str, str] | None = None) -> Outcome:
    """Runs a command in a process of its own, to its end."""
    done = subprocess.run(command(*arguments), capture_output=True, text=True, check=False, env=env or environment())
    return Outcome(done.returncode, done.stdout, done.stderr)


@contextmanager
def running(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A command that runs on while the test looks at it; killed at the end if it still runs."""
    # Who runs the tests in the background of a shell has SIGINT ignored, and children inherit that.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    )
    signal.signal(signal.SIGINT, before)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(folder: Path, pattern: str, process: subprocess.Popen[str]) -> Sequence[Path]:
    """Waits until files appear while a process runs; the test's time limit ends a wait in vain."""
    while not (found := list(folder.glob(pattern))):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    return found
