"""Kernels give the same bits whether they were compiled in this process or in an earlier one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import hashlib
import torch
from vocation.training.compiled.dropout import Mask
from vocation.training.compiled.encoder_norm import add_norm, add_norm_backward
from vocation.training.compiled.encoder_softmax import dropped_softmax
from vocation.training.compiled.causal_norm import rms_norm

torch.manual_seed(1)
mask, width = Mask(5, 7, 6554, 1.1), 37
rows, other, row = torch.randn(50, width), torch.randn(50, width), torch.randn(width)
result, kept = add_norm(rows.clone(), row, other, (row, row, 1e-12), mask)
found = [result, *add_norm_backward(other, kept, row, mask), *rms_norm(rows, row, 1e-6)]
scores = torch.randn(48, 12)
found += [dropped_softmax(scores, torch.tensor([12, 5, 7, 12]), mask, 0), scores]
print(hashlib.sha256(b"".join(tensor.numpy().tobytes() for tensor in found)).hexdigest())
"""


def digest(cache: Path, seed: int) -> str:
    """What a process with its own order of sets computes."""
    variables = {**os.environ, "NUMBA_CACHE_DIR": str(cache), "PYTHONHASHSEED": str(seed)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=variables, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_resumed_run_computes_what_the_first_one_did_though_only_that_one_compiled(tmp_path: Path) -> None:
    first = digest(tmp_path / "one", 1)
    assert digest(tmp_path / "one", 2) == first, "from the cache"
    assert digest(tmp_path / "two", 3) == first, "compiled anew"
