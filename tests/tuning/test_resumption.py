"""A tuning that is killed again and again ends with the bits of one that was left alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from vocation.records import Record
from vocation.tasks import Task
from vocation.tasks.classification import Classification

Records = Callable[[int, int], list[Record]]
DEATHS = 5


def mortal(root: Path, corpus: Path, model: Path) -> list[str]:
    """What the children noted."""
    script = Path(__file__).with_name("mortal.py")
    finished = subprocess.run(
        [sys.executable, str(script), str(root), str(corpus), str(model), "3", str(DEATHS)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"},
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.splitlines()


def result(root: Path) -> tuple[bytes, Mapping[str, Any]]:
    """Weights, and the history without its clock."""
    (artifact,) = root.glob("tuning-*")
    history = json.loads((artifact / "history.json").read_text(encoding="utf-8"))
    for entry in history["steps"]:
        del entry["seconds"]
    assert not (artifact / "scratch").exists()
    return (artifact / "model" / "model.safetensors").read_bytes(), history


def test_kills_at_random_moments_do_not_change_a_bit(
    tmp_path: Path,
    bert_folder: Path,
    intents: Records,
    write_corpus: Callable[[Task, Mapping[str, Sequence[Record]]], Path],
) -> None:
    corpus = write_corpus(Classification(), {"train": intents(24, 1), "validation": intents(9, 2)})
    lines = mortal(tmp_path, corpus, bert_folder)
    assert not any("going on" in line for line in lines[: lines.index("done alone")])
    resumed = [int(found[1]) for line in lines if (found := re.match(r"going on after update (\d+) of 36", line))]
    assert lines.count("killed") >= 3
    assert len(resumed) == lines.count("killed")
    assert resumed == sorted(set(resumed))
    assert resumed[0] >= 1
    weights, history = result(tmp_path / "alone")
    again, other_history = result(tmp_path / "killed")
    assert len(history["steps"]) == 36
    assert other_history == history
    assert again == weights
