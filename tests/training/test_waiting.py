"""Threads sleep where others compute, and only there."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import os
from vocation.training.waiting import sleep_if_busy
counts = iter({counts})
print(sleep_if_busy(lambda: next(counts)), os.environ.get("GOMP_SPINCOUNT"))
"""


def decided(counts: list[int], **environment: str) -> str:
    """What a fresh process decides, in which torch is not yet imported."""
    command = [sys.executable, "-c", SCRIPT.format(counts=counts)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, env={**CLEAN, **environment})
    return result.stdout.strip()


CLEAN = {"PYTHONPATH": ":".join(sys.path)}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([1] * 7, "False None"), ([3, 3, 2, 1, 2, 4, 2], "True 0"), ([1, 1, 1, 1, 9, 9, 9], "False None")],
)
def test_others_that_compute_most_of_the_time_make_threads_sleep(counts: list[int], expected: str) -> None:
    assert decided(counts) == expected


def test_what_the_user_says_stays() -> None:
    assert decided([9] * 7, GOMP_SPINCOUNT="77") == "False 77"
    assert decided([9] * 7, OMP_WAIT_POLICY="active") == "False None"


def test_what_runs_the_stages_leaves_torch_for_later() -> None:
    """Otherwise it would be too late to decide."""
    script = "import sys, vocation.pipeline; print('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=CLEAN)
    assert result.stdout.strip() == "False"


def test_the_machine_itself_is_asked() -> None:
    from vocation.training.waiting import _running

    assert _running() >= 1
