"""What is told of what a repetition may change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vocation.modeling.pretrained import load_model
from vocation.tasks.classification import Classification
from vocation.training.determinism import LIMITS, determinism, limits
from vocation.training.precision import accelerator

CUDA: dict[str, Any] = {
    "device": "cuda",
    "processes": 1,
    "deterministic_algorithms": False,
    "cublas_workspace": None,
    "cudnn_benchmark": False,
    "tf32": False,
}


def test_a_processor_needs_the_same_number_of_threads(bert_folder: Path) -> None:
    model = load_model(Classification().model_class(), bert_folder, ["a", "b"], seed=1)
    found = determinism(accelerator(device="cpu"), model)
    assert (found["device"], found["processes"], found["attention"]) == ("cpu", 1, "sdpa")
    assert found["threads"] >= 1
    assert found["limits"] == ["threads"]
    assert determinism(accelerator("bfloat16", device="cpu"), model)["limits"] == ["threads", "bfloat16"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["atomics", "cublas"]),
        ({"deterministic_algorithms": True, "cublas_workspace": ":4096:8"}, []),
        ({"cudnn_benchmark": True, "tf32": True}, ["atomics", "cublas", "cudnn_benchmark", "tf32"]),
        ({"device": "mps"}, ["device_unknown"]),
        ({"device": "cpu", "processes": 2}, ["threads", "processes"]),
    ],
)
def test_flags_decide_what_stands_in_the_way(changes: dict[str, Any], expected: list[str]) -> None:
    assert limits(CUDA | changes, "no") == expected
    assert limits(CUDA | changes | {"processes": 1}, "bf16")[-1] == "bfloat16"
    assert set(expected) <= set(LIMITS)
