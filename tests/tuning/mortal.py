"""Tunes twice, in child processes: one that is left alone, and several that are killed at random moments until the
last lives to the end; run as a script.

    python mortal.py FOLDER CORPUS MODEL SEED DEATHS

The stores are `alone` and `killed` in the folder. Standard output gets what the children note, "done alone", and a line
"killed" for each that was. The heavy packages are imported once, in the parent, which itself computes nothing.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from vocation.artifacts import Plan, Store
from vocation.modeling.pretrained import resolve
from vocation.progress import SILENT, Bar
from vocation.tasks.classification import Classification
from vocation.tuning import tune
from vocation.tuning.material import Tuning
from vocation.tuning.settings import EarlyStopping, TuningSettings

HEAVY = ("accelerate", "pyarrow.parquet", "safetensors.torch", "torch", "transformers.models.bert.modeling_bert")


class Lines:
    """A progress whose notes are lines of standard output, written at once."""

    def note(self, message: str) -> None:
        os.write(1, f"{message}\n".encode())

    def bar(self, description: str, total: int | None, unit: str, done: int = 0) -> AbstractContextManager[Bar]:
        return SILENT.bar(description, total, unit, done)


def live(store: Store, plan: Plan, tuning: Tuning) -> int:
    """Tunes in a child process, and gives the child's number."""
    child = os.fork()
    if child == 0:
        store.build(plan, lambda folder: tune.tune(tuning, folder, Lines()), resumable=True)
        os._exit(0)
    return child


def newest(checkpoints: Path) -> int:
    """The number of the newest whole checkpoint, 0 when there is none."""
    names = [path.name.removeprefix("checkpoint-") for path in checkpoints.glob("checkpoint-*")]
    return max((int(name) for name in names if name.isdigit()), default=0)


def gone(child: int) -> bool:
    """Whether the child has ended; it stays to be waited for."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def main(root: str, corpus: str, model: str, seed: str, deaths: str) -> None:
    for module in HEAVY:  # The children find them imported.
        import_module(module)
    folder = Path(corpus)
    settings = TuningSettings(
        epochs=6,
        batch_size=4,
        learning_rate=1e-3,
        evaluations_per_epoch=2,
        early_stopping=EarlyStopping(patience=None),
    )
    tuning = Tuning(settings, Classification(), resolve(model, folder), (), folder)
    plan = tune.plan(tuning, "corpus")
    os.waitpid(live(Store(Path(root) / "alone"), plan, tuning), 0)
    os.write(1, b"done alone\n")
    every_update = replace(tuning, settings=settings.model_copy(update={"checkpoint_minutes": 0}))
    assert tune.plan(every_update, "corpus") == plan
    sys.exit(tune_and_kill(Store(Path(root) / "killed"), plan, every_update, random.Random(int(seed)), int(deaths)))


def tune_and_kill(store: Store, plan: Plan, tuning: Tuning, generator: random.Random, deaths: int) -> int:
    """Kills so many children, each after it has saved something new, and lets the last one live; its exit status."""
    checkpoints = store.root / "partial" / plan.folder_name / "scratch" / "checkpoints"
    while True:
        wanted = newest(checkpoints) + generator.randint(1, 5)
        child = live(store, plan, tuning)
        while deaths and newest(checkpoints) < wanted and not gone(child):
            time.sleep(0.001)
        if deaths:
            time.sleep(generator.uniform(0, 0.02))
            os.kill(child, signal.SIGKILL)
            deaths -= 1
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            return os.WEXITSTATUS(status)
        os.write(1, b"killed\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
