"""Without an NVIDIA GPU, QLoRA is refused with the way out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.strategies.training import trial
from vocation.errors import MissingExtraError, TrainingError
from vocation.modeling import quantisation
from vocation.records import Record
from vocation.strategies.qlora import Qlora
from vocation.tasks.classification import Classification

Records = Callable[[int, int], list[Record]]


def test_without_a_gpu_it_is_refused(bert_folder: Path, intents: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    model = Classification(max_length=64)
    with pytest.raises(TrainingError, match=r"needs an NVIDIA GPU, and there is none.*\n.*choose lora"):
        trial(bert_folder, model, intents(16, 1), [Qlora()])


def test_without_its_package_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"'bitsandbytes'.*\n.*vocation\[quantised\]"):
        quantisation.require_device()
