"""How the threads of a computation wait for each other, on a machine that others use as well.

By default the threads of GNU OpenMP, on which torch computes, spin while they wait: the fastest on a machine of one's
own. Beside another busy process they spin away the time of the very thread that they wait for, and training with two
threads becomes slower than with one. Told not to spin, they sleep: measured beside two busy processes on two cores, 2.2
times as fast as spinning, at a cost of up to a tenth on an idle machine. So it is decided when a run starts.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median_low

_VARIABLE = "GOMP_SPINCOUNT"
_SAMPLES, _PAUSE = 7, 0.01


def sleep_if_busy(running: Callable[[], int] | None = None) -> bool:
    """Lets threads sleep where other processes compute now; without effect once torch is imported or told otherwise.

    Args:
        running: how many threads of the machine want to compute at the moment, this one among them.

    Returns:
        Whether threads will sleep.
    """
    if "torch" in sys.modules or _VARIABLE in os.environ or "OMP_WAIT_POLICY" in os.environ:
        return False
    counts = []
    for _ in range(_SAMPLES):
        counts.append((running or _running)())
        time.sleep(_PAUSE)
    busy = median_low(counts) > 1
    if busy:
        os.environ[_VARIABLE] = "0"
    return busy


def _running() -> int:
    """As the kernel of Linux counts; 1 elsewhere."""
    path = Path("/proc/loadavg")
    return int(path.read_text(encoding="ascii").split()[3].partition("/")[0]) if path.exists() else 1
